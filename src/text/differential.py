"""Writes differential.json.gz: 200 tokenizers of all kinds of parts, and what the Rust library `tokenizers` (through its
Python package, 0.23.2) gives for 40 texts: ids with special tokens, and the ids and places of the text alone.

    python3 src/text/differential.py     # needs: pip install tokenizers==0.23.2

Places are in code points, as Python counts. A text that the library cannot take has null; a tokenizer that it cannot
open has the error instead of results.
"""

import gzip
import json
import random
from pathlib import Path

from tokenizers import Tokenizer

random.seed(20250)
OUT = Path(__file__).with_name("differential.json.gz")

TEXTS = [
    "", " ", "Hello world", " Hello  world ", "hello <user> there", "hello <USER> there", "a<user>b <mask>x <mask> y",
    "[CLS] a [SEP] b </s>", "  leading", "trailing  ", "tab\there\u00a0nbsp", "line\nbreak\r\nnext\n\n", "1,234.5 and 007",
    "½ ٣ Ⅷ 12ab34", "it's they're I'LL don't", "cafe\u0301 vs café naïve", "İstanbul ΣΑΣ Σ straße ﬁne Å ⑳", "größe Übermaß",
    "日本語 の 文章、中文。カタカナ ｶﾀｶﾅ", "한국어 문장 하나", "नमस्ते दुनिया", "สวัสดีชาวโลก", "Привет, мир! ёлка", "مرحبا بالعالم",
    "zwj 👨\u200d👩\u200d👧 family 😀👍🏽", "\u200bzero\u200dwidth\ufeffbom", "control\u0000\u0007\u0085chars\ufffd", "\U00020000a\U0001d400b",
    "foo_bar-baz.qux/quux@x.org", "!!!...???--==", "a" * 60, "ab" * 30 + "c", "x = [1, 2]; // {y}", "A.B.C. U.S.A.", "CamelCaseWORDS",
    "under▁score ▁▁x", "Ġspecial Ċ", "the quick brown fox jumps over the lazy dog", "aaa bbb  ccc   ddd    e", "<s>x</s><unk> end.",
]
WORDS = """hello world the quick brown fox jumps over lazy dog there it s they re don t cafe café naïve straße größe über
a b c ab abc aa aaa bb foo bar baz 日本 語 中文 の 한국 мир привет line break next 12 34 007 1 x y camel case words special
score end user mask""".split()
SPECIALS = ["<unk>", "[CLS]", "[SEP]", "[PAD]", "<s>", "</s>"]
CHARS = sorted({c for text in TEXTS for c in text if c not in "\u200b\u0378🏽"})


def bytes_alphabet():
    printable = list(range(33, 127)) + list(range(161, 173)) + list(range(174, 256))
    codes, extra = dict((b, chr(b)) for b in printable), 0
    for b in range(256):
        if b not in codes:
            codes[b] = chr(256 + extra)
            extra += 1
    return codes


BYTES = bytes_alphabet()
as_bytes = lambda word: "".join(BYTES[b] for b in word.encode())

REGEXES = [
    r"'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+",
    r"\s+", r"\w+|[^\w\s]+", r"[\p{Han}\p{Hiragana}]", r"\d", r"(?<=[a-z])(?=[A-Z])", r"\b", r"^.", r".$", r"\p{Lu}",
    r"[[:punct:]]", r"(?m).+", r"\p{N}{1,3}+", r"[^\S\n]+", r"\X", r"\h", r"👨‍👩‍👧|😀", r"a++b?", r"[a-z&&[^aeiou]]+", r"(?i)ß|σ",
]
BEHAVIORS = ["Removed", "Isolated", "MergedWithPrevious", "MergedWithNext", "Contiguous"]


def pattern():
    return random.choice([{"Regex": random.choice(REGEXES)}, {"String": random.choice([" ", "a", ".", "▁", "ab", "の"])}])


def normalizer(depth=0):
    kinds = [
        lambda: {"type": random.choice(["NFC", "NFD", "NFKC", "NFKD", "Lowercase", "StripAccents", "Nmt"])},
        lambda: {"type": "BertNormalizer", "clean_text": random.random() < 0.7, "handle_chinese_chars": random.random() < 0.7,
                 "strip_accents": random.choice([None, True, False]), "lowercase": random.random() < 0.6},
        lambda: {"type": "Strip", "strip_left": random.random() < 0.6, "strip_right": random.random() < 0.6},
        lambda: {"type": "Prepend", "prepend": random.choice(["▁", " ", "x"])},
        lambda: {"type": "Replace", "pattern": pattern(), "content": random.choice(["", " ", "▁", "xy", "$1"])},
        lambda: {"type": "ByteLevel"},
    ]
    if depth == 0 and random.random() < 0.3:
        return None
    if depth == 0 and random.random() < 0.45:
        return {"type": "Sequence", "normalizers": [normalizer(1) for _ in range(random.randint(0, 3))]}
    return random.choice(kinds)()


