"""Writes differential.json.gz: small tables of many kinds, each with the columns and rows that pandas reads of it.

    python3 src/data/tables/differential.py                     # needs: pip install pandas datasets
    python3 src/data/tables/differential.py 7 500 other.json.gz # another seed, count and file

The app has to find by content alone what pandas has to be told: `arguments` states it. A line in KINDS adds a kind.
A cell is a text; null where nothing is there; {"n": 1.5} a number of JSON, whose digits may be written in another way;
{"j": [1]} a list or an object.
"""

import base64
import csv
import gzip
import io
import json
import math
import random
import sys
from pathlib import Path

import pandas as pd

WORDS = {
    "en": "the soup bread was fine today match goal song drum race cheese odd late good service never again staff friendly parcel lost".split(),
    "fr": "le café était déjà fermé à l’été où êtes vous allés élève très bien garçon forêt château".split(),
    "de": "die Straße größer Übermaß schön Fußgänger für alle Gäste müssen hören zurück".split(),
    "ru": "привет как дела сегодня очень хорошая погода ужасный сервис больше не приду быстрая доставка".split(),
    "ja": "日本語の文章です とても良い製品でした カタカナとひらがな サービスが悪い 今日は天気がいい また買います".split(),
    "zh": "这个产品非常好 我很喜欢 服务太差了 再也不来 快递很快 质量不错 下次还会来 他们说的是对的".split(),
    "tw": "這個產品非常好 我很喜歡 服務太差了 再也不來 快遞很快 他們說的是對的 品質不錯".split(),
    "ko": "이 제품은 정말 좋습니다 서비스가 나빠요 다시는 안 가요 배송이 빠릅니다 추천합니다".split(),
}
ENCODINGS = [
    ("utf-8", None), ("utf-8-sig", None), ("utf-16", None), ("utf-16-le", "en"), ("cp1252", "fr"), ("cp1252", "de"),
    ("latin-1", "de"), ("cp1251", "ru"), ("koi8-r", "ru"), ("shift_jis", "ja"), ("euc_jp", "ja"), ("gb18030", "zh"),
    ("big5", "tw"), ("euc_kr", "ko"),
]
LABELS = [["food", "sport", "music"], ["positive", "negative"], ["0", "1"], ["spam", "ham"], ["A", "B", "C", "D"]]
NAMES = {
    "text": ["text", "sentence", "review", "Kommentar", "utterance", "Customer message", "body", "remark", "freitext"],
    "label": ["label", "category", "sentiment", "Topic", "class", "intent", "verdict", "art"],
    "id": ["id", "idx", "row", "nr", "ticket_id"],
    "score": ["score", "rating", "points", "wert"],
    "date": ["date", "Timestamp", "created_at", "tag_zeit"],
}
R = random.Random()


def sentence(language, extra=""):
    words = R.choices(WORDS[language], k=R.randint(3, 9))
    text = (" " if language not in ("ja", "zh", "tw") else "").join(words)
    if extra and R.random() < 0.5:
        text = {
            ",": f"{text}, {R.choice(words)}", "q": f'{words[0]} "{words[-1]}" {text}', "n": f"{text}\n{R.choice(words)} {words[0]}",
            "t": f"{text}\t{words[0]}", ";": f"{text}; {words[0]}", "|": f"{text} | {words[0]}",
            "b": f'"{words[0]}" {text}', "w": f'"{text}"', "\\": f"{text} \\ {words[0]}",
        }[R.choice(extra)]
    return text


def table(language="en", extra="", columns=None, rows=None):
    """Names and rows of texts, a text and a label among them."""
    kinds = columns or R.choice([["text", "label"], ["id", "text", "label"], ["text", "label", "score"], ["label", "text"],
                                 ["date", "text", "label"], ["id", "date", "text", "score", "label"]])
    labels = R.choice(LABELS)
    count = rows or R.randint(8, 40)
    out = []
    for i in range(count):
        cells = {"text": sentence(language, extra), "label": R.choice(labels), "id": str(i + 1),
                 "score": f"{R.random() * 5:.2f}", "date": f"2024-0{R.randint(1, 9)}-{R.randint(10, 28)}"}
        out.append([cells[kind] for kind in kinds])
    return [R.choice(NAMES[kind]) for kind in kinds], out, kinds


