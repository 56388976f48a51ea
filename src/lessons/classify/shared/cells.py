"""Writes cells.json.gz: columns of label cells as Python, NumPy, pandas and people write them, and what Python says that
they hold: the sets they were printed from (classes by scikit-learn's MultiLabelBinarizer), `ast.literal_eval`, pandas'
own numbers and missing words.

    python3 src/lessons/classify/shared/cells.py     # needs: pip install numpy pandas scikit-learn

A case is a line of one of the tables below.
"""

import ast
import gzip
import io
import json
import random
import unicodedata
from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.preprocessing import MultiLabelBinarizer

random.seed(15)
OUT = Path(__file__).with_name("cells.json.gz")
ROWS = 48
CASES = []


def add(kind, name, cells, rows, classes=None):
    CASES.append({"kind": kind, "name": name, "cells": cells, "rows": rows, "classes": classes})


# Several labels: a printer a line. `empty`: whether it can print a row without labels.
VOCABULARIES = {
    "words": ["food", "music", "sport", "news"],
    "names": ["fast food", "live music", "New York", "tea"],
    "signs": ["rock 'n' roll", 'say "hi"', "café", "日本"],
    "numbers": ["3", "7", "12", "9007199254740993"],
}
PRINTERS = {
    "json": (json.dumps, True),
    "json, letters as they are": (lambda x: json.dumps(x, ensure_ascii=False), True),
    "json, tight": (lambda x: json.dumps(x, separators=(",", ":")), True),
    "list": (repr, True),
    "tuple": (lambda x: repr(tuple(x)), True),
    "set": (lambda x: repr(set(x)), True),
    "numpy": (lambda x: str(np.array(x)), True),
    "numpy, of objects": (lambda x: str(np.array(x, dtype=object)), True),
    "numpy, repr": (lambda x: repr(np.array(x)), True),
    "numpy, repr of objects": (lambda x: repr(np.array(x, dtype=object)), True),
    "numpy's texts in a list": (lambda x: repr([np.str_(item) for item in x]), True),
    "choices": (lambda x: json.dumps({"choices": x}), True),
    "choices, or the one alone": (lambda x: x[0] if len(x) == 1 else json.dumps({"choices": x}), False),
    "without quotes": (lambda x: f"[{', '.join(x)}]", True),
    "bar": ("|".join, False),
    "bars with blanks": (" | ".join, False),
    "semicolon": (";".join, False),
    "comma": (",".join, False),
    "comma and blank": (", ".join, False),
    "comma at the end": (lambda x: ", ".join(x) + ",", False),
    "hash": ("#".join, False),
    "hash tags": (lambda x: " ".join(f"#{item}" for item in x), False),
    "plus": ("+".join, False),
    "and": (" & ".join, False),
    "line breaks": ("\n".join, False),
    "tabs": ("\t".join, False),
    "angles": (lambda x: "".join(f"<{item}>" for item in x), False),
    "the word and": (" and ".join, False),
    "lists of several, labels of one": (lambda x: x[0] if len(x) == 1 else repr(x), False),
    "lists, or bars": (lambda x: repr(x) if random.random() < 0.5 else "|".join(x), False),
    "slash": ("/".join, False),
    "blank": (" ".join, False),
}
UNFIT = {("without quotes", "signs"), ("blank", "names"), ("blank", "signs"), ("hash tags", "names")}
for vocabulary, words in VOCABULARIES.items():
    for name, (show, empty) in PRINTERS.items():
        if (name, vocabulary) in UNFIT:
            continue
        sets = [random.sample(words, random.choice([0, 1, 1, 2, 3] if empty else [1, 1, 2, 3])) for _ in range(ROWS)]
        cells = [show(x) for x in sets]
        if name in ("list", "tuple", "set") and vocabulary != "numbers":
            parsed = [set() if cell == "set()" else set(ast.literal_eval(cell)) for cell in cells]
            assert parsed == [set(x) for x in sets]
        classes = [str(c) for c in MultiLabelBinarizer().fit(sets).classes_]
        add("labels", f"{name}: {vocabulary}", cells, [sorted(x) for x in sets], classes)
