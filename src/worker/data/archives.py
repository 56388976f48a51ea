"""Writes archives.json.gz: archives of all kinds that Python's own modules write, and what those modules read from each.

    python3 src/worker/data/archives.py
"""
import base64
import gzip
import io
import json
import lzma
import bz2
import tarfile
import zipfile
from pathlib import Path

TABLE = "text,label\nplay a song,music\nbook a table,food\nGröße ✓,größer\n"
OTHER = "text,label\nwill it rain,weather\n"
LONG = "a-long-folder-name/" * 8 + "with-a-file-of-a-long-name-" * 3 + "train.csv"


def zipped(files, method=zipfile.ZIP_DEFLATED, streamed=False, comment=b"", wide=False):
    out = io.BytesIO()

    class Unseekable(io.RawIOBase):
        """What cannot be wound back gets its sizes behind each file."""

        def writable(self):
            return True

        def write(self, data):
            out.write(data)
            return len(data)

    with zipfile.ZipFile(Unseekable() if streamed else out, "w", method) as archive:
        for name, text in files.items():
            if name.endswith("/"):
                archive.mkdir(name)
                continue
            info = zipfile.ZipInfo(name)
            info.compress_type = method
            with archive.open(info, "w", force_zip64=wide) as file:
                file.write(text.encode())
        archive.comment = comment
    return out.getvalue()


def deflated(files, **options):
    """ZipInfo has a method of its own, which writestr sets from the archive's."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, **options) as archive:
        for name, text in files.items():
            archive.writestr(name, text)
    return out.getvalue()


def old_names(archive, name, encoding):
    """The archive as a tool writes it that knows no UTF-8: the name in another encoding, the flag not set."""
    marked = name.encode()
    plain = name.encode(encoding)
    plain += b"_" * (len(marked) - len(plain))
    data = bytearray(archive.replace(marked, plain))
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.find(signature)
        data[place + at + 1] &= ~0x08
    return bytes(data)


def tarred(files, mode="w", **options):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode, **options) as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name)
            if name.endswith("/"):
                info.type = tarfile.DIRTYPE
                archive.addfile(info)
                continue
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


def linked():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        info = tarfile.TarInfo("train.csv")
        info.size = len(TABLE.encode())
        archive.addfile(info, io.BytesIO(TABLE.encode()))
        for kind, name in ((tarfile.SYMTYPE, "link.csv"), (tarfile.LNKTYPE, "hard.csv")):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = kind, "train.csv"
            archive.addfile(link)
    return out.getvalue()


def named_gzip(name):
    out = io.BytesIO()
    with gzip.GzipFile(name, "wb", fileobj=out, mtime=0) as file:
        file.write(TABLE.encode())
    return out.getvalue()


BOTH = {"train.csv": TABLE, "test.csv": OTHER}
ONE = {"train.csv": TABLE}
PACKED = gzip.compress(TABLE.encode(), mtime=0)

ARCHIVES = {
    "stored.zip": zipped(BOTH, zipfile.ZIP_STORED),
    "deflated.zip": deflated(BOTH),
    "best.zip": deflated(BOTH, compresslevel=9),
    "streamed.zip": zipped(BOTH, streamed=True),
    "zip64.zip": zipped(BOTH, wide=True),
    "comment.zip": zipped(BOTH, comment=b"what this comment says is of no account " * 30),
    "folders.zip": zipped({"data/": "", "data/train.csv": TABLE, "data/test.csv": OTHER}),
    "utf8 names.zip": deflated({"größe.csv": TABLE}),
    "cp437 names.zip": old_names(deflated({"größe.csv": TABLE}), "größe.csv", "cp437"),
    "many.zip": deflated({f"part-{number}.csv": f"text,label\nrow {number},x\n" for number in range(300)}),
    "empty file.zip": deflated({"train.csv": TABLE, "empty.csv": ""}),
    "plain.csv.gz": PACKED,
    "members.csv.gz": PACKED + gzip.compress("one more,food\n".encode(), mtime=0),
    "many members.csv.gz": PACKED + b"".join(gzip.compress(f"row {i},x\n".encode(), mtime=0) for i in range(50)),
    "named.gz": named_gzip("inside.csv"),
    "stored.csv.gz": gzip.compress(TABLE.encode(), 0, mtime=0),
    "empty member.csv.gz": PACKED + gzip.compress(b"", mtime=0),
    "ustar.tar": tarred(BOTH, format=tarfile.USTAR_FORMAT),
    "gnu.tar": tarred({LONG: TABLE, "test.csv": OTHER}, format=tarfile.GNU_FORMAT),
    "pax.tar": tarred({LONG.replace("long", "größer"): TABLE, "test.csv": OTHER}, format=tarfile.PAX_FORMAT),
    "folders.tar": tarred({"data/": "", "data/train.csv": TABLE, "data/test.csv": OTHER}),
    "dots.tar": tarred({"./": "", "./train.csv": TABLE, "./test.csv": OTHER}),
    "links.tar": linked(),
    "both.tar.gz": tarred(BOTH, "w:gz"),
    "both.tgz": tarred(BOTH, "w:gz"),
    "tar in a zip.zip": deflated({"inner.tar": tarred(BOTH)}),
    "gz in a tar.tar": b"",
    "bzip2.zip": zipped(ONE, zipfile.ZIP_BZIP2),
    "lzma.zip": zipped(ONE, zipfile.ZIP_LZMA),
    "cut.zip": deflated(BOTH)[:-40],
    "cut.csv.gz": PACKED[:-12],
    "spoilt.csv.gz": PACKED[:-8] + bytes(4) + PACKED[-4:],
    "cut.tar": tarred(BOTH)[:700],
    "climbs.zip": deflated({"../../train.csv": TABLE}),
    "train.csv.bz2": bz2.compress(TABLE.encode()),
    "train.csv.xz": lzma.compress(TABLE.encode()),
    "nothing.zip": deflated({}),
}


def tar_of_gz():
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for name, data in (("train.csv.gz", PACKED), ("test.csv.gz", gzip.compress(OTHER.encode(), mtime=0))):
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    return out.getvalue()


ARCHIVES["gz in a tar.tar"] = tar_of_gz()


def members(name, data):
    """All files inside by their names, as Python reads them; of an archive inside, its files."""
    if name.endswith((".tar", ".tgz", ".tar.gz")):
        with tarfile.open(fileobj=io.BytesIO(data)) as archive:
            found = {info.name.removeprefix("./"): archive.extractfile(info).read() for info in archive if info.isfile()}
    elif name.endswith(".zip"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            found = {info.filename: archive.read(info) for info in archive.infolist() if not info.is_dir()}
    elif name.endswith(".gz"):
        return {name[: -len(".gz")]: gzip.decompress(data).decode()}
    else:
        return {name: data.decode()}
    inside = {}
    for inner, content in found.items():
        for path, text in members(inner, content).items():
            inside[path if path == inner or inner.endswith(".gz") else f"{inner}/{path}"] = text
    return inside


REFUSED = ("bzip2.zip", "lzma.zip", "cut", "spoilt", "climbs", "train.csv.bz2", "train.csv.xz", "nothing")

if __name__ == "__main__":
    cases = []
    for name, data in ARCHIVES.items():
        case = {"name": name, "base64": base64.b64encode(data).decode()}
        if not name.startswith(REFUSED):
            case["files"] = members(name, data)
        cases.append(case)
        print(name, len(data), list(case.get("files", {}))[:3])
    text = json.dumps(cases, ensure_ascii=False).encode()
    Path(__file__).with_suffix(".json.gz").write_bytes(gzip.compress(text, mtime=0))