def write(rows, delimiter=",", end="\n", **how):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, lineterminator=end, **how).writerows(rows)
    return out.getvalue()


def delimited(kind, text, encoding="utf-8", name="table.csv", drop=None, **arguments):
    """A case whose expectation is what pandas reads with these arguments."""
    data = text.encode(encoding)
    how = dict(dtype=str, keep_default_na=False, encoding=encoding, **arguments)
    frame = pd.read_csv(io.BytesIO(data), **how)
    names = [column_name(column, i) for i, column in enumerate(frame.columns)]
    rows = [[cell if isinstance(cell, str) else "" for cell in row] for row in frame.values.tolist()]
    if drop is not None:
        rows = [row for row in rows if row != drop]
    said = {key: value for key, value in arguments.items() if key != "encoding"}
    return dict(kind=kind, name=name, data=base64.b64encode(data).decode(), arguments=dict(said, encoding=encoding),
                columns=names, rows=rows)


def column_name(column, i):
    """Our names: numbered from 1 where there are none, and without what nobody sees."""
    if isinstance(column, int):
        return f"column {i + 1}"
    for invisible in "\u200b\ufeff\u200d\u2060":
        column = column.replace(invisible, "")
    column = column.strip()
    return f"column {i + 1}" if column.startswith("Unnamed: ") or column == "" else column


def plain(sep, quoting, end, extra):
    names, rows, _ = table(extra=extra)
    return delimited("plain", write([names] + rows, sep, end, quoting=quoting), sep=sep)


def any_plain():
    sep = R.choice(",;\t|")
    quoting = R.choice([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC])
    return plain(sep, quoting, R.choice(["\n", "\r\n", "\r"]), R.choice(["", ",", ",q", "n", ",qn", "t;", "|,", ",w", "q"]))


def encoded():
    encoding, language = R.choice(ENCODINGS)
    sep = R.choice(",;\t")
    names, rows, _ = table(language or R.choice(list(WORDS)), R.choice(["", ","]), rows=R.randint(12, 40))
    return delimited("encoding", write([names] + rows, sep, R.choice(["\n", "\r\n"])), encoding, sep=sep)


def text_quotes():
    """Quotes are text, as in GLUE."""
    names, rows, _ = table(extra=R.choice(["q", "b", "bq", "qw"]), rows=R.randint(15, 50))
    at = names.index(next(n for n in names if n in NAMES["text"]))
    # Where every quote stands around a whole cell nobody can tell.
    rows[R.randrange(len(rows))][at] = '"' + sentence("en") if R.random() < 0.5 else f'the "{sentence("en")}" again'
    text = "\n".join("\t".join(row) for row in [names] + rows) + "\n"
    return delimited("quotes as text", text, name="table.tsv", sep="\t", quoting=csv.QUOTE_NONE)


def backslashes():
    sep = R.choice(",;\t")
    names, rows, _ = table(extra="q,", rows=R.randint(15, 40))
    if R.random() < 0.5:
        text = write([names] + rows, sep, quoting=csv.QUOTE_ALL, doublequote=False, escapechar="\\")
    else:
        text = write([names] + rows, sep, quoting=csv.QUOTE_MINIMAL, doublequote=False, escapechar="\\")
    return delimited("backslashes", text, sep=sep, escapechar="\\")


def initial_space():
    sep = R.choice(",;")
    names, rows, _ = table(extra=",;")
    quoted = lambda cell: f'"{cell}"' if sep in cell or R.random() < 0.4 else cell
    text = "\n".join(f"{sep} ".join(quoted(cell) for cell in row) for row in [names] + rows) + "\n"
    return delimited("blank before quotes", text, sep=sep, skipinitialspace=True)


