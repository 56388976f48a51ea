"""
Writes conversations.json.gz: conversations in the formats in which pandas, datasets, numpy and JSON write them, and the
turns that each row has. Also Python values with what `ast.literal_eval` reads. Run: python conversations.py
"""
import ast, gzip, io, json, random
from pathlib import Path
import datasets, numpy as np, pandas as pd

HERE = Path(__file__).parent
S = lambda content: {"role": "system", "content": content}
U = lambda content: {"role": "user", "content": content}
A = lambda content, **more: {"role": "assistant", "content": content, **more}

PLAIN = [[U(f"What is {i} plus one, please?"), A(f"It is {i + 1}, of course.")] for i in range(12)]
QUOTES = [
    [U(f"What's \"{i}\" – né 日本 🙂?\nTell me: a\\b"), A(f"It's 'fine' {{{i}}}.\n\n- one\n- two, \"three\"\tend")]
    for i in range(12)
]
LONG = [
    [S(f"You are helper {i}."), U(f"First question {i}?"), A("First answer, yes."), U(f"Then what {i}?"), A(f"Second answer {i}, no.")]
    for i in range(12)
]
TALKS = {"plain": PLAIN, "quotes": QUOTES, "long": LONG}


def jsonl(rows):
    return "rows.jsonl", "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)


def csv(rows):
    return "rows.csv", pd.DataFrame(rows).to_csv(index=False)


def from_parquet(rows, column):
    """As pandas writes a list column that came from Parquet: numpy prints it."""
    frame = pd.DataFrame({column: [np.array(row, dtype=object) for row in rows]})
    return "rows.csv", frame.to_csv(index=False)


sharegpt = lambda talk: [{"from": {"user": "human", "assistant": "gpt"}.get(m["role"], m["role"]), "value": m["content"]} for m in talk]
body = lambda talk: [m for m in talk if m["role"] != "system"]
system = lambda talk: next((m["content"] for m in talk if m["role"] == "system"), None)
gemini = lambda talk: [{"role": {"assistant": "model"}.get(m["role"], m["role"]), "parts": [{"text": m["content"]}]} for m in body(talk)]
pairs = lambda talk: [[a["content"], b["content"]] for a, b in zip(body(talk)[::2], body(talk)[1::2])]
transcript = lambda talk: "".join(f"\n\n{'Human' if m['role'] == 'user' else 'Assistant'}: {m['content']}" for m in body(talk))
hashes = lambda talk: "".join(f"### {'Human' if m['role'] == 'user' else 'Assistant'}: {m['content']}" for m in body(talk))
parts = lambda talk, kind="text": [{**m, "content": [{"type": kind, "text": m["content"]}]} for m in talk]
without = lambda talk: body(talk)
same = lambda talk: talk
stripped = lambda talk: [{**m, "content": m["content"].strip()} for m in body(talk)]


def with_system(row, talk, key="system"):
    return {**row, key: system(talk)} if system(talk) else row


