"""
Writes masks.json.gz: a small tokenizer, and for templates that mark what the assistant writes the ids and the mask of
`apply_chat_template(..., return_assistant_tokens_mask=True)`. Run with transformers: python masks.py
"""
import gzip, json
from pathlib import Path
from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import PreTrainedTokenizerFast
from template_sources import WORLD
from templates import TALKS, TOKENS

HERE = Path(__file__).parent
MARKED = {name: source for name, source in WORLD.items() if "generation %}" in source or "generation -%}" in source}


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
    data = {"tokenizer": json.loads(inner.to_str()), "tokens": TOKENS, "cases": cases}
    (HERE / "masks.json.gz").write_bytes(gzip.compress(json.dumps(data, ensure_ascii=False, separators=(",", ":")).encode(), 9, mtime=0))
    print(len(cases), "masks")


if __name__ == "__main__":
    main()