def above():
    """Titles, remarks and blank lines above the header."""
    sep = R.choice(",;\t")
    names, rows, _ = table(extra=",")
    if len(names) < 3:
        names, rows, _ = table(extra=",", columns=["id", "text", "label"])
    lines = R.choice([["# made by a tool"], ["Survey results 2024"], ["# made by a tool", "# version 2"],
                      ["Report of the year", ""], ["Export" + sep * (len(names) - 1)], ["", ""],
                      ["Report", "by the team", ""], ["# one, two and three"]])
    text = "\n".join(lines) + "\n" + write([names] + rows, sep)
    return delimited("lines above", text, sep=sep, skiprows=len(lines))


def header_names():
    names, rows, kinds = table(extra=R.choice(["", ","]))
    odd = R.choice(["twice", "thrice", "dotted", "empty", "long", "numeric", "blank", "zero width", "nbsp", "upper", "index",
                    "trailing", "years"])
    if odd in ("twice", "thrice", "dotted"):
        extra = {"twice": [names[0]], "thrice": [names[0]] * 2, "dotted": [names[0] + ".1", names[0]]}[odd]
        names, rows = names + extra, [row + [row[0]] * len(extra) for row in rows]
    elif odd == "empty":
        names, rows = names[:-1] + ["", names[-1], ""], [row[:-1] + ["x", row[-1], str(i)] for i, row in enumerate(rows)]
    elif odd == "trailing":
        names, rows = names + ["", ""], [row + ["", ""] for row in rows]
    elif odd == "long":
        names[kinds.index("text")] = "Please tell us in your own words what you thought of the visit and what we should change before next time"
    elif odd == "numeric":
        names = [str(i) for i in range(len(names))]
    elif odd == "years":
        names, rows = names + ["2019", "2020"], [row + [R.choice(["yes", "no"]), R.choice(["yes", "no"])] for row in rows]
    elif odd == "blank":
        names = [f" {name} " for name in names]
    elif odd == "zero width":
        names = [f"\u200b{name}" for name in names]
    elif odd == "nbsp":
        names = [f"{name}\u00a0" for name in names]
    elif odd == "upper":
        names = [name.upper() for name in names]
    else:
        names, rows = [""] + names, [[str(i)] + row for i, row in enumerate(rows)]
    sep = R.choice(",;\t")
    return delimited(f"names: {odd}", write([names] + rows, sep), sep=sep)


def no_header():
    sep = R.choice(",;\t")
    _, rows, _ = table(extra=R.choice(["", ","]), rows=R.randint(12, 40))
    return delimited("no header", write(rows, sep), sep=sep, header=None)


def sep_line():
    sep = R.choice(",;|")
    names, rows, _ = table(extra=",;")
    return delimited("sep=", f"sep={sep}\r\n" + write([names] + rows, sep, "\r\n"), sep=sep, skiprows=1)


def glued():
    sep = R.choice(",;\t")
    names, rows, kinds = table(extra=",")
    _, more, _ = table(extra=",", columns=kinds)
    return delimited("glued files", write([names] + rows + [names] + more, sep), drop=names, sep=sep)


def short_rows():
    sep = R.choice(",;\t")
    names, rows, _ = table(columns=["id", "text", "label"])
    names, rows = names + ["notes"], [row + (["seen"] if R.random() < 0.4 else []) for row in rows]
    return delimited("short rows", write([names] + rows, sep), sep=sep)


def trailing_delimiter():
    sep = R.choice(",;")
    names, rows, _ = table(extra=",")
    text = "\n".join(sep.join(f'"{c}"' if sep in c else c for c in row) + (sep if i else "") for i, row in enumerate([names] + rows))
    return delimited("delimiter at the end", text + "\n", sep=sep, index_col=False)


