"""
Writes masks.json.gz: a small tokenizer, and for templates that mark what the assistant writes the ids and the mask of
`apply_chat_template(..., return_assistant_tokens_mask=True)`; and what train.py, which goes with a run's export, makes of
conversations, some answers with weight 0. Run with transformers, PEFT, datasets and torch: python masks.py
"""
import copy, gzip, importlib.util, json
from pathlib import Path
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast
from template_sources import WORLD
from templates import TALKS, TOKENS

HERE = Path(__file__).parent
MARKED = {name: source for name, source in WORLD.items() if "generation %}" in source or "generation -%}" in source}


SCRIPT = HERE / "../lessons/answer/worker/exports/train-script.py"
SCRIPTED = ["chatml", "llama 3", "zephyr", "qwen 3", "assistant marks"]


def by_script(tokenizer):
    spec = importlib.util.spec_from_file_location("train", SCRIPT)
    train = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(train)
    eos = tokenizer.convert_tokens_to_ids("</s>")
    cases = []
    for name in SCRIPTED:
        recipe = {"training": {"maxLength": 10**6}, "chat": {"eosId": eos, "stopIds": [eos, tokenizer.convert_tokens_to_ids("<|im_end|>")], "template": WORLD[name]}}
        tokenizer.chat_template = WORLD[name]
        for at, talk in enumerate(TALKS[1:4]):
            for weighed in (False, True):
                messages = copy.deepcopy(talk)
                if weighed:
                    next(m for m in messages if m["role"] == "assistant")["weight"] = 0
                found = train.Renderer(tokenizer, recipe).chat(messages)[0]
                cases.append({"name": f"{name} {at}{' with a weight' if weighed else ''}", "source": WORLD[name], "talk": messages, "ids": found["input_ids"], "mask": found["completion_mask"]})
    return cases


def main():
    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(vocab_size=400, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(), show_progress=False)
    inner.train_from_iterator([message["content"] for talk in TALKS for message in talk] + [*WORLD.values()], trainer)
    inner.add_special_tokens([AddedToken(token, special=True) for token in ["<|im_start|>", "<|im_end|>", *TOKENS.values()]])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=inner, **TOKENS)
    cases = []
    for name, source in MARKED.items():
        if "strftime" in source:
            source = source.replace('strftime_now("%d %B %Y")', '"today"')
        for at, talk in enumerate(TALKS):
            try:
                found = tokenizer.apply_chat_template(
                    talk, chat_template=source, tokenize=True, return_dict=True, return_assistant_tokens_mask=True
                )
            except Exception:
                continue
            if any(found["assistant_masks"]):
                cases.append({"name": f"{name} {at}", "source": source, "talk": talk, "ids": found["input_ids"], "mask": found["assistant_masks"]})
    data = {"tokenizer": json.loads(inner.to_str()), "tokens": TOKENS, "cases": cases, "script": by_script(tokenizer)}
    (HERE / "masks.json.gz").write_bytes(gzip.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), 9, mtime=0))
    print(len(cases), "masks")


if __name__ == "__main__":
    main()