for name, show in {
    "whole numbers, json": json.dumps,
    "whole numbers, list": repr,
    "whole numbers, numpy": lambda x: str(np.array(x, dtype=int)),
    "whole numbers, numpy's in a list": lambda x: repr([np.int64(item) for item in x]),
}.items():
    sets = [random.sample([3, 7, 12, 40], random.choice([0, 1, 2, 3])) for _ in range(ROWS)]
    add("labels", name, [show(x) for x in sets], [sorted(map(str, x)) for x in sets])

# 0 and 1 for each place.
VECTORS = {
    "json": json.dumps,
    "json, fractions": lambda x: json.dumps([float(v) for v in x]),
    "json, true and false": lambda x: json.dumps([bool(v) for v in x]),
    "list": repr,
    "tuple": lambda x: repr(tuple(x)),
    "true and false": lambda x: repr([bool(v) for v in x]),
    "numpy": lambda x: str(np.array(x)),
    "numpy, fractions": lambda x: str(np.array(x, dtype=float)),
    "numpy, repr": lambda x: repr(np.array(x)),
    "numpy, true and false": lambda x: str(np.array(x, dtype=bool)),
    "torch": lambda x: f"tensor({[float(v) for v in x]})",
    "blanks": lambda x: " ".join(map(str, x)),
    "commas": lambda x: ",".join(map(str, x)),
}
for places in (3, 60):
    for name, show in VECTORS.items():
        matrix = [[random.randint(0, 1) for _ in range(places)] for _ in range(ROWS)]
        rows = [[f"label {i + 1}" for i, flag in enumerate(row) if flag] for row in matrix]
        add("labels", f"vector of {places}, {name}", [show(row) for row in matrix], [sorted(row) for row in rows])
    one = [random.randrange(places) for _ in range(ROWS)]
    cells = [json.dumps([int(i == at) for i in range(places)]) for at in one]
    add("labels", f"one of {places} places", cells, [[f"label {at + 1}"] for at in one])

# Scores by label.
SCORES = {
    "spacy": lambda x: json.dumps({k: float(v >= 0.5) for k, v in x.items()}),
    "json": json.dumps,
    "dict": repr,
    "true and false": lambda x: repr({k: v >= 0.5 for k, v in x.items()}),
    "json, true and false": lambda x: json.dumps({k: v >= 0.5 for k, v in x.items()}),
    "0 and 1": lambda x: json.dumps({k: int(v >= 0.5) for k, v in x.items()}),
}
for name, show in SCORES.items():
    for words in (VOCABULARIES["words"], VOCABULARIES["signs"]):
        scores = [{word: round(random.random(), 3) for word in words} for _ in range(ROWS)]
        add("labels", f"scores, {name}: {words[0]}", [show(x) for x in scores], [sorted(k for k, v in x.items() if v >= 0.5) for x in scores])

# One label a row, with everything in it that may part labels elsewhere.
WHOLE = {
    "places": ["Washington, D.C.", "Buffalo, NY", "Albany, NY", "Boston, MA", "Portland, OR"],
    "persons": ["Smith, John", "Doe, Jane", "Roe, Richard"],
    "grades": ["very good", "good", "very bad", "bad", "neither good nor bad"],
    "bands": ["AC/DC", "rock", "pop", "R&B"],
    "languages": ["C", "C++", "C#", "F#"],
    "questions": ["yes", "no", "not sure"],
    "paths": ["bug/ui", "bug/api", "feature/ui", "docs"],
    "parentheses": ["(none)", "(a)", "b (c)"],
    "brackets within": ["x [1]", "y [2]", "z"],
    "codes": ["007", "7", "0070", "00"],
    "versions": ["1.10", "1.1", "1.2.3", "2.0.1"],
    "dates": ["2024-01-02", "2024-01-03", "2023-12-31"],
    "times": ["12:30", "08:15", "23:59"],
    "big numbers": ["9007199254740993", "9007199254740992", "9007199254740994"],
    "ordinals": ["1st", "2nd", "3rd", "4th"],
    "quotes": ["it's", "so-called", "rock 'n' roll"],
    "dots": ["e.g. this", "i.e. that", "etc."],
    "classes": ["0", "1", "2", "10"],
}
for name, labels in WHOLE.items():
    chosen = labels + random.choices(labels, k=ROWS - len(labels))
    add("labels", f"whole: {name}", chosen, [[label] for label in chosen])

