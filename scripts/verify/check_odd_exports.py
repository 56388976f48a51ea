"""Reads the exports that odd-models.test.ts writes with the libraries they are meant for, and keeps the digests of those that answer rightly.

usage: TABTUNE_ODD_EXPORTS=DIR npx vitest run src/worker/model/odd-models.test.ts; check_odd_exports.py DIR

For each case of e2e/fixtures/odd-models/cases.json.gz: the merged folder by transformers, the adapter by PEFT on the case's own base, GGUF
files by the table of names of llama.cpp's own package and by transformers' reader (half precision: looser), and their adapters by adding the factors up as llama.cpp does, the folder of
sentence-transformers by that library. Writes exports.json beside the cases; exits with 1 when an export answers otherwise or cannot be read.
Needs torch, transformers, peft, sentence-transformers and gguf.
"""
import base64
import gzip
import hashlib
import json
import os
import pathlib
import sys
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import gguf
import torch
from peft import PeftModel
from transformers import AutoModelForCausalLM, PreTrainedTokenizerFast

from odd_models import auto_class, kind_of

FIXTURES = pathlib.Path(__file__).parent.parent.parent / "e2e/fixtures/odd-models"
EXACT, HALF = 2e-4, 0.15


def digest(folder):
    lines = [
        (path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest())
        for path in folder.rglob("*")
        if path.is_file() and path.name != "README.md"
    ]
    return hashlib.sha256("".join(f"{name} {value}\n" for name, value in sorted(lines)).encode()).hexdigest()


@torch.no_grad()
def difference(model, case, tokenizer=None):
    model.eval()
    if tokenizer and [tokenizer(text)["input_ids"] for text in TEXTS] != case["ids"]:
        return float("inf")
    rows = [model(input_ids=torch.tensor([ids])).logits[0].float().flatten() for ids in case["ids"]]
    return max((row - torch.tensor(kept)).abs().max().item() if row.numel() == len(kept) else float("inf") for row, kept in zip(rows, case["logits"]))


def whole(folder):
    model, info = auto_class(kind_of(folder)).from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    if info["missing_keys"] or info["mismatched_keys"] or info["unexpected_keys"]:
        raise ValueError(f"keys: {info}")
    return model


def adapter(folder, base):
    model = auto_class(kind_of(base)).from_pretrained(base, dtype=torch.float32)
    own = json.loads((folder / "adapter_config.json").read_text())
    rows = gguf_rows(folder / "adapter_model.safetensors")
    if rows and rows != model.get_input_embeddings().weight.shape[0]:
        model.resize_token_embeddings(rows, mean_resizing=False)
    assert own["peft_type"] == "LORA"
    return PeftModel.from_pretrained(model, folder)


def gguf_rows(path):
    """Rows of the embedding in an adapter's file, if it holds one."""
    from safetensors import safe_open

    with safe_open(path, "pt") as file:
        for name in file.keys():
            if name.endswith(("embed_tokens.weight", "embed_tokens.base_layer.weight")):
                return file.get_slice(name).get_shape()[0]


def gguf_tensors(path):
    return {tensor.name: torch.tensor(gguf.dequantize(tensor.data, tensor.tensor_type)) for tensor in gguf.GGUFReader(path).tensors}