def row_names():
    """R's write.table: the header lacks the name of the first column."""
    sep = R.choice(",;\t")
    names, rows, _ = table(extra=R.choice(["", ","]), columns=["text", "label"])
    lines = [names] + [[str(i + 1)] + row for i, row in enumerate(rows)]
    case = delimited("row names", write(lines, sep, quoting=csv.QUOTE_NONNUMERIC), sep=sep)
    index = [str(i + 1) for i in range(len(rows))]  # pandas makes it the index
    return dict(case, columns=["column 1"] + case["columns"], rows=[[i] + row for i, row in zip(index, case["rows"])])


def comments():
    sep = R.choice(",;\t")
    names, rows, _ = table(extra=",", columns=["id", "text", "label"])
    lines = write([names] + rows, sep).rstrip("\n").split("\n")
    for _ in range(R.randint(1, 3)):
        lines.insert(R.randrange(0, len(lines)), "# checked by hand")
    return delimited("comments", "\n".join(lines) + "\n", sep=sep, comment="#")


def inch_marks():
    """A lone quote inside a cell, as in 5" pipe, beside cells in quotes."""
    names, rows, _ = table(extra=R.choice(["", ","]), columns=["id", "text", "label"])
    for at in R.sample(range(len(rows)), 3):
        rows[at][1] = f'a {R.randint(2, 9)}" pipe was lost'
    text = "\n".join(",".join(f'"{c}"' if "," in c else c for c in row) for row in [names] + rows) + "\n"
    return delimited("inch marks", text, sep=",")


def letters():
    """Several lines in one cell, each of which looks a little like a row."""
    sep = R.choice(",;\t")
    names, rows, _ = table(columns=["text", "label"], rows=R.randint(10, 30))
    for at in R.sample(range(len(rows)), R.randint(1, 5)):
        rows[at][0] = f"Hello{sep} friend\n{rows[at][0]}{sep} bye\nSincerely{sep} me"
    return delimited("letters", write([names] + rows, sep), sep=sep)


def few_letters():
    """English with a few letters beyond ASCII."""
    encoding, words = R.choice([("cp1252", "café naïve “quoted” 20€ Zürich".split()), ("latin-1", "café naïve Zürich señor".split())])
    names, rows, _ = table(columns=["text", "label"], rows=R.randint(20, 40))
    for at in R.sample(range(len(rows)), 3):
        rows[at][0] += " " + R.choice(words)
    return delimited("few letters", write([names] + rows), encoding, sep=",")


def named_txt():
    sep = R.choice(",\t;|")
    names, rows, _ = table(extra=R.choice(["", ",", "q"]))
    return delimited("table in .txt", write([names] + rows, sep), name="table.txt", sep=sep)


def without_text():
    """Only numbers and short codes."""
    sep = R.choice(",;\t")
    names = R.sample(["a", "b", "age", "hours", "x1", "x2", "weight", "verdict"], 4)
    rows = [[str(R.randint(1, 99)), f"{R.random():.3f}", R.choice(["yes", "no"]), str(R.randint(0, 1))] for _ in range(20)]
    return delimited("numbers", write([names] + rows, sep), sep=sep)


def one_column():
    names, rows, _ = table(extra=R.choice(["", ","]), columns=["text"])
    return delimited("one column", write([names] + rows), sep=",")


def blank_lines():
    names, rows, _ = table(extra=",q")
    lines = write([names] + rows).split("\n")
    for _ in range(3):
        lines.insert(R.randrange(1, len(lines)), "")
    return delimited("blank lines", "\n".join(lines), sep=",")


# JSON


def records(language=None, missing=0.0, nested=False, big=False):
    names, rows, kinds = table(language or R.choice(list(WORDS)), R.choice(["", ",q", "n"]))
    names = list(dict.fromkeys(names)) if len(set(names)) < len(names) else names
    out = []
    for row in rows:
        record = {}
        for name, cell, kind in zip(names, row, kinds):
            record[name] = int(cell) if kind == "id" else float(cell) if kind == "score" else cell
            if kind == "score" and R.random() < missing:
                record[name] = R.choice([math.nan, math.inf, -math.inf, None])
        if nested:
            record["spans"] = [{"start": 0, "end": R.randint(1, 9)}] if R.random() < 0.7 else []
        if big:
            record["big"] = R.choice([2**53 + 1, 2**53, 1234567890123456789, -(2**60) - 1])
        out.append(record)
    return out


