"""Loads an export with the libraries it is meant for and compares their logits with those of predictions.jsonl.

usage: check_exports.py EXPORT PREDICTIONS.jsonl [--base FOLDER] [--rows N] [--tolerance T]

EXPORT is a zip or a folder: a full or merged model (transformers), a PEFT adapter (with --base, the folder of the base
model), or a sentence-transformers model. Logarithms of numbers are put back as the card says. Prints one line of JSON
with the largest absolute logit difference (of numbers: over the largest number); exits with 1 when it is above the
tolerance (1e-4) or when the names of the labels do not fit the predictions.
Needs torch, transformers, and peft or sentence-transformers for their kinds of export.
"""
import argparse
import json
import math
import os
import sys
import tempfile
import zipfile

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")


def read_json(folder, name, missing):
    path = os.path.join(folder, name)
    if not os.path.exists(path):
        return missing
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def in_batches(rows, size=16):
    return [rows[start : start + size] for start in range(0, len(rows), size)]


def classifier_logits(model, tokenizer, rows, max_length):
    import torch

    model.eval()
    logits = []
    with torch.no_grad():
        for batch in in_batches(rows):
            pairs = [row["text_pair"] for row in batch] if "text_pair" in batch[0] else None
            encoded = tokenizer([row["text"] for row in batch], pairs, padding=True, truncation=True, max_length=max_length, return_tensors="pt")
            # As in training: token types only for architectures that have them.
            if getattr(model.config, "type_vocab_size", 0) < 2:
                encoded.pop("token_type_ids", None)
            logits += model(**encoded).logits.tolist()
    return logits


def full(folder, rows, max_length):
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    model, info = AutoModelForSequenceClassification.from_pretrained(folder, output_loading_info=True)
    problems = [f"{kind}: {sorted(info[kind])}" for kind in ("missing_keys", "unexpected_keys", "mismatched_keys") if info.get(kind)]
    return "transformers", classifier_logits(model, AutoTokenizer.from_pretrained(folder), rows, max_length), model.config.id2label, problems


def adapter(folder, base, rows, max_length, labels):
    from peft import PeftModel
    from transformers import AutoModelForSequenceClassification, AutoTokenizer

    if base is None:
        sys.exit("An adapter needs --base FOLDER.")
    model = AutoModelForSequenceClassification.from_pretrained(base, num_labels=max(1, len(labels) or len(rows[0]["logits"])), dtype="float32")
    model = PeftModel.from_pretrained(model, folder)
    tokenizer = AutoTokenizer.from_pretrained(base)
    return "peft", classifier_logits(model, tokenizer, rows, max_length), dict(enumerate(labels)), []


def sentence_transformers(folder, rows):
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(folder, device="cpu")
    texts = [(row["text"], row["text_pair"]) if "text_pair" in row else row["text"] for row in rows]
    labels = {int(index): label for index, label in read_json(folder, "config.json", {})["id2label"].items()}
    return "sentence-transformers", model.encode(texts, batch_size=16, show_progress_bar=False).tolist(), labels, []


def check(folder, rows, base):
    recipe = read_json(folder, "recipe.json", {})
    max_length = recipe.get("training", {}).get("maxLength", 128)
    if os.path.exists(os.path.join(folder, "adapter_config.json")):
        return adapter(folder, base, rows, max_length, recipe.get("labels", []))
    if os.path.exists(os.path.join(folder, "modules.json")):
        return sentence_transformers(folder, rows)
    return full(folder, rows, max_length)


def wrong_names(rows, logits, names, task):
    """Rows whose most likely label, by the export's own names, is not the one that the app predicted."""
    if task not in (None, "single-label") or len(names) < 2:
        return []
    return [row["row"] for row, values in zip(rows, logits) if names.get(values.index(max(values))) != row["predicted"]]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("export")
    parser.add_argument("predictions")
    parser.add_argument("--base")
    parser.add_argument("--rows", type=int, default=50)
    parser.add_argument("--tolerance", type=float, default=1e-4)
    options = parser.parse_args()
    with open(options.predictions, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file.read().split("\n") if line][: options.rows]
    with tempfile.TemporaryDirectory() as scratch:
        folder = options.export
        if zipfile.is_zipfile(folder):
            with zipfile.ZipFile(folder) as archive:
                archive.extractall(scratch)
            folder = scratch
        recipe = read_json(folder, "recipe.json", {})
        task = recipe.get("task")
        kind, logits, names, problems = check(folder, rows, options.base)
        if recipe.get("targets", {}).get("files_answer", "").startswith("log"):
            logits = [[math.exp(value) for value in values] for values in logits]
    difference = max(abs(a - b) for row, values in zip(rows, logits) for a, b in zip(row["logits"], values, strict=True))
    if task == "regression":
        difference /= max(abs(value) for row in rows for value in row["logits"]) or 1
    names_wrong = wrong_names(rows, logits, names, task)
    good = difference <= options.tolerance and not names_wrong and not problems and len(rows) > 0
    print(json.dumps({"kind": kind, "rows": len(rows), "largest_difference": difference, "labels_wrong_on_rows": names_wrong, "problems": problems, "good": good}))
    sys.exit(0 if good else 1)


if __name__ == "__main__":
    main()