def unpermuted(weight, heads):
    """The way back of llama.cpp's converter for Llama's queries and keys."""
    return weight.reshape(heads, weight.shape[0] // heads // 2, 2, *weight.shape[1:]).swapaxes(1, 2).reshape(weight.shape)


def by_gguf_names(path, merged):
    """The model with the values of a GGUF file, found by llama.cpp's own table of names."""
    model = whole(merged)
    config, tensors = model.config, gguf_tensors(path)
    architecture = next(key for key, name in gguf.MODEL_ARCH_NAMES.items() if name == config.model_type)
    names = gguf.get_tensor_name_map(architecture, config.num_hidden_layers)
    used = set()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            found = names.get_name(name, try_suffixes=(".weight", ".bias"))
            value = tensors[found]
            used.add(found)
            if config.model_type == "llama" and ".q_proj." in name:
                value = unpermuted(value, config.num_attention_heads)
            if config.model_type == "llama" and ".k_proj." in name:
                value = unpermuted(value, config.num_key_value_heads)
            if config.model_type == "gpt2" and name.endswith((".c_attn.weight", ".c_proj.weight", ".c_fc.weight")):
                value = value.T
            parameter.copy_(value.reshape(parameter.shape))
    if set(tensors) - used:
        raise ValueError(f"GGUF tensors without a place: {sorted(set(tensors) - used)}")
    return model


def gguf_model(path, merged):
    """transformers' own reader too, for those kinds that it reads whole."""
    config = json.loads((merged / "config.json").read_text())
    model = by_gguf_names(path, merged)
    if config["model_type"] in ("llama", "qwen2") and not config.get("attention_bias"):
        other = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name, dtype=torch.float32)
        ids = torch.tensor([list(range(4, 12))])
        with torch.no_grad():
            if (model(input_ids=ids).logits - other(input_ids=ids).logits).abs().max() > 1e-4:
                raise ValueError("transformers reads the GGUF file otherwise than by llama.cpp's names")
    return model


def gguf_adapter(path, base, merged):
    """The base's file and the adapter's, added up as llama.cpp does, against the merged file: both at half precision."""
    reader = gguf.GGUFReader(path)
    alpha = float(reader.fields["adapter.lora.alpha"].contents())
    factors = gguf_tensors(path)
    worst = 0.0
    for name, weight in base.items():
        if name + ".lora_a" in factors:
            a, b = factors[name + ".lora_a"], factors[name + ".lora_b"]
            weight = weight + alpha / a.shape[0] * (b @ a)
        worst = max(worst, (weight - merged[name]).abs().max().item())
    return worst


def sentence_transformers(folder):
    from sentence_transformers import SentenceTransformer

    said = torch.tensor(json.loads((folder / "answers.json").read_text()))
    return (torch.tensor(SentenceTransformer(str(folder), device="cpu").encode(TEXTS)) - said).abs().max().item()


def check(case, folder, base, clean_gguf):
    found = {}
    for kind in sorted(path.name for path in folder.iterdir()):
        at, limit = folder / kind, EXACT
        if kind == "merged":
            worst = difference(whole(at), case, PreTrainedTokenizerFast.from_pretrained(at))
        elif kind == "adapter":
            worst = difference(adapter(at, base), case)
        elif kind == "gguf":
            worst, limit = difference(gguf_model(at / "model.gguf", folder / "merged"), case), HALF
        elif kind == "gguf-adapter":
            worst, limit = gguf_adapter(at / "adapter.gguf", gguf_tensors(clean_gguf), gguf_tensors(folder / "gguf/model.gguf")), 4e-3
        else:
            worst, limit = sentence_transformers(at), 1e-3
        found[kind] = (worst, limit, digest(at))
    return found


def main():
    exports = pathlib.Path(sys.argv[1])
    cases = KEPT["cases"]
    clean = {case["base"]: number for number, case in enumerate(cases) if case["name"] == f"clean {case['base']}"}
    proved, bad, count = {}, 0, 0
    for number, case in enumerate(cases):
        if "refused" in case:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            base = pathlib.Path(scratch)
            for path, at in case["files"].items():
                if not path.startswith("adapter_"):
                    (base / path).parent.mkdir(parents=True, exist_ok=True)
                    (base / path).write_bytes(base64.b64decode(KEPT["files"][at]))
            try:
                found = check(case, exports / str(number), base, exports / str(clean[case["base"]]) / "gguf/model.gguf")
            except Exception as error:
                print("CANNOT", case["name"], type(error).__name__, str(error)[:300])
                bad += 1
                continue
        for kind, (worst, limit, found_digest) in found.items():
            count += 1
            if worst <= limit:
                proved.setdefault(case["name"], {})[kind] = found_digest
            else:
                print("OFF", case["name"], kind, worst)
                bad += 1
    (FIXTURES / "exports.json").write_text(json.dumps(proved, indent=1, ensure_ascii=False) + "\n")
    print(count, "exports,", bad, "bad")
    sys.exit(1 if bad else 0)


KEPT = json.loads(gzip.decompress((FIXTURES / "cases.json.gz").read_bytes()))
TEXTS = KEPT["texts"]
if __name__ == "__main__":
    main()