# What pandas reads as missing.
WORDS = ["NaN", "nan", "None", "null", "NULL", "N/A", "n/a", "NA", "<NA>", "#N/A", "-nan", "1.#IND"]
NO_WORDS = ["none", "NONE", "Null", "unknown", "-", "?", "nothing", "Nan", "other", "n.a."]
for word in WORDS + NO_WORDS:
    cells = random.choices(["yes", "no", word], k=ROWS)
    read = pd.read_csv(io.StringIO("label\n" + "\n".join(cells) + "\n"))["label"]
    add("labels", f"missing: {word}", cells, [None if pd.isna(v) else [v] for v in read])

# Numbers: how they are written, and how pandas is told to read them once their unit is off.
def grouped(mark, decimal=".", digits=2):
    return lambda v: f"{v:,.{digits}f}".replace(",", "\0").replace(".", decimal).replace("\0", mark)


NUMBERS = {
    "plain": (lambda v: f"{v}", ".", None, ""),
    "two digits": (lambda v: f"{v:.2f}", ".", None, ""),
    "exponents": (lambda v: f"{v:e}", ".", None, ""),
    "signs": (lambda v: f"{v - 500:+.2f}", ".", None, ""),
    "decimal comma": (lambda v: f"{v:.2f}".replace(".", ","), ",", None, ""),
    "decimal comma, one digit": (lambda v: f"{v:.1f}".replace(".", ","), ",", None, ""),
    "decimal comma, three digits": (lambda v: f"{v:.3f}".replace(".", ","), ",", None, ""),
    "English thousands": (grouped(","), ".", ",", ""),
    "English thousands, whole": (grouped(",", digits=0), ".", ",", ""),
    "German thousands": (grouped(".", ","), ",", ".", ""),
    "French thousands": (grouped("\u202f", ","), ",", "\u202f", ""),
    "blanks between thousands": (grouped(" "), ".", " ", ""),
    "Swiss thousands": (grouped("'"), ".", "'", ""),
    "per cent": (lambda v: f"{v:.1f}%", ".", None, "%"),
    "per cent, apart": (lambda v: f"{v:.1f} %", ".", None, "%"),
    "per cent, decimal comma": (lambda v: f"{v:.1f} %".replace(".", ","), ",", None, "%"),
    "per cent, whole": (lambda v: f"{int(v)}%", ".", None, "%"),
    "dollars": (lambda v: f"${v:,.2f}", ".", ",", "$"),
    "dollars below nothing": (lambda v: f"-${v:,.2f}" if v > 500 else f"${v:,.2f}", ".", ",", "$"),
    "euros": (lambda v: f"{grouped('.', ',')(v)} €", ",", ".", "€"),
    "a code before": (lambda v: f"USD {v:,.2f}", ".", ",", "USD"),
    "a code after": (lambda v: f"{v:.2f} EUR", ".", None, "EUR"),
    "pounds": (lambda v: f"£{v:.2f}", ".", None, "£"),
    "kilograms": (lambda v: f"{v:.1f} kg", ".", None, "kg"),
    "degrees": (lambda v: f"{v:.1f}°C", ".", None, "°C"),
    "stars": (lambda v: f"{v:.1f} stars", ".", None, "stars"),
    "out of five": (lambda v: f"{v % 5:.1f} out of 5", ".", None, " out of 5"),
    "out of five stars": (lambda v: f"{v % 5:.1f} out of 5 stars", ".", None, " out of 5 stars"),
    "over ten": (lambda v: f"{v % 10:.1f}/10", ".", None, "/10"),
    "another minus": (lambda v: f"{v - 500:.2f}".replace("-", "\u2212"), ".", None, ""),
}
for name, (show, decimal, thousands, unit) in NUMBERS.items():
    values = [round(random.choice([random.random(), random.random() * 40, random.random() * 9e5]), 3) for _ in range(ROWS)]
    cells = [show(v) for v in values]
    bare = [cell.replace(unit, "").strip().replace("\u2212", "-") if unit else cell.replace("\u2212", "-") for cell in cells]
    file = "n\n" + "\n".join(f'"{cell}"' for cell in bare) + "\n"
    read = pd.read_csv(io.StringIO(file), decimal=decimal, thousands=thousands, engine="python" if thousands == "\u202f" else "c")["n"]
    if read.dtype == object:
        read = pd.Series([float(cell.replace(thousands or "\0", "").replace(decimal, ".")) for cell in bare])
    add("numbers", name, cells, [float(v) for v in read])
