"""Writes e2e/fixtures/odd-models/cases.json.gz: tiny model folders and PEFT adapters of many odd kinds, each with what transformers and PEFT make of it.

usage: odd_models.py            (needs torch, transformers and peft; the versions are kept in the file)

A case has files, texts, their ids by transformers, and the logits by AutoModel… and PeftModel.from_pretrained. Adapters that PEFT draws
are trained in appearance only: every tensor of theirs gets noise before it is saved. Files are kept once each, by their content.
One more case is a line in `base_cases` or `adapter_cases`.
"""
import base64
import copy
import gzip
import hashlib
import json
import os
import pathlib
import shutil
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import peft
import torch
import transformers
from peft import LoraConfig, PeftModel, get_peft_model
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForSequenceClassification, PreTrainedTokenizerFast

HERE = pathlib.Path(__file__).parent
OUT = HERE.parent.parent / "e2e/fixtures/odd-models/cases.json.gz"
VOCABULARY = 40
TEXTS = ["w7 w12 w9 w30 w8 w21", "w15 w11"]
LABELS = ["no", "perhaps", "yes"]
ROTARY = dict(
    vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, num_key_value_heads=2,
    max_position_embeddings=32, bos_token_id=1, eos_token_id=2, pad_token_id=0,
)
ENCODER = dict(
    vocab_size=VOCABULARY, hidden_size=16, intermediate_size=24, num_hidden_layers=2, num_attention_heads=4, max_position_embeddings=32,
    pad_token_id=0, id2label=dict(enumerate(LABELS)), label2id={label: i for i, label in enumerate(LABELS)},
)
CONFIGS = {
    "llama": ("llama", dict(ROTARY, tie_word_embeddings=False)),
    "llama-tied": ("llama", dict(ROTARY, tie_word_embeddings=True)),
    "llama-biases": ("llama", dict(ROTARY, tie_word_embeddings=False, attention_bias=True, mlp_bias=True)),
    "qwen2": ("qwen2", dict(ROTARY, tie_word_embeddings=True)),
    "qwen3": ("qwen3", dict(ROTARY, tie_word_embeddings=False, head_dim=8)),
    "gpt2": ("gpt2", dict(vocab_size=VOCABULARY, n_embd=16, n_layer=2, n_head=4, n_positions=32, bos_token_id=1, eos_token_id=2)),
    "bert": ("bert", ENCODER),
    "roberta": ("roberta", dict(ENCODER, max_position_embeddings=34, type_vocab_size=1)),
    "xlm-roberta": ("xlm-roberta", dict(ENCODER, max_position_embeddings=34, type_vocab_size=1)),
    "distilbert": (
        "distilbert",
        dict(vocab_size=VOCABULARY, dim=16, hidden_dim=24, n_layers=2, n_heads=4, max_position_embeddings=32, pad_token_id=0,
             id2label=dict(enumerate(LABELS)), label2id={label: i for i, label in enumerate(LABELS)}),
    ),
}
DECODERS = {"llama", "qwen2", "qwen3", "gpt2"}
kind_of = lambda folder: json.loads((folder / "config.json").read_text())["model_type"]
auto_class = lambda kind: AutoModelForCausalLM if kind in DECODERS else AutoModelForSequenceClassification


def rounded(tensor):
    """Few different bits, so that the file packs well."""
    return (tensor * 64).round() / 64


@torch.no_grad()
def draw(module, seed, only=lambda name: True):
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in sorted(module.named_parameters()):
        if not only(name):
            continue
        noise = torch.randn(parameter.shape, generator=generator) * (0.3 if parameter.dim() > 1 else 0.1)
        is_norm = parameter.dim() == 1 and ("norm" in name.lower() or ".ln_" in name) and name.endswith("weight")
        parameter.copy_(rounded(noise + (1 if is_norm else 0)).to(parameter.dtype))


@torch.no_grad()
def stir(model, seed):
    """Noise on whatever PEFT would save."""
    generator = torch.Generator().manual_seed(seed)
    for name, parameter in sorted(model.named_parameters()):
        if parameter.requires_grad:
            parameter.copy_(rounded(parameter + 0.15 * torch.randn(parameter.shape, generator=generator)))


