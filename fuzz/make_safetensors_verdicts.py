"""Writes fixtures/safetensors-verdicts.jsonl: small files, sound and spoilt, each with what the official reader says about it.

Run it in a Python environment with `safetensors` (0.8.0 wrote the file that is here): python fuzz/make_safetensors_verdicts.py
Each line is [accepted, base64 of the file].
"""

import base64
import json
import random
import struct
from pathlib import Path

import safetensors

RANDOM_CASES = 1200
SEED = 20

WIDTHS = {
    "F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U8": 1, "BOOL": 1,
    "U16": 2, "U32": 4, "U64": 8, "C64": 8, "F8_E4M3": 1, "F8_E5M2": 1, "F8_E8M0": 1, "F4": 0.5,
}


def file_of(header: str | bytes, data: bytes = b"", length: int | None = None) -> bytes:
    raw = header.encode("utf-8", "surrogatepass") if isinstance(header, str) else header
    return struct.pack("<Q", (len(raw) if length is None else length) % 2**64) + raw + data


def entry(begin: int, end: int, shape="[2]", dtype="F32") -> str:
    return f'{{"dtype":"{dtype}","shape":{shape},"data_offsets":[{begin},{end}]}}'


def by_hand() -> list[bytes]:
    """Every rule of the format, kept and broken."""
    cases = [b"", b"\x00" * 7, b"\x00" * 8, b"\x00" * 9, file_of("{}"), file_of("{}", b"\x00"), file_of("[]"), file_of("null"), file_of("")]
    cases += [file_of("{}", length=n) for n in (0, 1, 3, 100_000_000, 100_000_001, 2**31, 2**32, 2**53, 2**63, 2**64 - 1)]
    for header in ("{} ", "{}  \n\t\r", " {}", "\n{}", "\ufeff{}", "{}\x00", "{}x", "{,}", "{ }", "{\x0b}", "{}{}", "{}\u00a0"):
        cases.append(file_of(header))
    for dtype, width in WIDTHS.items():
        size = int(2 * width)
        cases.append(file_of(f'{{"a":{entry(0, size, "[2]", dtype)}}}', b"\x00" * size))
        cases.append(file_of(f'{{"a":{entry(0, size + 1, "[2]", dtype)}}}', b"\x00" * (size + 1)))
    for dtype in ("f32", "F33", "", "toString", "FLOAT", "F32 ", "\\u004632"):
        cases.append(file_of(f'{{"a":{entry(0, 8, "[2]", dtype)}}}', b"\x00" * 8))
    shapes = ("[]", "[0]", "[2]", "[1,2]", "[2,1]", "[2.0]", "[2e0]", "[-2]", "[-0]", "[02]", "[+2]", '["2"]', "[null]", "2", "null", "{}", "[[2]]", "[2,]", "[true]",
              "[3]", "[1]", "[4294967296,4294967296,2]", "[4294967296,4294967296,0]", "[0,4294967296,4294967296]", "[18446744073709551615]", "[18446744073709551616]",
              "[9223372036854775808,0]", "[4611686018427387904,0]", "[" + ",".join(["1"] * 500) + ",2]")
    for shape in shapes:
        for size in (8, 4, 0):
            cases.append(file_of(f'{{"a":{entry(0, size, shape)}}}', b"\x00" * size))
    for offsets in ("[0,8]", "[0,8,8]", "[0]", "[]", "[8,0]", "[-0,8]", "[0.0,8]", "[0,8.0]", "[0,8e0]", '["0",8]', "null", "{}", "[null,8]", "[0, 8 ]", "[00,8]",
                    "[4,12]", "[1,9]", "[0,18446744073709551615]", "[18446744073709551608,18446744073709551616]"):
        for size in (8, 12):
            cases.append(file_of(f'{{"a":{{"dtype":"F32","shape":[2],"data_offsets":{offsets}}}}}', b"\x00" * size))
    for names in (('a', 'a'), ('a', 'b'), ('', 'b'), ('__proto__', 'constructor'), ('__metadata__', 'b'), ('\\u0061', 'a'), ('\\ud800', 'b'), ('\\ud83d\\ude00', 'b'), ('é', 'é')):
        cases.append(file_of(f'{{"{names[0]}":{entry(0, 8)},"{names[1]}":{entry(8, 16)}}}', b"\x00" * 16))
    for first, second, size in (((0, 8), (8, 16), 16), ((8, 16), (0, 8), 16), ((0, 8), (4, 12), 12), ((0, 8), (0, 8), 8), ((0, 8), (12, 20), 20), ((4, 12), (12, 20), 20)):
        cases.append(file_of(f'{{"a":{entry(*first)},"b":{entry(*second)}}}', b"\x00" * size))
    cases.append(file_of(f'{{"a":{entry(0, 0, "[0]")},"b":{entry(0, 8)},"c":{entry(8, 8, "[0,3]")}}}', b"\x00" * 8))
    cases.append(file_of(f'{{"a":{entry(0, 8)},"b":{entry(4, 4, "[0]")}}}', b"\x00" * 8))
    for metadata in ("null", "{}", "[]", "1", '"a"', '{"a":"b"}', '{"a":1}', '{"a":null}', '{"a":["b"]}', '{"a":{}}', '{"a":"b","a":"c"}', '{"__proto__":"x"}', '{"":""}', '{"a":"\\ud800"}', '{"a":"\\u0000"}'):
        cases.append(file_of(f'{{"__metadata__":{metadata},"a":{entry(0, 8)}}}', b"\x00" * 8))
        cases.append(file_of(f'{{"a":{entry(0, 8)},"__metadata__":{metadata}}}', b"\x00" * 8))
    cases.append(file_of(f'{{"__metadata__":{{}},"__metadata__":{{}},"a":{entry(0, 8)}}}', b"\x00" * 8))
    for fields in ('"dtype":"F32","shape":[2]', '"dtype":"F32","data_offsets":[0,8]', '"shape":[2],"data_offsets":[0,8]', '"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":[1,{"x":null}]',
                   '"dtype":"F32","dtype":"F32","shape":[2],"data_offsets":[0,8]', '"dtype":"F32","shape":[2],"data_offsets":[0,8],"data_offsets":[0,8]', '"dtype":"F16","dtype":"F32","shape":[2],"data_offsets":[0,8]',
                   '"dtype":null,"shape":[2],"data_offsets":[0,8]', '"dtype":["F32"],"shape":[2],"data_offsets":[0,8]', '"Dtype":"F32","shape":[2],"data_offsets":[0,8]'):
        cases.append(file_of(f'{{"a":{{{fields}}}}}', b"\x00" * 8))
    for value in ('["F32",[2],[0,8]]', '["F32",[2],[0,8],1]', '[]', '"F32"', "null", "true", "1"):
        cases.append(file_of(f'{{"a":{value}}}', b"\x00" * 8))
    for depth in (10, 90, 120, 126, 127, 128, 129, 200, 5000):
        cases.append(file_of(f'{{"a":{{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":{"[" * depth}{"]" * depth}}}}}', b"\x00" * 8))
    for raw in (b'{"\xff":1}', b'{"\xc3\xa9":' + entry(0, 8).encode() + b"}", b'{"\xc3":' + entry(0, 8).encode() + b"}", b'{"\xed\xa0\x80":' + entry(0, 8).encode() + b"}", b'{"a\x01":' + entry(0, 8).encode() + b"}", b'{"a\\x":' + entry(0, 8).encode() + b"}", b'{"a\\/":' + entry(0, 8).encode() + b"}"):
        cases.append(file_of(raw, b"\x00" * 8))
    for number in ("1e400", "-1", "1E5", "1.", ".5", "0x10", "NaN", "Infinity", "-", "1e", "99999999999999999999999999"):
        cases.append(file_of(f'{{"a":{{"dtype":"F32","shape":[2],"data_offsets":[0,8],"more":{number}}}}}', b"\x00" * 8))
    return cases