FORMATS = {
    "OpenAI messages": (lambda ts: jsonl([{"messages": t} for t in ts]), same),
    "OpenAI messages in a JSON array": (lambda ts: ("rows.json", json.dumps([{"messages": t} for t in ts])), same),
    "OpenAI messages with text parts": (lambda ts: jsonl([{"messages": parts(t)} for t in ts]), same),
    "ShareGPT": (lambda ts: jsonl([{"conversations": sharegpt(t)} for t in ts]), same),
    "ShareGPT with a system column": (lambda ts: jsonl([with_system({"conversations": sharegpt(body(t))}, t) for t in ts]), same),
    "one level deeper": (lambda ts: jsonl([{"conversation": {"messages": t}} for t in ts]), same),
    "two levels deeper": (lambda ts: jsonl([{"data": {"conversation": {"messages": t}}} for t in ts]), same),
    "an id beside it": (lambda ts: jsonl([{"id": f"row-{i}", "messages": t} for i, t in enumerate(ts)]), same),
    "pandas: Python repr in CSV": (lambda ts: csv([{"messages": t} for t in ts]), same),
    "pandas: repr of ShareGPT": (lambda ts: csv([{"conversations": sharegpt(t)} for t in ts]), same),
    "pandas: list column from Parquet": (lambda ts: from_parquet(ts, "messages"), same),
    "numpy: repr of the array": (lambda ts: csv([{"messages": repr(np.array(t, dtype=object))} for t in ts]), same),
    "JSON in CSV": (lambda ts: csv([{"messages": json.dumps(t, ensure_ascii=False)} for t in ts]), same),
    "datasets to JSON lines": (lambda ts: ("rows.jsonl", to_json(ts)), same),
    "datasets to CSV": (lambda ts: ("rows.csv", to_csv(ts)), same),
    "Gemini contents": (lambda ts: jsonl([{"contents": gemini(t)} for t in ts]), without),
    "Gemini with systemInstruction": (
        lambda ts: jsonl([{**({"systemInstruction": {"role": "system", "parts": [{"text": system(t)}]}} if system(t) else {}), "contents": gemini(t)} for t in ts]),
        same,
    ),
    "pairs in a list": (lambda ts: jsonl([{"conversation": pairs(t)} for t in ts]), without),
    "texts in turn": (lambda ts: jsonl([{"dialog": [m["content"] for m in body(t)]} for t in ts]), without),
    "dialogue of texts": (lambda ts: jsonl([{"dialogue": [m["content"] for m in body(t)]} for t in ts]), without),
    "human and assistant keys": (
        lambda ts: jsonl([{"conversation": [{"human": q, "assistant": a} for q, a in pairs(t)]} for t in ts]),
        without,
    ),
    "transcripts": (lambda ts: jsonl([{"text": transcript(t)} for t in ts]), stripped),
    "transcripts with hashes": (lambda ts: jsonl([{"text": hashes(t)} for t in ts]), stripped),
    "developer is system": (lambda ts: jsonl([{"messages": [{**m, "role": {"system": "developer"}.get(m["role"], m["role"])} for m in t]} for t in ts]), same),
    "prompt and completion lists": (lambda ts: jsonl([{"prompt": t[:-1], "completion": t[-1:]} for t in ts]), same),
    "Responses": (
        lambda ts: jsonl([{"input": parts(t[:-1], "input_text"), "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": t[-1]["content"]}]}]} for t in ts]),
        same,
    ),
    "Alpaca with history": (
        lambda ts: ("rows.json", json.dumps([with_system({"instruction": t[-2]["content"], "input": "", "output": t[-1]["content"], "history": pairs(t)[:-1]}, t) for t in ts])),
        same,
    ),
    "weights of 0": (
        lambda ts: jsonl([{"messages": [{**m, **({"weight": 0} if m["role"] == "assistant" and i < len(t) - 1 else {})} for i, m in enumerate(t)]} for t in ts]),
        lambda t: [{**m, **({"learned": False} if m["role"] == "assistant" and i < len(t) - 1 else {})} for i, m in enumerate(t)],
    ),
    "reasoning_content": (
        lambda ts: jsonl([{"messages": [{**m, **({"reasoning_content": "Hm: " + m["content"]} if m["role"] == "assistant" else {})} for m in t]} for t in ts]),
        lambda t: [{**m, **({"reasoning": "Hm: " + m["content"]} if m["role"] == "assistant" else {})} for m in t],
    ),
    "null beside the content": (lambda ts: jsonl([{"messages": [{**m, "name": None, "tool_calls": None} for m in t]} for t in ts]), same),
}

WORSE = "No idea, sorry."
PREFERENCES = {
    "lists with the prompt inside": lambda t: {"chosen": t, "rejected": [*t[:-1], A(WORSE)]},
    "prompt list and completion lists": lambda t: {"prompt": t[:-1], "chosen": t[-1:], "rejected": [A(WORSE)]},
    "messages and rejected_messages": lambda t: {"messages": t, "rejected_messages": [*t[:-1], A(WORSE)]},
    "messages and rejected_response": lambda t: {"messages": t, "rejected_response": WORSE},
    "ShareGPT": lambda t: {"conversations": sharegpt(t[:-1]), "chosen": sharegpt(t[-1:])[0], "rejected": {"from": "gpt", "value": WORSE}},
    "OpenAI": lambda t: {"input": {"messages": t[:-1]}, "preferred_output": t[-1:], "non_preferred_output": [A(WORSE)]},
    "nested chosen": lambda t: {"chosen": {"messages": t}, "rejected": {"messages": [*t[:-1], A(WORSE)]}},
}