def write_tokenizer(folder, kind):
    special = ["<pad>", "<s>", "</s>", "<unk>"]
    if kind in DECODERS:
        # Byte-level, so that GGUF files have a name for it.
        merges = [("Ġ", "w"), ("w", "1"), ("w", "2"), ("Ġw", "1"), ("Ġw", "2"), ("Ġw", "3"), ("1", "2"), ("Ġw1", "1"), ("3", "0"), ("Ġw", "9")]
        letters = special + ["w", "Ġ", "x", "y", "z"] + [str(digit) for digit in range(10)] + [a + b for a, b in merges]
        words = letters + [f"~{i}" for i in range(len(letters), VOCABULARY)]
        tokenizer = Tokenizer(models.BPE({word: i for i, word in enumerate(words)}, merges))
        tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
        tokenizer.decoder = decoders.ByteLevel()
    else:
        words = special + [f"w{i}" for i in range(len(special), VOCABULARY)]
        tokenizer = Tokenizer(models.WordLevel({word: i for i, word in enumerate(words)}, unk_token="<unk>"))
        tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
        tokenizer.post_processor = processors.TemplateProcessing(single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 1), ("</s>", 2)])
    PreTrainedTokenizerFast(tokenizer_object=tokenizer, pad_token="<pad>", bos_token="<s>", eos_token="</s>", unk_token="<unk>").save_pretrained(folder)


def base_folder(root, name, seed=1):
    folder = root / name
    if folder.exists():
        return folder
    kind, fields = CONFIGS[name]
    model = auto_class(kind).from_config(AutoConfig.for_model(kind, **fields))
    draw(model, seed)
    model.save_pretrained(folder)
    for extra in ("generation_config.json",):
        (folder / extra).unlink(missing_ok=True)
    write_tokenizer(folder, kind)
    return folder


@torch.no_grad()
def answers(model, tokenizer):
    model.eval()
    ids = [tokenizer(text)["input_ids"] for text in TEXTS]
    logits = [model(input_ids=torch.tensor([row])).logits[0].float() for row in ids]
    return {"ids": ids, "logits": [[round(x, 6) for x in row.flatten().tolist()] for row in logits]}


def load(folder, **more):
    return auto_class(kind_of(folder)).from_pretrained(folder, dtype=torch.float32, **more)


# ---- odd base folders: what changes the clean folder, and whether transformers itself reads it (else the clean answers count) ----
def with_weights(change, file="model.safetensors"):
    def apply(folder):
        tensors = change(load_file(folder / "model.safetensors"), folder)
        (folder / "model.safetensors").unlink()
        save_file({name: tensor.contiguous() for name, tensor in tensors.items()}, folder / file, metadata={"format": "pt"})

    return apply


renamed = lambda rule: with_weights(lambda tensors, folder: {rule(name): tensor for name, tensor in tensors.items()})
typed = lambda rule: with_weights(lambda tensors, folder: {name: tensor.to(rule(name)) for name, tensor in tensors.items()})
extra = lambda more: with_weights(lambda tensors, folder: {**tensors, **more(tensors)})


def config(**fields):
    def apply(folder):
        path = folder / "config.json"
        values = {**json.loads(path.read_text()), **fields}
        path.write_text(json.dumps({name: value for name, value in values.items() if value != "absent"}))

    return apply