def pre_tokenizer(depth=0):
    kinds = [
        lambda: {"type": random.choice(["Whitespace", "WhitespaceSplit", "BertPreTokenizer", "UnicodeScripts"])},
        lambda: {"type": "ByteLevel", "add_prefix_space": random.random() < 0.5, "trim_offsets": random.random() < 0.5,
                 "use_regex": random.random() < 0.6},
        lambda: {"type": "Metaspace", "replacement": random.choice(["▁", "_"]),
                 "prepend_scheme": random.choice(["always", "never", "first"]), "split": random.random() < 0.6},
        lambda: {"type": "Punctuation", "behavior": random.choice(BEHAVIORS)},
        lambda: {"type": "Digits", "individual_digits": random.random() < 0.5},
        lambda: {"type": "CharDelimiterSplit", "delimiter": random.choice([" ", ".", "a"])},
        lambda: {"type": "Split", "pattern": pattern(), "behavior": random.choice(BEHAVIORS), "invert": random.random() < 0.3},
        lambda: {"type": "FixedLength", "length": random.randint(1, 7)},
    ]
    if depth == 0 and random.random() < 0.12:
        return None
    if depth == 0 and random.random() < 0.4:
        return {"type": "Sequence", "pretokenizers": [pre_tokenizer(1) for _ in range(random.randint(1, 3))]}
    return random.choice(kinds)()


def pieces(byte_level):
    words = random.sample(WORDS, 40)
    starts = [w[:k] for w in words for k in range(2, len(w) + 1)] + ["▁" + w for w in words[:20]] + [" " + w for w in words[:9]]
    if byte_level:
        return sorted(set(BYTES.values())), [as_bytes(p) for p in dict.fromkeys(starts)]
    return random.sample(CHARS + ["▁", "_"], int(len(CHARS) * 0.85)), list(dict.fromkeys(starts))


def model(byte_level):
    kind = random.choice(["BPE", "BPE", "WordPiece", "Unigram", "WordLevel"])
    chars, starts = pieces(byte_level)
    base = SPECIALS + [c for c in chars if c not in SPECIALS]
    if kind == "WordLevel":
        return {"type": kind, "vocab": ids(base + starts), "unk_token": "<unk>"}
    if kind == "WordPiece":
        prefix = random.choice(["##", "##", "_"])
        inside = [prefix + c for c in chars] + [prefix + s[1:] for s in starts if len(s) > 2]
        return {"type": kind, "unk_token": "<unk>", "continuing_subword_prefix": prefix,
                "max_input_chars_per_word": random.choice([5, 20, 100]), "vocab": ids(base + starts + inside)}
    if kind == "Unigram":
        scores = [[t, 0 if t in SPECIALS else -round(random.uniform(1, 12), 3)] for t in base + starts]
        fallback = random.random() < 0.3
        scores += [[f"<0x{b:02X}>", -9.0] for b in range(256)] if fallback else []
        return {"type": kind, "unk_id": 0, "vocab": list({t: [t, s] for t, s in scores}.values()), "byte_fallback": fallback}
    suffix = random.choice(["", "", "</w>"])
    vocab, merges = list(base), []
    for word in starts:
        built = word[0]
        for at in range(1, len(word)):
            last = word[at] + (suffix if suffix and at == len(word) - 1 and random.random() < 0.5 else "")
            for new in (built, last, built + last):
                if new not in vocab:
                    vocab.append(new)
            if (built, last) not in merges:
                merges.append((built, last))
            built += last
            if last.endswith("</w>"):
                break
    fallback = random.random() < 0.3
    vocab += [f"<0x{b:02X}>" for b in range(256)] if fallback else []
    random.shuffle(merges) if random.random() < 0.2 else None
    return {"type": kind, "dropout": None, "unk_token": random.choice(["<unk>", "<unk>", None]),
            "continuing_subword_prefix": None, "end_of_word_suffix": suffix or None, "fuse_unk": random.random() < 0.5,
            "byte_fallback": fallback, "ignore_merges": random.random() < 0.3, "vocab": ids(vocab),
            "merges": [list(m) for m in merges]}


