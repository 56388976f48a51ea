"""Writes several.json.gz: folders of data, and what `datasets.load_dataset(folder)` makes of each.

Each layout is a dict of paths to contents; texts in class folders are read by `sklearn.datasets.load_files` as well, whose
labels are the names of the folders. Needs datasets and scikit-learn. To add a layout, add a line to LAYOUTS.

    python src/worker/data/several.py
"""
import base64
import gzip
import io
import json
import os
import tarfile
import tempfile
import zipfile
from pathlib import Path

import datasets
from datasets.data_files import DataFilesDict, get_data_patterns
from sklearn.datasets import load_files

datasets.disable_progress_bars()


def csv(*rows, sep=",", head=("text", "label")):
    return "\n".join(sep.join(row) for row in (head, *rows)) + "\n"


def lines(*rows):
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


A, B, C, D = ("play a song", "music"), ("book a table", "food"), ("will it rain", "weather"), ("lunch please", "food")
OBJECTS = [{"text": text, "label": label} for text, label in (A, B, C, D)]


def packed(text):
    return gzip.compress(text.encode(), mtime=0)


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in files.items():
            archive.writestr(name.replace("__", "/").replace("_csv", ".csv"), text)
    return out.getvalue()


def zipped_bytes(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def tarred(mode="w", **files):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, text in files.items():
            info = tarfile.TarInfo(name.replace("__", "/").replace("_csv", ".csv"))
            info.size = len(text.encode())
            archive.addfile(info, io.BytesIO(text.encode()))
    return out.getvalue()


TWO = {"train": csv(A, B), "test": csv(C, D)}
THREE = {"train": csv(A, B), "validation": csv(C), "test": csv(D)}

LAYOUTS = {
    # Splits by the names of files.
    "two": {f"{name}.csv": text for name, text in TWO.items()},
    "three": {f"{name}.csv": text for name, text in THREE.items()},
    "dev": {"train.csv": csv(A, B), "dev.csv": csv(C)},
    "val": {"train.csv": csv(A, B), "val.csv": csv(C), "test.csv": csv(D)},
    "valid": {"train.tsv": csv(A, B, sep="\t"), "valid.tsv": csv(C, sep="\t"), "test.tsv": csv(D, sep="\t")},
    "training": {"training.csv": csv(A, B), "testing.csv": csv(C)},
    "eval": {"train.csv": csv(A, B), "eval.csv": csv(C)},
    "evaluation": {"train.csv": csv(A, B), "evaluation.csv": csv(C)},
    "upper": {"TRAIN.csv": csv(A, B), "TEST.csv": csv(C)},
    "words around": {"my_train.csv": csv(A, B), "my_test.csv": csv(C)},
    "words behind": {"train_v2.csv": csv(A, B), "test_v2.csv": csv(C)},
    "dots": {"reviews.train.csv": csv(A, B), "reviews.test.csv": csv(C)},
    "spaces": {"reviews train.csv": csv(A, B), "reviews test.csv": csv(C)},
    "dashes": {"en-train.jsonl": lines(*OBJECTS[:2]), "en-dev.jsonl": lines(OBJECTS[2]), "en-test.jsonl": lines(OBJECTS[3])},
    "numbers": {"train1.csv": csv(A), "train2.csv": csv(B), "test1.csv": csv(C)},
    "pieces": {
        "train-00000-of-00002.jsonl": lines(OBJECTS[0]),
        "train-00001-of-00002.jsonl": lines(OBJECTS[1]),
        "test-00000-of-00001.jsonl": lines(OBJECTS[2]),
    },
    "pieces in data": {
        "data/train-00000-of-00002.csv": csv(A),
        "data/train-00001-of-00002.csv": csv(B),
        "data/validation-00000-of-00001.csv": csv(C),
    },
    # Splits by the names of folders.
    "folders": {"train/a.csv": csv(A), "train/b.csv": csv(B), "test/c.csv": csv(C)},
    "folders three": {"train/a.jsonl": lines(OBJECTS[0]), "dev/a.jsonl": lines(OBJECTS[1]), "test/a.jsonl": lines(OBJECTS[2])},
    "folders inside": {"data/train/rows.csv": csv(A, B), "data/test/rows.csv": csv(C)},
    "folder words": {"my_train/rows.csv": csv(A, B), "my_test/rows.csv": csv(C)},
    "folder dates": {"train-2024/rows.csv": csv(A, B), "test-2024/rows.csv": csv(C)},
    # No splits.
    "one": {"reviews.csv": csv(A, B, C)},
    "one in a folder": {"data/reviews.csv": csv(A, B, C)},
    "parts": {"part-1.csv": csv(A), "part-2.csv": csv(B), "part-10.csv": csv(C)},
    "months": {"january.csv": csv(A), "february.csv": csv(B, C)},
    "only train": {"train-00000-of-00002.csv": csv(A), "train-00001-of-00002.csv": csv(B)},
    "only one train": {"train.csv": csv(A, B)},
    # Formats.
    "json arrays": {"train.json": json.dumps(OBJECTS[:2]), "test.json": json.dumps(OBJECTS[2:])},
    "json lines named json": {"train.json": lines(*OBJECTS[:2]), "test.json": lines(*OBJECTS[2:])},
    "quotes": {"train.csv": csv(('"a, ""b"""', "x")), "test.csv": csv(('"two\nlines"', "y"))},
    "umlauts": {"train.csv": csv(("Größe ✓", "ä")), "test.csv": csv(("日本語 😀", "ä"))},
    "crlf": {"train.csv": csv(A, B).replace("\n", "\r\n"), "test.csv": csv(C).replace("\n", "\r\n")},
    "no line end": {"train.csv": csv(A, B).rstrip("\n"), "test.csv": csv(C).rstrip("\n")},
    "three columns": {
        "train.csv": csv(("1", "a b", "x"), head=("id", "text", "label")),
        "test.csv": csv(("2", "c d", "y"), head=("id", "text", "label")),
    },
    "other order": {"train.jsonl": lines(*OBJECTS[:2]), "test.jsonl": lines({"label": "food", "text": "soup"})},
    # Notes beside the data.
    "readme": {"README.md": "# About\n", "train.csv": csv(A, B), "test.csv": csv(C)},
    "hidden": {".DS_Store": "x", ".git/config": "x", "__MACOSX/._train.csv": "x", "train.csv": csv(A, B), "test.csv": csv(C)},
    "dataset_infos": {"dataset_infos.json": "{}", "train.jsonl": lines(*OBJECTS[:2]), "test.jsonl": lines(OBJECTS[2])},
    # Packed.
    "gz": {"train.csv.gz": packed(csv(A, B)), "test.csv.gz": packed(csv(C))},
    "gz lines": {"train.jsonl.gz": packed(lines(*OBJECTS[:2])), "dev.jsonl.gz": packed(lines(OBJECTS[2]))},
    "gz in folders": {"train/a.csv.gz": packed(csv(A)), "test/a.csv.gz": packed(csv(B))},
    "gz members": {"train.csv.gz": packed(csv(A)) + packed("book,food\n"), "test.csv.gz": packed(csv(C))},
    "zips": {"train.zip": zipped(rows_csv=csv(A, B)), "test.zip": zipped(rows_csv=csv(C))},
    # Plain text: a row a paragraph.
    "paragraphs": {"train.txt": "one\ntwo\n\nthree", "test.txt": "four\n\nfive"},
    "essays": {"a.txt": "one\ntwo", "b.txt": "three\n\nfour"},
    # What is read otherwise here.
    "camel": {"myTrain.csv": csv(A, B), "myTest.csv": csv(C)},
    "sets": {"trainset.csv": csv(A, B), "testset.csv": csv(C)},
    "unnamed": {"train.csv": csv(A, B), "more.csv": csv(C), "test.csv": csv(D)},
    "unnamed and test": {"reviews.csv": csv(A, B), "test.csv": csv(C)},
    "mixed formats": {"train.csv": csv(A, B), "test.jsonl": lines(OBJECTS[2])},
    "other case": {"train.csv": csv(A, B), "test.csv": csv(C, head=("Text", " LABEL "))},
    "csv in another order": {"train.csv": csv(A, B), "test.csv": csv(C[::-1], head=("label", "text"))},
    "notes": {
        "train.csv": csv(A, B), "test.csv": csv(C), "LICENSE": "MIT", "plot.png": b"\x89PNG", "load.py": "x = 1",
        "CITATION.cff": "cff", "paper.pdf": b"%PDF-", "big.parquet": b"PAR1", "requirements.txt": "pandas",
    },
    "sample submission": {
        "train.csv": csv(("1", *A), ("2", *B), head=("id", "text", "label")),
        "test.csv": csv(("3", C[0]), ("4", D[0]), head=("id", "text")),
        "sample_submission.csv": csv(("3", "food"), ("4", "food"), head=("id", "label")),
    },
    "headless piece": {"part-1.csv": csv(A, B), "part-2.csv": csv(C, D).split("\n", 1)[1]},
    "split inside": {
        "train.csv": csv((*A, "train"), (*B, "test"), head=("text", "label", "split")),
        "test.csv": csv((*C, "train"), (*D, "test"), head=("text", "label", "split")),
    },
    "headless pieces": {
        "part-1.csv": csv(A),
        "part-2.csv": csv(B, C).split("\n", 1)[1],
        "part-3.csv": csv(D, B).split("\n", 1)[1],
    },
    "files as labels": {"music.csv": "text\nplay a song\n", "food.csv": "text\nbook a table\nlunch please\n"},
    "folders as labels": {"x/music/rows.csv": "text\nplay a song\n", "x/food/rows.csv": "text\nbook a table\n"},
    "endings": {"moods.train": "__label__music play a song\n__label__food book a table\n", "moods.test": "__label__weather will it rain\n"},
    "larger test": {
        "train.csv": csv(("1", *A), ("2", *B), head=("id", "text", "label")),
        "test.csv": csv(*((str(i), C[0]) for i in range(20)), head=("id", "text")),
        "sample_submission.csv": csv(*((str(i), "food") for i in range(20)), head=("id", "label")),
    },
    "other tables": {
        "movies.csv": csv(("1", "a film"), head=("movie", "title")),
        "ratings.csv": csv(*((str(i), "1", "5") for i in range(20)), head=("user", "movie", "rating")),
    },
    "empty and broken": {"train.csv": csv(A, B), "test.csv": csv(C), "more.csv": "", "data.bin.csv.crc": "x"},
    "settings beside": {
        "train.csv": csv(A, B), "test.csv": csv(C), "labels.json": '{"0": "food", "1": ', "dataset.yaml": "names:\n  0: food\n",
        "page.jsonl": "<!doctype html><html></html>",
    },
    "unlabelled": {"train/pos/1.txt": "good", "train/neg/1.txt": "bad", "train/unsup/1.txt": "so", "test/pos/1.txt": "fine"},
    "beside classes": {
        "x/train/pos/1.txt": "good", "x/train/neg/1.txt": "bad", "x/train/urls_pos.txt": "http://",
        "x/test/pos/1.txt": "fine", "x/imdb.vocab": "the",
    },
    "tar.gz": {"data.tar.gz": tarred("w:gz", d__train_csv=csv(A, B), d__test_csv=csv(C))},
    "tar": {"data.tar": tarred("w", d__train_csv=csv(A, B), d__test_csv=csv(C))},
    "zip": {"data.zip": zipped(d__train_csv=csv(A, B), d__test_csv=csv(C))},
    "gz in a zip": {"data.zip": zipped_bytes({"train.csv.gz": packed(csv(A, B)), "test.csv.gz": packed(csv(C))})},
    "class called train": {"train/1.txt": "choo", "car/1.txt": "brum"},
    # Texts whose folders are their labels.
    "classes": {"food/1.txt": "soup", "food/2.txt": "bread\nand butter\n", "music/1.txt": "jazz", "music/10.txt": "a song"},
    "imdb": {
        f"{split}/{label}/{number}_7.txt": f"{split} {label} {number}"
        for split in ("train", "test") for label in ("pos", "neg") for number in (0, 1, 10)
    },
    "imdb inside": {
        f"aclImdb/{split}/{label}/{number}.txt": f"{split} {label} {number}"
        for split in ("train", "test") for label in ("pos", "neg") for number in (0, 1)
    },
    "three splits of classes": {
        f"{split}/{label}/a.txt": f"{split} {label}" for split in ("train", "dev", "test") for label in ("x", "y", "z")
    },
    "class umlauts": {"grün/1.txt": "Gras", "süß/1.txt": "Zucker"},
    "class with spaces": {"very good/1.txt": "yes", "not good/1.txt": "no"},
    "empty text": {"a/1.txt": "", "a/2.txt": "x", "b/1.txt": "y"},
    "many": {f"{label}/{number}.txt": f"{label} {number}" for label in "abc" for number in range(40)},
    "newsgroups": {
        f"20news-bydate-{split}/{group}/{number}": f"From: {group} {number}\n\n{split}"
        for split in ("train", "test") for group in ("alt.atheism", "sci.space") for number in (100, 20)
    },
}



def rows(*pairs):
    return [{"text": text, "label": label} for text, label in pairs]


# Where something else is wanted here than `datasets` makes of a folder: why, and what.
OURS = {
    "upper": ("names are compared without their case", {"train": rows(A, B), "test": rows(C)}),
    "camel": ("words in a name may be told apart by capitals", {"train": rows(A, B), "test": rows(C)}),
    "sets": ("“trainset” is a word for it too", {"train": rows(A, B), "test": rows(C)}),
    "unnamed": ("a file that names no split is taken for training, not left out", {"train": rows(A, B, C), "test": rows(D)}),
    "unnamed and test": ("a file that names no split is taken for training, not left out", {"train": rows(A, B), "test": rows(C)}),
    "mixed formats": ("tables of one kind of columns are joined whatever their format", {"train": rows(A, B), "test": rows(C)}),
    "other case": ("column names are compared without case and spaces", {"train": rows(A, B), "test": rows(C)}),
    "csv in another order": ("columns go by their names", {"train": rows(A, B), "test": rows(C)}),
    "notes": ("files that are no data are left out", {"train": rows(A, B), "test": rows(C)}),
    "sample submission": (
        "a table with other columns is left out; cells that a file has no column for are empty",
        {
            "train": [{"id": "1", **rows(A)[0]}, {"id": "2", **rows(B)[0]}],
            "test": [{"id": "3", "text": C[0], "label": ""}, {"id": "4", "text": D[0], "label": ""}],
        },
    ),
    "headless piece": ("a file without names of columns goes by their order", {"train": rows(A, B, C, D)}),
    "headless pieces": ("a file without names of columns goes by their order", {"train": rows(A, B, C, D, B)}),
    "files as labels": ("files of texts alone are named by their labels", {"train": rows(A, B, D)}),
    "folders as labels": ("folders of texts alone are named by their labels", {"train": rows(A, B)}),
    "endings": ("datasets does not know these endings", {"train": rows(A, B), "test": rows(C)}),
    "larger test": (
        "a table without the texts is left out",
        {
            "train": [{"id": "1", **rows(A)[0]}, {"id": "2", **rows(B)[0]}],
            "test": [{"id": str(i), "text": C[0], "label": ""} for i in range(20)],
        },
    ),
    "other tables": (
        "the table with the most bytes is read", {"train": [{"user": str(i), "movie": "1", "rating": "5"} for i in range(20)]}
    ),
    "empty and broken": ("files that are no data are left out", {"train": rows(A, B), "test": rows(C)}),
    "settings beside": ("what cannot be read is left out where it ends otherwise", {"train": rows(A, B), "test": rows(C)}),
    "unlabelled": (
        "texts in a folder for texts without labels have none",
        {"train": rows(("good", "pos"), ("bad", "neg"), ("so", "")), "test": rows(("fine", "pos"))},
    ),
    "beside classes": (
        "files beside the folders of texts are left out",
        {"train": rows(("good", "pos"), ("bad", "neg")), "test": rows(("fine", "pos"))},
    ),
    "split inside": ("a column that names splits counts more than names of files", {"train": rows(A, C), "test": rows(B, D)}),
    "tar.gz": ("archives are folders", {"train": rows(A, B), "test": rows(C)}),
    "zip": ("archives are folders", {"train": rows(A, B), "test": rows(C)}),
    "tar": ("archives are folders", {"train": rows(A, B), "test": rows(C)}),
    "gz in a zip": ("archives are folders", {"train": rows(A, B), "test": rows(C)}),
    "class called train": ("folders are splits only when all of them are", {"train": rows(("choo", "train"), ("brum", "car"))}),
}


def write(folder, files):
    for path, content in files.items():
        target = Path(folder, path)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())