def shards(first, second):
    def apply(folder):
        tensors = load_file(folder / "model.safetensors")
        (folder / "model.safetensors").unlink()
        names = sorted(tensors)
        parts = {first: names[: len(names) // 2], second: names[len(names) // 2 :]}
        for file, own in parts.items():
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            save_file({name: tensors[name].contiguous() for name in own}, folder / file, metadata={"format": "pt"})
        index = {"metadata": {}, "weight_map": {name: file for file, own in parts.items() for name in own}}
        (folder / "model.safetensors.index.json").write_text(json.dumps(index))

    return apply


def rows_like(tensor, seed):
    return rounded(0.3 * torch.randn(tensor.shape, generator=torch.Generator().manual_seed(seed)))


base_cases = [(f"clean {name}", name, [], True) for name in CONFIGS] + [
    ("module. in front", "llama", [renamed(lambda name: f"module.{name}")], False),
    ("module. in front of an encoder", "bert", [renamed(lambda name: f"module.{name}")], False),
    ("torch.compile", "qwen2", [renamed(lambda name: f"_orig_mod.{name}")], False),
    ("torch.compile of DDP", "gpt2", [renamed(lambda name: f"_orig_mod.module.{name}")], False),
    ("DDP of torch.compile", "roberta", [renamed(lambda name: f"module._orig_mod.{name}")], False),
    ("PEFT's prefix", "llama-tied", [renamed(lambda name: f"base_model.model.{name}")], False),
    ("FSDP in the middle", "llama", [renamed(lambda name: f"_fsdp_wrapped_module.{name}".replace(".self_attn", "._fsdp_wrapped_module.self_attn"))], False),
    ("checkpoint wrappers", "qwen3", [renamed(lambda name: name.replace(".mlp", "._checkpoint_wrapped_module.mlp"))], False),
    ("Lightning", "bert", [renamed(lambda name: f"model.{name}")], False),
    ("Lightning of a decoder", "llama", [renamed(lambda name: f"model.{name}")], False),
    ("Lightning of a strange name", "distilbert", [renamed(lambda name: f"net.encoder_tower.{name}")], False),
    ("compiled Lightning", "llama", [renamed(lambda name: f"model._orig_mod.{name}")], False),
    ("bare decoder, tied", "llama-tied", [renamed(lambda name: name.removeprefix("model."))], True),
    ("bare GPT-2", "gpt2", [renamed(lambda name: name.removeprefix("transformer."))], True),
    ("gamma and beta", "bert", [renamed(lambda name: name.replace("LayerNorm.weight", "LayerNorm.gamma").replace("LayerNorm.bias", "LayerNorm.beta"))], True),
    ("BF16", "llama", [typed(lambda name: torch.bfloat16)], True),
    ("F16", "gpt2", [typed(lambda name: torch.float16)], True),
    ("F64", "qwen2", [typed(lambda name: torch.float64)], True),
    ("mixed types", "bert", [typed(lambda name: torch.bfloat16 if "attention" in name else torch.float16 if "dense" in name else torch.float32)], True),
    ("shards of other names", "llama", [shards("first.safetensors", "second.safetensors")], True),
    ("shards in subfolders", "qwen3", [shards("weights/a.safetensors", "weights/b.safetensors")], True),
    ("shards of a classifier", "roberta", [shards("pytorch_model-1.safetensors", "pytorch_model-2.safetensors")], True),
    ("another head than the tied embedding", "llama-tied", [extra(lambda tensors: {"lm_head.weight": rows_like(tensors["model.embed_tokens.weight"], 5)})], True),
    ("another head in GPT-2", "gpt2", [extra(lambda tensors: {"lm_head.weight": rows_like(tensors["transformer.wte.weight"], 6)})], True),
    ("the same head as the tied embedding", "qwen2", [extra(lambda tensors: {"lm_head.weight": tensors["model.embed_tokens.weight"].clone()})], True),
    ("a tied head alone", "llama-tied", [renamed(lambda name: "lm_head.weight" if name == "model.embed_tokens.weight" else name)], True),
    ("no word on tying, Llama", "llama", [config(tie_word_embeddings="absent")], True),
    ("no word on tying, Qwen 3", "qwen3", [config(tie_word_embeddings="absent")], True),
    ("no word on tying, GPT-2", "gpt2", [config(tie_word_embeddings="absent")], True),
    ("buffers of old versions", "gpt2", [extra(lambda tensors: {"transformer.h.0.attn.bias": torch.ones(1, 1, 32, 32), "transformer.h.0.attn.masked_bias": torch.tensor(-1e4)})], True),
    ("position ids", "bert", [extra(lambda tensors: {"bert.embeddings.position_ids": torch.arange(32)[None]})], True),
    ("a second head", "bert", [extra(lambda tensors: {"cls.predictions.bias": torch.zeros(VOCABULARY), "cls.seq_relationship.weight": torch.ones(2, 16)})], True),
    ("inverse frequencies", "llama", [extra(lambda tensors: {"model.layers.0.self_attn.rotary_emb.inv_freq": torch.ones(2)})], True),
]

# ---- adapters: base, LoraConfig, what is done to the base before ----
ATTENTION = ["q_proj", "v_proj"]
adapter_cases = [
    ("plain", "llama", dict(target_modules=ATTENTION), {}),
    ("plain, tied", "qwen2", dict(target_modules=["k_proj", "o_proj", "gate_proj"]), {}),
    ("plain, Qwen 3", "qwen3", dict(target_modules=["q_proj", "down_proj"]), {}),
    ("plain, GPT-2", "gpt2", dict(target_modules=["c_attn"]), {}),
    ("GPT-2, both c_proj and c_fc", "gpt2", dict(target_modules=["c_proj", "mlp.c_fc"], fan_in_fan_out=True), {}),
    ("all-linear", "llama", dict(target_modules="all-linear"), {}),
    ("all-linear, GPT-2", "gpt2", dict(target_modules="all-linear"), {}),
    ("regular expression", "llama", dict(target_modules=r".*\.layers\.1\..*(q|v)_proj"), {}),
    ("full names", "qwen2", dict(target_modules=["model.layers.0.self_attn.q_proj", "model.layers.1.mlp.up_proj"]), {}),
    ("exclude_modules by expression", "llama", dict(target_modules=ATTENTION, exclude_modules=r".*layers\.0\..*"), {}),
    ("exclude_modules by name", "qwen3", dict(target_modules=ATTENTION, exclude_modules=["layers.1.self_attn.v_proj"]), {}),
    ("layers_to_transform", "llama", dict(target_modules=ATTENTION, layers_to_transform=[1]), {}),
    ("one layer by number", "gpt2", dict(target_modules=["c_attn"], layers_to_transform=0, layers_pattern="h"), {}),
    ("layers_pattern", "qwen2", dict(target_modules=ATTENTION, layers_to_transform=[0], layers_pattern=["layers"]), {}),
    ("rank_pattern", "llama", dict(target_modules=ATTENTION, rank_pattern={"v_proj": 2}), {}),
    ("alpha_pattern", "llama", dict(target_modules=ATTENTION, alpha_pattern={"layers.1.self_attn.q_proj": 24}), {}),
    ("patterns by expression", "llama", dict(target_modules=ATTENTION, rank_pattern={r"layers\.\d\.self_attn.v_proj": 6}, alpha_pattern={r"^model\.layers\.0\.self_attn\.q_proj": 2}), {}),
    ("rsLoRA", "llama", dict(target_modules=ATTENTION, use_rslora=True), {}),
    ("rsLoRA with patterns", "qwen2", dict(target_modules=ATTENTION, use_rslora=True, rank_pattern={"q_proj": 2}, alpha_pattern={"v_proj": 5}), {}),
    ("rsLoRA, BERT", "bert", dict(target_modules=["query", "value"], use_rslora=True, task_type="SEQ_CLS"), {}),
    ("DoRA", "llama", dict(target_modules=ATTENTION, use_dora=True), {}),
    ("DoRA, GPT-2", "gpt2", dict(target_modules=["c_attn", "mlp.c_proj"], use_dora=True), {}),
    ("DoRA with rsLoRA", "qwen3", dict(target_modules=["o_proj"], use_dora=True, use_rslora=True), {}),
    ("DoRA, BERT", "bert", dict(target_modules=["query", "output.dense"], use_dora=True, task_type="SEQ_CLS"), {}),
    ("PiSSA", "llama", dict(target_modules=ATTENTION, init_lora_weights="pissa"), {}),
    ("PiSSA, GPT-2", "gpt2", dict(target_modules=["c_attn"], init_lora_weights="pissa"), {}),
    ("PiSSA with ranks of its own", "qwen2", dict(target_modules=["q_proj", "up_proj"], init_lora_weights="pissa", rank_pattern={"up_proj": 3}, use_rslora=True), {}),
    ("PiSSA, DistilBERT", "distilbert", dict(target_modules=["q_lin", "ffn.lin1"], init_lora_weights="pissa", task_type="SEQ_CLS"), {}),
    ("OLoRA", "llama", dict(target_modules=ATTENTION, init_lora_weights="olora"), {}),
    ("OLoRA, BERT", "bert", dict(target_modules=["key", "intermediate.dense"], init_lora_weights="olora", task_type="SEQ_CLS"), {}),
    ("gaussian", "llama", dict(target_modules=ATTENTION, init_lora_weights="gaussian"), {}),
    ("orthogonal", "qwen2", dict(target_modules=ATTENTION, init_lora_weights="orthogonal"), {}),
    ("bias all", "qwen2", dict(target_modules=ATTENTION, bias="all"), {}),
    ("bias all, BERT", "bert", dict(target_modules=["query"], bias="all", task_type="SEQ_CLS"), {}),
    ("bias lora_only", "llama-biases", dict(target_modules=ATTENTION, bias="lora_only"), {}),
    ("bias all, GPT-2", "gpt2", dict(target_modules=["c_attn"], bias="all"), {}),
    ("saved head", "llama", dict(target_modules=ATTENTION, modules_to_save=["lm_head"]), {}),
    ("saved embedding", "llama", dict(target_modules=ATTENTION, modules_to_save=["embed_tokens"]), {}),
    ("saved embedding and head", "llama", dict(target_modules=ATTENTION, modules_to_save=["embed_tokens", "lm_head"]), {}),
    ("saved head, tied", "llama-tied", dict(target_modules=ATTENTION, modules_to_save=["lm_head"]), {}),
    ("saved embedding, tied", "llama-tied", dict(target_modules=ATTENTION, modules_to_save=["embed_tokens"]), {}),
    ("saved embedding and head, tied", "qwen2", dict(target_modules=ATTENTION, modules_to_save=["embed_tokens", "lm_head"]), {}),
    ("saved embedding that stays tied", "llama-tied", dict(target_modules=ATTENTION, modules_to_save=["embed_tokens"], ensure_weight_tying=True), {}),
    ("saved norms", "llama", dict(target_modules=ATTENTION, modules_to_save=["input_layernorm", "model.norm"]), {}),
    ("saved embedding layers", "llama", dict(target_modules=ATTENTION), dict(save_embedding_layers=True, other_embeddings=True)),
    ("saved embedding layers, tied", "llama-tied", dict(target_modules=ATTENTION), dict(save_embedding_layers=True, other_embeddings=True)),
    ("more tokens", "llama", dict(target_modules=ATTENTION), dict(save_embedding_layers=True, rows=VOCABULARY + 3)),
    ("more tokens, tied", "qwen2", dict(target_modules=ATTENTION), dict(save_embedding_layers=True, rows=VOCABULARY + 3)),
    ("single tokens", "llama", dict(target_modules=ATTENTION, trainable_token_indices=[7, 30]), {}),
    ("single tokens, tied", "llama-tied", dict(target_modules=ATTENTION, trainable_token_indices={"embed_tokens": [8, 12, 39]}), {}),
    ("adapted embedding", "llama", dict(target_modules=["q_proj", "embed_tokens"]), dict(save_embedding_layers=False)),
    ("adapted embedding, saved too", "llama", dict(target_modules=["q_proj", "embed_tokens"]), {}),
    ("adapted head", "llama", dict(target_modules=["v_proj", "lm_head"]), dict(save_embedding_layers=False)),
    ("classifier", "bert", dict(target_modules=["query", "value"], task_type="SEQ_CLS"), {}),
    ("classifier and pooler", "bert", dict(target_modules=["query", "value"], modules_to_save=["classifier", "pooler"], task_type="SEQ_CLS"), {}),
    ("classifier, RoBERTa", "roberta", dict(target_modules="all-linear", task_type="SEQ_CLS"), {}),
    ("classifier, XLM-RoBERTa", "xlm-roberta", dict(target_modules=["query", "key", "value"], task_type="SEQ_CLS"), {}),
    ("classifier, DistilBERT", "distilbert", dict(target_modules=["q_lin", "v_lin"], task_type="SEQ_CLS"), {}),
    ("classifier without a task", "bert", dict(target_modules=["query", "value"]), {}),
    ("half-precision factors", "llama", dict(target_modules=ATTENTION), dict(dtype=torch.float16)),
    ("of a base in BF16", "qwen3", dict(target_modules=ATTENTION), dict(base_dtype=torch.bfloat16)),
]
REFUSED = {
    "PiSSA by chance": dict(init_lora_weights="pissa_niter_4"), "LoftQ": dict(init_lora_weights="loftq"), "CorDA": dict(init_lora_weights="corda"),
    "LoRA-GA": dict(init_lora_weights="lora_ga"), "IA3": dict(peft_type="IA3"), "LoHa": dict(peft_type="LOHA"), "AdaLoRA": dict(peft_type="ADALORA"),
    "prompt tuning": dict(peft_type="PROMPT_TUNING"), "biases of B": dict(lora_bias=True), "parameters": dict(target_parameters=["mlp.experts"]),
}


class Files:
    """Contents once each; folders name them by number."""

    def __init__(self):
        self.contents, self.numbers = [], {}

    def folder(self, *folders):
        out = {}
        for folder in folders:
            for path in sorted(folder.rglob("*")):
                if path.is_file() and path.name != "README.md":
                    content = path.read_bytes()
                    if path.suffix == ".json":
                        content = json.dumps(json.loads(content), ensure_ascii=False).encode()
                    digest = hashlib.sha256(content).hexdigest()
                    if digest not in self.numbers:
                        self.numbers[digest] = len(self.contents)
                        self.contents.append(base64.b64encode(content).decode())
                    out[path.relative_to(folder).as_posix()] = self.numbers[digest]
        return out


def base_case(root, files, name, base, changes, is_read):
    clean = base_folder(root, base)
    folder = root / "odd"
    shutil.copytree(clean, folder)
    for change in changes:
        change(folder)
    read = folder if is_read else clean
    case = {"name": name, "base": base, "files": files.folder(folder), **answers(load(read), PreTrainedTokenizerFast.from_pretrained(read))}
    shutil.rmtree(folder)
    return case


def fresh(base, more):
    model = load(base)
    if more.get("base_dtype"):
        model = auto_class(kind_of(base)).from_pretrained(base, dtype=more["base_dtype"]).float()
    if "rows" in more:
        model.resize_token_embeddings(more["rows"], mean_resizing=False)
    return model


def adapter_case(root, files, number, name, base, settings, more):
    clean = base_folder(root, base)
    if "base_dtype" in more:
        clean = root / f"{base}-low"
        shutil.copytree(base_folder(root, base), clean)
        typed(lambda _: more["base_dtype"])(clean)
    defaults = dict(r=4, lora_alpha=8, lora_dropout=0.0, task_type="CAUSAL_LM" if base not in ("bert", "roberta", "xlm-roberta", "distilbert") else None)
    torch.manual_seed(number)
    model = get_peft_model(fresh(clean, more), LoraConfig(**{**defaults, **settings}))
    stir(model, number)
    if "rows" in more or "other_embeddings" in more:
        with torch.no_grad():
            for layer in (model.get_input_embeddings(), model.get_output_embeddings()):
                layer.weight.copy_(rows_like(layer.weight, number if layer is model.get_input_embeddings() or base in ("llama-tied", "qwen2") else number + 1000))
    folder = root / "adapter"
    if "dtype" in more:
        model = model.to(more["dtype"])
    model.save_pretrained(folder, **({"save_embedding_layers": more["save_embedding_layers"]} if "save_embedding_layers" in more else {}))
    text = (folder / "adapter_config.json").read_text()
    (folder / "adapter_config.json").write_text(text.replace(str(clean), f"tiny/{base}").replace(str(root), "tiny"))
    loaded = PeftModel.from_pretrained(fresh(clean, more), folder)
    case = {"name": f"adapter: {name}", "base": base, "files": files.folder(clean, folder), **answers(loaded, PreTrainedTokenizerFast.from_pretrained(clean))}
    shutil.rmtree(folder)
    if "base_dtype" in more:
        shutil.rmtree(clean)
    return case


def refused_case(root, files, name, fields):
    folder = root / "adapter"
    base = base_folder(root, "llama")
    get_peft_model(load(base), LoraConfig(r=4, target_modules=ATTENTION, task_type="CAUSAL_LM")).save_pretrained(folder)
    path = folder / "adapter_config.json"
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields, "base_model_name_or_path": "tiny/llama"}))
    case = {"name": f"refused: {name}", "base": "llama", "files": files.folder(base, folder), "refused": list(fields)[0]}
    shutil.rmtree(folder)
    return case


def main():
    files = Files()
    cases = []
    with tempfile.TemporaryDirectory() as scratch:
        root = pathlib.Path(scratch)
        for case in base_cases:
            cases.append(base_case(root, files, *case))
        for number, case in enumerate(adapter_cases):
            try:
                cases.append(adapter_case(root, files, number, *case))
            except Exception as error:  # What PEFT itself cannot do is no case.
                print("PEFT cannot:", case[0], "-", type(error).__name__, str(error)[:200])
                shutil.rmtree(root / "adapter", ignore_errors=True)
        for name, fields in REFUSED.items():
            cases.append(refused_case(root, files, name, fields))
    versions = {"transformers": transformers.__version__, "peft": peft.__version__, "torch": torch.__version__.split("+")[0]}
    text = json.dumps({"versions": versions, "texts": TEXTS, "labels": LABELS, "cases": cases, "files": files.contents}, separators=(",", ":"))
    OUT.parent.mkdir(parents=True, exist_ok=True)
    with open(OUT, "wb") as out, gzip.GzipFile(fileobj=out, mode="wb", mtime=0, filename="") as packed:
        packed.write(text.encode())
    print(len(cases), "cases,", len(files.contents), "files,", OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