def sound(rng: random.Random) -> bytes:
    """A sound file of up to four tensors, the header padded as writers do."""
    fields, data = [], b""
    for index in range(rng.randint(0, 4)):
        dtype = rng.choice(["F32", "F16", "BF16", "I64", "U8", "BOOL", "F64", "I8"])
        shape = [rng.randint(0, 3) for _ in range(rng.randint(0, 3))]
        size = WIDTHS[dtype]
        for extent in shape:
            size *= extent
        fields.append((f"t{index}", {"dtype": dtype, "shape": shape, "data_offsets": [len(data), len(data) + size]}))
        data += bytes(rng.randrange(256) for _ in range(size))
    rng.shuffle(fields)
    header = dict(fields)
    if rng.random() < 0.5:
        header["__metadata__"] = {"format": "pt"}
    text = json.dumps(header, separators=(",", ":"))
    return file_of(text + " " * (-len(text) % 8), data)


def spoilt(rng: random.Random) -> bytes:
    raw = bytearray(sound(rng))
    for _ in range(rng.randint(0, 3)):
        place = rng.randrange(len(raw) + 1)
        # Most of the damage belongs where the rules are: in the header.
        if rng.random() < 0.7:
            place = rng.randrange(min(len(raw), 8 + int.from_bytes(raw[:8], "little") % 4096) + 1)
        kind = rng.choice(["digit", "byte", "insert", "remove", "end", "piece", "length"])
        if kind == "digit":
            digits = [i for i, byte in enumerate(raw) if i >= 8 and 0x30 <= byte <= 0x39]
            if digits:
                raw[rng.choice(digits)] = rng.choice(b"0123456789-.e")
        elif kind == "byte" and place < len(raw):
            raw[place] = rng.randrange(256)
        elif kind == "insert":
            raw[place:place] = bytes([rng.choice(b'{}[]",:0123456789 \n\\-.eu')])
        elif kind == "remove":
            del raw[place : place + rng.randint(1, 3)]
        elif kind == "end":
            del raw[place:]
        elif kind == "piece":
            raw[place:place] = rng.choice([b",1", b'"a":1,', b"[]", b"{}", b"null", b"  ", b"\x00", b'"shape":[1],', b'"__metadata__":{"a":"b"},'])
        elif kind == "length" and len(raw) >= 8:
            length = int.from_bytes(raw[:8], "little") + rng.choice([-8, -1, 1, 8, 2**32, 2**62])
            raw[:8] = struct.pack("<Q", length % 2**64)
        # Half of the time the length is put right again, so that the header's own rules decide.
        if kind in ("insert", "remove", "piece") and len(raw) >= 8 and rng.random() < 0.6:
            end = raw.rfind(b"}") + 1
            if end > 8:
                raw[:8] = struct.pack("<Q", end - 8)
    return bytes(raw)


def accepted(raw: bytes) -> bool:
    try:
        safetensors.deserialize(raw)
    except safetensors.SafetensorError:
        return False
    return True


def main() -> None:
    rng = random.Random(SEED)
    cases = list(dict.fromkeys(by_hand() + [spoilt(rng) for _ in range(RANDOM_CASES)]))
    lines = [json.dumps([accepted(raw), base64.b64encode(raw).decode()], separators=(",", ":")) for raw in cases]
    path = Path(__file__).parent / "fixtures" / "safetensors-verdicts.jsonl"
    path.write_text("\n".join(lines) + "\n")
    print(f"{len(lines)} files, {sum(line.startswith('[true') for line in lines)} of them accepted by safetensors {safetensors.__version__}")


main()