def cell(value):
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)


def is_texts(files):
    return all("/" in path and Path(path).suffix in (".txt", "") for path in files)


def texts(folder, files):
    """Rows of class folders: the split by datasets' patterns, the text and the label by sklearn."""
    splits = {}
    for split, found in DataFilesDict.from_patterns(get_data_patterns(folder), base_path=folder).items():
        for path in found:
            above = Path(path).parent.parent
            loaded = load_files(above, encoding="utf-8", shuffle=False, decode_error="strict")
            at = [os.path.realpath(name) for name in loaded.filenames].index(os.path.realpath(path))
            row = {"text": loaded.data[at], "label": loaded.target_names[loaded.target[at]]}
            splits.setdefault(str(split), []).append(row)
    return splits


def tables(folder, files):
    names = " ".join(files)
    options = {"keep_default_na": False} if ".csv" in names or ".tsv" in names or ".zip" in names else {}
    if ".txt" in names:
        options = {"sample_by": "paragraph"}
    with tempfile.TemporaryDirectory() as cache:
        loaded = datasets.load_dataset(folder, cache_dir=cache, **options)
        return {
            split: [{name: cell(value) for name, value in row.items()} for row in rows] for split, rows in loaded.items()
        }


def expected(name, files):
    with tempfile.TemporaryDirectory() as folder:
        write(folder, files)
        try:
            return (texts if is_texts(files) else tables)(folder, files)
        except Exception as error:  # noqa: BLE001 - whatever the library says is what is kept
            return {"error": f"{type(error).__name__}: {error}".split("\n")[0].replace(folder, "FOLDER")[:200]}


def content(value):
    return {"base64": base64.b64encode(value).decode()} if isinstance(value, bytes) else value


if __name__ == "__main__":
    cases = []
    for name, files in LAYOUTS.items():
        made = expected(name, files)
        print(name, {split: len(rows) for split, rows in made.items()} if "error" not in made else made, flush=True)
        case = {"name": name, "files": {path: content(value) for path, value in files.items()}, "expected": made}
        if name in OURS:
            case["why"], case["ours"] = OURS[name]
        cases.append(case)
    text = json.dumps(cases, ensure_ascii=False, sort_keys=True).encode()
    Path(__file__).with_suffix(".json.gz").write_bytes(gzip.compress(text, mtime=0))