for word in ("NaN", "n/a", "null"):
    values = [None if i % 9 == 4 else round(random.random() * 50, 2) for i in range(ROWS)]
    cells = [word if v is None else str(v) for v in values]
    read = pd.read_csv(io.StringIO("n\n" + "\n".join(cells) + "\n"))["n"]
    add("numbers", f"with {word}", cells, [None if pd.isna(v) else float(v) for v in read])

for letter, factor in (("k", 1000), ("K", 1000), ("M", 1000000)):
    cells = [f"{random.random() * 90:.1f}{letter}" if i % 3 else str(random.randint(1, 999)) for i in range(ROWS)]
    add("numbers", f"with {letter}", cells, [float(c[:-1]) * factor if c.endswith(letter) else float(c) for c in cells])

# Spellings of one label: the same after NFKC, case folding and blanks.
SPELLINGS = [
    ["food", "Food", "FOOD", "sport"],
    ["big cat", "big  cat", "Big Cat", "bigcat"],
    ["café", "cafe\u0301", "CAFÉ", "cafe"],
    ["straße", "STRASSE", "Strasse", "strase"],
    ["ﬁsh", "fish", "FISH"],
    ["ΣΑΣ", "σας", "σασ", "σα"],
    ["ﾃｽﾄ", "テスト", "テスド"],
    ["Ａ", "A", "a", "b"],
    ["x\u00a0y", "x y", "xy"],
    ["été", "ÉTÉ", "Été", "ete"],
    ["yes", "no", "maybe"],
    ["½", "1⁄2", "1/2"],
]
for labels in SPELLINGS:
    groups = {}
    for label in labels:
        form = unicodedata.normalize("NFKC", label).casefold()
        groups.setdefault(" ".join(unicodedata.normalize("NFKC", form).split()), []).append(label)
    add("spellings", labels[0], labels, sorted(sorted(group) for group in groups.values() if len(group) > 1))

# The text of several columns, by the very lines that exports give to Python; the test holds them against these.
COLUMNS = ["age", 'the "job"', "größe", "back\\slash", "note"]
for name, values in {
    "filled": ["31", "cook", "1,80", "x", "good\nwork"],
    "with empty ones": ["31", "", "  ", "x ", ""],
    "one alone": ["", "", "", "", " yes "],
    "letters of all kinds": ["三十", "😀", "{age}", "%s", "a\tb"],
}.items():
    code = (
        f"columns = [{', '.join(json.dumps(c, ensure_ascii=False) for c in COLUMNS)}]\n"
        'text = "\\n".join(f"{name}: {row[name].strip()}" for name in columns if row[name].strip())'
    )
    scope = {"row": dict(zip(COLUMNS, values))}
    exec(code, scope)
    add("joined", name, values, [scope["text"], code], COLUMNS)

OUT.write_bytes(gzip.compress(json.dumps({"cases": CASES}, ensure_ascii=False).encode(), mtime=0))
print(len(CASES), "cases,", OUT.stat().st_size, "bytes")