def to_json(talks):
    out = io.BytesIO()
    datasets.Dataset.from_list([{"messages": t} for t in talks]).to_json(out, force_ascii=False)
    return out.getvalue().decode()


def to_csv(talks):
    out = io.BytesIO()
    datasets.Dataset.from_list([{"messages": t} for t in talks]).to_csv(out)
    return out.getvalue().decode()


def literals():
    random.seed(3)
    texts = ["", "a", "it's", 'say "x"', "both ' and \"", "line\nend", "tab\t", "back\\slash", "né 日本 🙂", "\x00\x1b", "\u200b", "x" * 50]

    def value(depth=0):
        roll = random.random()
        if depth > 3 or roll < 0.4:
            return random.choice(texts)
        if roll < 0.5:
            return random.choice([None, True, False, 0, -1, 7, 1.5, -2e-9, 1e22])
        if roll < 0.7:
            return [value(depth + 1) for _ in range(random.randint(0, 3))]
        if roll < 0.8:
            return tuple(value(depth + 1) for _ in range(random.randint(0, 3)))
        return {random.choice(["role", "content", "it's", "k"]): value(depth + 1) for _ in range(random.randint(0, 3))}

    written = [repr([value()]) for _ in range(300)]
    written += ["r'a\\n'", "b'a'", "u'x'", "'a' 'b'", "'''a\n'b'''", "(1)", "(1,)", "{1, 2}", "[1, 2,]", "0x1", "1_000", "{'a': 1,}", "['a'\n 'b']", "- 1", "[", "{'a'}", "{'a': }", "'a", "f'x'", "[1 2]", "foo", "[foo]", "1 + 2", "[1,,2]", "{'a': 1 'b': 2}"]
    cases = []
    for text in written:
        try:
            read = ast.literal_eval(text)
            cases.append([text, plain(read)])
        except Exception:
            cases.append([text, {"error": True}])
    return cases


def plain(value):
    if isinstance(value, (list, tuple)):
        return {"list": [plain(item) for item in value]}
    if isinstance(value, set):
        return {"list": [plain(item) for item in sorted(value)]}
    if isinstance(value, bytes):
        return {"value": value.decode()}
    if isinstance(value, dict):
        return {"dict": [[str(key), plain(item)] for key, item in value.items()]}
    return {"value": value}


def main():
    cases = []
    for name, (write, expected) in FORMATS.items():
        for kind, talks in TALKS.items():
            if name in ("transcripts with hashes",) and kind == "quotes":
                continue
            file, text = write(talks)
            cases.append({"name": f"{name}: {kind}", "file": file, "text": text, "rows": [expected(talk) for talk in talks]})
    pairs_ = []
    for name, make in PREFERENCES.items():
        for kind, talks in TALKS.items():
            file, text = jsonl([make(talk) for talk in talks])
            rows = [{"prompt": talk[:-1], "chosen": talk[-1]["content"], "rejected": WORSE} for talk in talks]
            pairs_.append({"name": f"{name}: {kind}", "file": file, "text": text, "rows": rows})
    for kind, talks in TALKS.items():
        rows = [{"chosen": transcript(t), "rejected": transcript([*t[:-1], A(WORSE)])} for t in talks]
        file, text = jsonl(rows)
        expected = [{"prompt": stripped(t)[:-1], "chosen": stripped(t)[-1]["content"], "rejected": WORSE} for t in talks]
        pairs_.append({"name": f"HH-RLHF: {kind}", "file": file, "text": text, "rows": expected})
    data = {"chats": cases, "preferences": pairs_, "literals": literals()}
    raw = json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode()
    (HERE / "conversations.json.gz").write_bytes(gzip.compress(raw, 9, mtime=0))
    print(len(cases), "chats,", len(pairs_), "preferences,", len(data["literals"]), "literals")


if __name__ == "__main__":
    main()
