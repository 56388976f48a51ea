"""Writes src/text/tokenizer-settings.json.gz: tokenizer folders whose files say different things, with the ids that transformers' AutoTokenizer gives.

usage: tokenizer_settings.py            (needs transformers; its version is kept in the file)

Each case is a kind of tokenizer with files beside tokenizer.json; `error` instead of ids where transformers itself fails.
One more case is a line in `cases`.
"""
import gzip
import json
import os
import pathlib
import tempfile

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["TRANSFORMERS_VERBOSITY"] = "error"

import transformers
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import AutoTokenizer

OUT = pathlib.Path(__file__).parent.parent.parent / "src/text/tokenizer-settings.json.gz"
TEXTS = ["The Café in BERLIN", "größe 日本 x", "<user> see <url> [MASK]", " two  spaces", "a <b> c</s>", "İstanbul, naïve!"]

WORDS = "the cafe café in berlin berlin's größe große gro ße ##ße ##e see two spaces a b c x naive naïve istanbul The Café BERLIN < > user url , ! / s 日 本 日本".split()
VOCAB = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + WORDS


def bert(lowercase=True, strip=None, chinese=True):
    tokenizer = Tokenizer(models.WordPiece({word: i for i, word in enumerate(VOCAB)}, unk_token="[UNK]"))
    tokenizer.normalizer = normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=chinese, strip_accents=strip, lowercase=lowercase)
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.TemplateProcessing(single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])
    tokenizer.add_special_tokens(["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"])
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def byte_level(special, post, prefix=False):
    letters = sorted(pre_tokenizers.ByteLevel.alphabet())
    merges = [("t", "h"), ("th", "e"), ("Ġ", "the"), ("i", "n"), ("Ġ", "in"), ("Ġ", "c"), ("Ġc", "a")]
    words = special + letters + [a + b for a, b in merges]
    tokenizer = Tokenizer(models.BPE({word: i for i, word in enumerate(words)}, merges))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=prefix)
    tokenizer.decoder = decoders.ByteLevel()
    if post:
        tokenizer.post_processor = post(tokenizer)
    tokenizer.add_special_tokens(special)
    return tokenizer