def cell_of(value):
    if value is None or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, float):
        return {"n": value}
    return value if isinstance(value, str) else {"j": value}


def document(kind, text, rows, name="table.json", encoding="utf-8", columns=None):
    names = columns or list(dict.fromkeys(key for row in rows for key in row))
    cells = [[cell_of(row.get(column)) for column in names] for row in rows]
    return dict(kind=kind, name=name, data=base64.b64encode(text.encode(encoding)).decode(), arguments={}, columns=names, rows=cells)


def frame_records(frame):
    return [{key: (value.item() if hasattr(value, "item") else value) for key, value in row.items()} for row in frame.to_dict("records")]


def pandas_json():
    """What pandas writes, read back by pandas."""
    orient = R.choice(["records", "split", "columns", "index", "table", "values"])
    frame = pd.DataFrame(records())
    if R.random() < 0.3:
        frame = frame.sample(frac=1, random_state=R.randrange(1000))
    how = dict(orient=orient, indent=R.choice([None, 2]), force_ascii=R.random() < 0.5, double_precision=15)
    if orient in ("split", "table"):
        how["index"] = R.random() < 0.6
    text = frame.to_json(**how)
    read = pd.read_json(io.StringIO(text), orient=orient, dtype=False if orient != "table" else None,
                        convert_axes=False if orient != "table" else None, precise_float=True)
    rows = frame_records(read)
    if orient == "values":
        rows = [{f"column {i + 1}": value for i, value in enumerate(row.values())} for row in rows]
    return document(f"pandas {orient}", text, rows)


def json_lines():
    rows = records(missing=R.choice([0, 0.3]), nested=R.random() < 0.3, big=R.random() < 0.3)
    end = R.choice(["\n", "\r\n", "\r", "\n\n"])
    text = end.join(json.dumps(row, ensure_ascii=R.random() < 0.5) for row in rows) + R.choice(["", end])
    return document("JSON lines", text, rows, "table.jsonl", R.choice(["utf-8", "utf-8-sig", "utf-16"]))


def json_array():
    rows = records(missing=R.choice([0, 0.3]), nested=R.random() < 0.3, big=R.random() < 0.3)
    return document("JSON array", json.dumps(rows, indent=R.choice([None, 1, 4]), ensure_ascii=R.random() < 0.5), rows)


def json_glued():
    rows = records(missing=R.choice([0, 0.3]))
    indent = R.choice([None, 2])
    return document("glued objects", R.choice(["", " ", "\n", ","]).join(json.dumps(row, indent=indent) for row in rows), rows)


def json_by_column():
    rows = records(missing=R.choice([0, 0.3]), nested=R.random() < 0.2)
    lists = {key: [row[key] for row in rows] for key in rows[0]}
    return document("lists by column", json.dumps(lists, indent=R.choice([None, 2])), rows)


def json_wrapped():
    rows = records(nested=R.random() < 0.3)
    wrap = R.choice([
        lambda r: {"data": r}, lambda r: {"version": "1.1", "data": r}, lambda r: {"nlu": {"examples": r}},
        lambda r: {"rows": r, "n": 3}, lambda r: {"meta": {"a": [1]}, "items": r, "errors": []},
        lambda r: {"rasa_nlu_data": {"common_examples": r, "regex_features": []}}, lambda r: {"info": {"by": "x"}, "whatever": r},
    ])
    return document("wrapped", json.dumps(wrap(rows), indent=R.choice([None, 2])), rows)


