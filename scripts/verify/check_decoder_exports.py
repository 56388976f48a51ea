"""Loads the adapter and the merged folder of a taught decoder with PEFT and transformers and compares their logits with the engine's.

usage: check_decoder_exports.py FOLDER [--tolerance T]

FOLDER is what `node bench/exports.mjs` leaves: base/, merged/, adapter/, cases.json and logits-*.f32. Prints one line of JSON; exits with 1 when
a logit differs by more than the tolerance (1e-4), when a parameter is missing or left over, or when a tokenizer gives other ids.
Needs torch, transformers and peft.
"""
import argparse
import json
import os
import sys

os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("TRANSFORMERS_VERBOSITY", "error")

import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer


@torch.no_grad()
def largest_difference(model, folder, cases):
    model.eval()
    worst = 0.0
    for i, case in enumerate(cases):
        ours = torch.frombuffer(bytearray(open(os.path.join(folder, f"logits-{i}.f32"), "rb").read()), dtype=torch.float32)
        logits = model(input_ids=torch.tensor([case["ids"]])).logits[0, case["from"] : case["to"]]
        worst = max(worst, (logits - ours.reshape(logits.shape)).abs().max().item())
    return worst


def load(folder):
    model, info = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    return model, [f"{kind}: {sorted(info[kind])}" for kind in ("missing_keys", "unexpected_keys", "mismatched_keys") if info.get(kind)]


@torch.no_grad()
def stops_alike(model, cases):
    """How many answers are the engine's, written greedily up to the same end."""
    alike = 0
    for case in cases:
        prompt = torch.tensor([case["promptIds"]])
        written = model.generate(input_ids=prompt, attention_mask=torch.ones_like(prompt), max_new_tokens=60, do_sample=False, pad_token_id=0)[0, prompt.shape[1] :].tolist()
        alike += written[: len(case["written"])] == case["written"] and len(written) == len(case["written"]) + case["stops"]
    return alike


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    options = parser.parse_args()
    with open(os.path.join(options.folder, "cases.json"), encoding="utf-8") as file:
        cases = json.load(file)
    path = lambda name: os.path.join(options.folder, name)
    merged, problems = load(path("merged"))
    tokenizer = AutoTokenizer.from_pretrained(path("merged"))
    other_ids = sum(tokenizer(case["text"], add_special_tokens=False)["input_ids"] != case["promptIds"] for case in cases)
    result = {"merged": largest_difference(merged, options.folder, cases), "answers_alike": stops_alike(merged, cases), "answers": len(cases)}
    base, more = load(path("base"))
    result["adapter"] = largest_difference(PeftModel.from_pretrained(base, path("adapter")), options.folder, cases)
    result |= {"positions": sum(case["to"] - case["from"] for case in cases), "prompts_with_other_ids": other_ids, "problems": problems + more}
    result["good"] = max(result["merged"], result["adapter"]) <= options.tolerance and not other_ids and not result["problems"]
    print(json.dumps(result))
    sys.exit(0 if result["good"] else 1)


if __name__ == "__main__":
    main()