gpt2 = lambda: byte_level(["<|endoftext|>"], None)
roberta = lambda: byte_level(["<s>", "<pad>", "</s>", "<unk>", "<mask>"], lambda _: processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=True, add_prefix_space=False))
llama3 = lambda: byte_level(
    ["<|begin_of_text|>", "<|end_of_text|>"],
    lambda _: processors.TemplateProcessing(single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A <|begin_of_text|>:1 $B:1", special_tokens=[("<|begin_of_text|>", 0)]),
)
llama3_bare = lambda: byte_level(["<|begin_of_text|>", "<|end_of_text|>"], None)

VOCABULARY = {"vocab.txt": "\n".join(VOCAB) + "\n"}
BERT_SPECIAL = dict(cls_token="[CLS]", sep_token="[SEP]", pad_token="[PAD]", unk_token="[UNK]", mask_token="[MASK]")
token = lambda content, **more: {"content": content, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False, "special": False, **more}
n = len(VOCAB)
cases = []


def case(kind, model_type, tokenizer=None, own=None, special=None, added=None, files=None):
    cases.append(dict(name=kind, model_type=model_type, tokenizer=tokenizer, own=own, special=special, added=added, files=files or {}))


for model_type, classes in [("bert", [None, "BertTokenizer", "BertTokenizerFast", "PreTrainedTokenizerFast"]), ("distilbert", [None, "DistilBertTokenizer", "BertTokenizer"])]:
    for name in classes:
        of = {} if name is None else {"tokenizer_class": name}
        for settings in [{}, {"do_lower_case": False}, {"do_lower_case": True}, {"do_lower_case": False, "strip_accents": False}, {"strip_accents": True}, {"strip_accents": False}, {"tokenize_chinese_chars": False}]:
            label = f"{model_type} {name} {settings}"
            case(f"json {label}", model_type, bert(), {**of, **settings, **BERT_SPECIAL})
            if name != "PreTrainedTokenizerFast":
                case(f"vocab.txt {label}", model_type, None, {**of, **settings}, files=VOCABULARY)
        case(f"cased json {model_type} {name}", model_type, bert(False), {**of, **BERT_SPECIAL})
        case(f"cased json, do_lower_case, {model_type} {name}", model_type, bert(False, False), {**of, "do_lower_case": True, **BERT_SPECIAL})
    case(f"no tokenizer_config {model_type}", model_type, bert())
    case(f"vocab.txt alone {model_type}", model_type, files=VOCABULARY)
    case(f"json and vocab.txt {model_type}", model_type, bert(), {"do_lower_case": False}, files=VOCABULARY)
    case(f"added_tokens.json {model_type}", model_type, None, {"tokenizer_class": "BertTokenizer"}, added={"<user>": n, "<url>": n + 1}, files=VOCABULARY)
    case(f"added_tokens.json beside json {model_type}", model_type, bert(), {"tokenizer_class": "BertTokenizer", **BERT_SPECIAL}, added={"<user>": n, "<url>": n + 1})
    case(f"added_tokens_decoder {model_type}", model_type, None, {"added_tokens_decoder": {str(n): token("<user>"), str(n + 1): token("<url>", special=True)}}, files=VOCABULARY)
    case(f"added_tokens_decoder, normalized {model_type}", model_type, bert(), {"added_tokens_decoder": {str(n): token("<USER>", normalized=True)}, **BERT_SPECIAL})
    case(f"additional special tokens {model_type}", model_type, bert(), {"additional_special_tokens": ["<user>", "<url>"], **BERT_SPECIAL})
    case(f"extra special tokens {model_type}", model_type, bert(), {"extra_special_tokens": ["<url>"], **BERT_SPECIAL})
    case(f"special_tokens_map {model_type}", model_type, None, {"do_lower_case": False}, special={**BERT_SPECIAL, "mask_token": token("[MASK]", lstrip=True), "additional_special_tokens": ["<user>"]}, files=VOCABULARY)
    case(f"special_tokens_map over tokenizer_config {model_type}", model_type, bert(), {**BERT_SPECIAL, "pad_token": "[MASK]"}, special={**BERT_SPECIAL})
    case(f"model_max_length {model_type}", model_type, bert(), {"model_max_length": 4, **BERT_SPECIAL})
    case(f"truncation side {model_type}", model_type, bert(), {"truncation_side": "left", "padding_side": "left", **BERT_SPECIAL})
    case(f"clean up {model_type}", model_type, bert(), {"clean_up_tokenization_spaces": False, **BERT_SPECIAL})




def with_parts(tokenizer, **parts):
    for name, part in parts.items():
        setattr(tokenizer, name, part)
    return tokenizer


for name in [None, "BertTokenizer", "BertTokenizerFast", "PreTrainedTokenizerFast"]:
    of = {} if name is None else {"tokenizer_class": name}
    case(f"accents kept by json {name}", "bert", bert(True, False), {**of, **BERT_SPECIAL})
    case(f"another pre-tokenizer {name}", "bert", with_parts(bert(), pre_tokenizer=pre_tokenizers.WhitespaceSplit()), {**of, **BERT_SPECIAL})
    case(f"another normalizer {name}", "bert", with_parts(bert(), normalizer=normalizers.NFKC()), {**of, **BERT_SPECIAL})
    case(f"another post-processor {name}", "bert", with_parts(bert(), post_processor=processors.TemplateProcessing(single="[CLS] $A", pair="[CLS] $A [SEP] $B", special_tokens=[("[CLS]", 2), ("[SEP]", 3)])), {**of, **BERT_SPECIAL})
    case(f"other names of special tokens {name}", "bert", bert(), {**of, **BERT_SPECIAL, "cls_token": "[MASK]", "unk_token": "x"})
case("accents kept by json, no tokenizer_config", "bert", bert(True, False))
case("cased json, no tokenizer_config", "bert", bert(False, False))
case("cased json, no tokenizer_config, distilbert", "distilbert", bert(False, False))
for name in [None, "GPT2Tokenizer", "PreTrainedTokenizerFast"]:
    of = {} if name is None else {"tokenizer_class": name}
    case(f"gpt2 prefix in json {name}", "gpt2", byte_level(["<|endoftext|>"], None, True), {**of})
    case(f"gpt2 prefix in json, not in settings {name}", "gpt2", byte_level(["<|endoftext|>"], None, True), {**of, "add_prefix_space": False})
    case(f"gpt2 post-processor {name}", "gpt2", llama3(), {**of, **dict(bos_token="<|begin_of_text|>")})
case("gpt2 prefix in json, no tokenizer_config", "gpt2", byte_level(["<|endoftext|>"], None, True))
for name in [None, "RobertaTokenizer", "PreTrainedTokenizerFast"]:
    of = {} if name is None else {"tokenizer_class": name}
    case(f"roberta prefix in json {name}", "roberta", with_parts(roberta(), pre_tokenizer=pre_tokenizers.ByteLevel(add_prefix_space=True)), {**of, "bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>"})
    case(f"roberta without post-processor {name}", "roberta", byte_level(["<s>", "<pad>", "</s>", "<unk>", "<mask>"], None), {**of, "bos_token": "<s>", "eos_token": "</s>", "cls_token": "<s>", "sep_token": "</s>"})

for name in [None, "GPT2Tokenizer", "GPT2TokenizerFast", "PreTrainedTokenizerFast"]:
    of = {} if name is None else {"tokenizer_class": name}
    for settings in [{}, {"add_prefix_space": True}, {"add_prefix_space": False}, {"add_bos_token": True, "bos_token": "<|endoftext|>"}, {"add_bos_token": False}, {"add_eos_token": True, "eos_token": "<|endoftext|>"}]:
        case(f"gpt2 {name} {settings}", "gpt2", gpt2(), {**of, **settings})
ROBERTA = dict(bos_token="<s>", eos_token="</s>", cls_token="<s>", sep_token="</s>", pad_token="<pad>", unk_token="<unk>", mask_token="<mask>")
for name in [None, "RobertaTokenizer", "RobertaTokenizerFast", "PreTrainedTokenizerFast"]:
    of = {} if name is None else {"tokenizer_class": name}
    for settings in [{}, {"add_prefix_space": True}, {"mask_token": token("<mask>", lstrip=True)}, {"trim_offsets": False}]:
        case(f"roberta {name} {settings}", "roberta", roberta(), {**of, **ROBERTA, **settings})
LLAMA = dict(bos_token="<|begin_of_text|>", eos_token="<|end_of_text|>")
for make, which in [(llama3, "with bos"), (llama3_bare, "bare")]:
    for name in ["PreTrainedTokenizerFast", "LlamaTokenizerFast", "LlamaTokenizer", None]:
        of = {} if name is None else {"tokenizer_class": name}
        for settings in [{}, {"add_bos_token": True}, {"add_bos_token": False}, {"add_eos_token": True}, {"add_bos_token": True, "add_eos_token": True}, {"add_prefix_space": True}]:
            case(f"llama byte-level {which} {name} {settings}", "llama", make(), {**of, **LLAMA, **settings})
for name in ["Qwen2Tokenizer", "Qwen2TokenizerFast", "PreTrainedTokenizerFast"]:
    case(f"qwen2 {name}", "qwen2", gpt2(), {"tokenizer_class": name, "eos_token": "<|endoftext|>", "pad_token": "<|endoftext|>"})
    case(f"qwen3 {name} added", "qwen3", gpt2(), {"tokenizer_class": name, "added_tokens_decoder": {"0": token("<|endoftext|>", special=True), "264": token("<user>", special=True)}})


def folder_files(one):
    files = dict(one["files"])
    if one["tokenizer"]:
        files["tokenizer.json"] = one["tokenizer"].to_str()
    for field, file in (("own", "tokenizer_config.json"), ("special", "special_tokens_map.json"), ("added", "added_tokens.json")):
        if one[field] is not None:
            files[file] = json.dumps(one[field], ensure_ascii=False)
    return files


def main():
    out = []
    for one in cases:
        files = folder_files(one)
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            (folder / "config.json").write_text(json.dumps({"model_type": one["model_type"]}))
            for file, text in files.items():
                (folder / file).write_text(text, encoding="utf-8")
            kept = {"name": one["name"], "model_type": one["model_type"], "files": files}
            try:
                tokenizer = AutoTokenizer.from_pretrained(folder)
                kept["bare"] = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in TEXTS]
                kept["full"] = [tokenizer(text)["input_ids"] for text in TEXTS]
                kept["class"] = type(tokenizer).__name__
            except Exception as error:
                kept["error"] = f"{type(error).__name__}: {str(error)[:120]}"
            out.append(kept)
    text = json.dumps({"transformers": transformers.__version__, "texts": TEXTS, "cases": out}, ensure_ascii=False, separators=(",", ":"))
    with open(OUT, "wb") as file, gzip.GzipFile(fileobj=file, mode="wb", mtime=0, filename="") as packed:
        packed.write(text.encode())
    print(len(out), "cases,", sum("error" in one for one in out), "errors,", OUT.stat().st_size, "bytes")


if __name__ == "__main__":
    main()