def json_splits():
    train, test = records("en"), None
    kinds = list(train[0])
    test = [dict(zip(kinds, row.values())) for row in (records("en") if False else train[: R.randint(2, 6)])]
    names = R.choice([("train", "test"), ("train", "validation"), ("training", "dev"), ("train", "eval")])
    split = {"train": "train", "training": "train", "test": "test", "validation": "validation", "dev": "validation", "eval": "test"}
    rows = [dict(row, split=split[name]) for name, part in zip(names, (train, test)) for row in part]
    if R.random() < 0.3:
        text = json.dumps({name: {key: [row[key] for row in part] for key in kinds} for name, part in zip(names, (train, test))})
    else:
        text = json.dumps({names[0]: train, names[1]: test}, indent=R.choice([None, 2]))
    return document("splits", text, rows)


def named_rows():
    """Rows and columns under names that are no numbers."""
    frame = pd.DataFrame(records())
    frame.index = [f"row {i}" for i in range(len(frame))]
    orient = R.choice(["columns", "index"])
    text = frame.to_json(orient=orient, double_precision=15, indent=R.choice([None, 2]))
    read = pd.read_json(io.StringIO(text), orient=orient, dtype=False, convert_axes=False, precise_float=True)
    return document(f"named {orient}", text, frame_records(read))


def lists_a_line():
    rows = [[sentence("en", ",q"), R.choice(["food", "sport"])] for _ in range(R.randint(5, 20))]
    text = "\n".join(json.dumps(row) for row in rows) + "\n"
    return document("lists a line", text, [{"column 1": a, "column 2": b} for a, b in rows], "table.jsonl")


def from_datasets():
    from datasets import Dataset

    rows = records(nested=R.random() < 0.3)
    dataset, out = Dataset.from_list(rows), io.BytesIO()
    how = R.choice(["lines", "array", "dict", "csv"])
    if how == "csv":
        rows = [{key: row[key] for key in rows[0] if key != "spans"} for row in rows]
        Dataset.from_list(rows).to_csv(out)
        return delimited("datasets csv", out.getvalue().decode(), sep=",")
    if how == "dict":
        return document("datasets dict", json.dumps(dataset.to_dict()), rows)
    dataset.to_json(out, lines=how == "lines", **({} if how == "lines" else {"orient": "records"}))
    return document(f"datasets {how}", out.getvalue().decode(), rows, "table.jsonl" if how == "lines" else "table.json")


def fasttext():
    rows = [{"text": sentence("en"), "label": R.choice(["food", "sport"])} for _ in range(R.randint(8, 30))]
    lines = [f"__label__{row['label']} {row['text']}" for row in rows]
    return document("fastText", "\n".join(lines) + "\n", rows, "train.txt")


KINDS = [
    (any_plain, 8), (encoded, 6), (text_quotes, 3), (backslashes, 3), (initial_space, 2), (above, 4), (header_names, 6),
    (no_header, 2), (sep_line, 1), (glued, 1), (short_rows, 1), (trailing_delimiter, 1), (one_column, 1), (blank_lines, 1), (row_names, 1),
    (comments, 1), (inch_marks, 1), (letters, 2), (few_letters, 2), (named_txt, 2), (without_text, 1),
    (pandas_json, 6), (json_lines, 4), (json_array, 2), (json_glued, 2), (json_by_column, 2), (json_wrapped, 3),
    (json_splits, 2), (fasttext, 1), (named_rows, 2), (lists_a_line, 1), (from_datasets, 2),
]


def main():
    seed, count = (int(x) for x in (sys.argv[1:3] if len(sys.argv) > 2 else (20250, 400)))
    out = Path(sys.argv[3]) if len(sys.argv) > 3 else Path(__file__).with_name("differential.json.gz")
    R.seed(seed)
    weights = [weight for _, weight in KINDS]
    makers = [maker for maker, weight in KINDS for _ in range(weight)]
    cases = []
    while len(cases) < count:
        maker = makers[len(cases) % sum(weights)]
        try:
            cases.append(maker())
        except (UnicodeEncodeError, pd.errors.ParserError):
            continue  # a text that the encoding has no letters for, or a table that pandas itself refuses
    with gzip.GzipFile(out, "wb", mtime=0) as file:
        file.write(json.dumps({"cases": cases}, ensure_ascii=False).encode())
    print(len(cases), "cases,", out.stat().st_size, "bytes")


main()