ids = lambda tokens: {token: at for at, token in enumerate(dict.fromkeys(tokens))}


def post_processor(token, depth=0):
    cls, sep = [["[CLS]", token["[CLS]"]], ["[SEP]", token["[SEP]"]]]
    at = lambda name, kind=0: {"SpecialToken": {"id": name, "type_id": kind}}
    text = lambda name, kind=0: {"Sequence": {"id": name, "type_id": kind}}
    special = lambda *names: {n: {"id": n, "ids": [token[n]], "tokens": [n]} for n in names}
    kinds = [
        lambda: {"type": "BertProcessing", "sep": sep, "cls": cls},
        lambda: {"type": "RobertaProcessing", "sep": sep, "cls": cls, "trim_offsets": random.random() < 0.5,
                 "add_prefix_space": random.random() < 0.5},
        lambda: {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": random.random() < 0.5, "use_regex": True},
        lambda: {"type": "TemplateProcessing", "single": [at("<s>"), text("A"), at("</s>")],
                 "pair": [at("<s>"), text("A"), at("</s>"), at("</s>", 1), text("B", 1), at("</s>", 1)],
                 "special_tokens": special("<s>", "</s>")},
        lambda: {"type": "TemplateProcessing", "single": [text("A"), at("</s>", 2)], "pair": [text("B", 1), text("A"), at("<s>")],
                 "special_tokens": special("<s>", "</s>")},
    ]
    if depth == 0 and random.random() < 0.2:
        return None
    if depth == 0 and random.random() < 0.15:
        return {"type": "Sequence", "processors": [kinds[2](), kinds[3]()]}
    return random.choice(kinds)()


def added(count):
    names = random.sample(["<user>", "<USER>", "<mask>", "[CLS]", "[SEP]", "</s>", "<s>", "ab", "hello", "Σ", "の", "1", "o w"],
                          random.randint(0, 6))
    flag = lambda share: random.random() < share
    return [{"content": n, "single_word": flag(0.25), "lstrip": flag(0.25), "rstrip": flag(0.25), "normalized": flag(0.5),
             "special": flag(0.6)} for n in names]


def case():
    split = pre_tokenizer()
    byte_level = "ByteLevel" in json.dumps(split)
    parts = {"version": "1.0", "truncation": None, "padding": None, "added_tokens": [], "normalizer": normalizer(),
             "pre_tokenizer": split, "post_processor": None, "decoder": None, "model": model(byte_level)}
    vocab = parts["model"]["vocab"]
    known = {t: i for i, (t, _) in enumerate(vocab)} if isinstance(vocab, list) else dict(vocab)
    for token in added(len(known)):
        token["id"] = known.setdefault(token["content"], len(known))
        parts["added_tokens"].append(token)
    parts["added_tokens"].sort(key=lambda token: token["id"])
    parts["post_processor"] = post_processor(known)
    return parts


def deltas(numbers):
    return [n - (numbers[i - 1] if i else 0) for i, n in enumerate(numbers)]


def results(parts):
    try:
        tokenizer = Tokenizer.from_str(json.dumps(parts))
    except Exception as error:
        return str(error)
    rows = []
    for at, text in enumerate(TEXTS):
        try:
            pair = TEXTS[(at * 7 + 3) % len(TEXTS)] if at % 4 == 0 else None
            whole = tokenizer.encode(text, pair)
            bare = tokenizer.encode(text, add_special_tokens=False)
            starts, ends = [o[0] for o in bare.offsets], [o[1] for o in bare.offsets]
            rows.append([whole.ids, sum(i * t for i, t in enumerate(whole.type_ids)), bare.ids, deltas(starts), deltas(ends)])
        except BaseException as error:
            if isinstance(error, KeyboardInterrupt):
                raise
            rows.append(None)
    return rows


def main():
    cases = []
    while len(cases) < 200:
        parts = case()
        cases.append({"json": parts, "results": results(parts)})
    packed = gzip.compress(json.dumps({"texts": TEXTS, "cases": cases}, ensure_ascii=False, separators=(",", ":")).encode(), 9, mtime=0)
    OUT.write_bytes(packed)
    failed = sum(isinstance(c["results"], str) for c in cases)
    nulls = sum(r is None for c in cases if isinstance(c["results"], list) for r in c["results"])
    print(f"{len(cases)} tokenizers ({failed} not opened, {nulls} texts not taken), {len(packed)} bytes")


if __name__ == "__main__":
    main()
