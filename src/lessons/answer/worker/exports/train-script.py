"""Repeats a run of Tabtune with transformers, PEFT and TRL.

usage: accelerate launch train.py [--model HUB_ID_OR_FOLDER_OR_GGUF] [--recipe recipe.json] [--rows rows.jsonl] [--output OUTPUT]

recipe.json holds every setting, rows.jsonl the rows of training and validation as they were read; both lie beside this file. --model names
the base model, where the recipe does not: a folder or id in the Hugging Face layout, or a GGUF file. Frozen weights are in 32 bits here, however
few bits the recipe kept them in ("base"). Needs torch, transformers, datasets, peft and trl, and for a GGUF the package gguf.
"""
import argparse
import json
import math
import os
import re

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer


def shared_start(a, b):
    count = 0
    while count < min(len(a), len(b)) and a[count] == b[count]:
        count += 1
    return count


class Renderer:
    """Conversations to ids. The answer is what the template marks, else what the turns so far with the generation prompt do not cover."""

    def __init__(self, tokenizer, recipe):
        self.tokenizer = tokenizer
        self.max_length = recipe["training"]["maxLength"]
        self.eos = recipe["chat"]["eosId"]
        self.stops = set(recipe["chat"]["stopIds"])
        self.marks = re.search(r"\{%[-+]?\s*generation\b", recipe["chat"]["template"]) is not None

    def write(self, messages, for_answer):
        return self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=for_answer)

    def ids(self, text):
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]

    def span(self, messages, at, whole, ids, read):
        """Where in the ids the turn is, and up to which character the whole has been read."""
        up_to = lambda characters: shared_start(ids, self.ids(whole[:characters]))
        answer, question = messages[at]["content"].strip(), messages[at - 1]["content"].strip()
        asked = whole.find(question, read)
        found = whole.find(answer, read if asked < 0 else asked + len(question))
        before = self.write(messages[:at], True)
        start = up_to(len(before)) if whole.startswith(before) else len(ids) if found < 0 else up_to(found)
        last = at == len(messages) - 1
        after = whole if last else self.write(messages[: at + 1], False)
        if last:
            end = len(ids)
        elif whole.startswith(after):
            end = up_to(len(after))
        else:
            stop = next((i for i in range(start, len(ids)) if ids[i] in self.stops), None)
            end = stop + 1 if stop is not None else start if found < 0 else up_to(found + len(answer))
        return start, end, len(after) if whole.startswith(after) else min(len(before), len(whole)) if found < 0 else found + len(answer)

    def chat(self, messages):
        """Turns with weight 0 are read, not learned."""
        skipped = [message.get("weight") == 0 for message in messages]
        messages = [{key: value for key, value in message.items() if key != "weight"} for message in messages]
        whole = self.write(messages, False)
        ids = self.ids(whole)
        mask = self.marked(messages) or [0] * len(ids)
        own = any(mask)
        start = end = read = 0
        learned = False
        for at, message in enumerate(messages):
            if message["role"] != "assistant" or (own and not any(skipped[at:])):
                continue
            start, end, read = self.span(messages, at, whole, ids, read)
            learned = not skipped[at]
            if not own or skipped[at]:
                mask[start:end] = [int(learned)] * (end - start)
        if not own and self.eos is not None and end == len(ids) and not self.stops & set(ids[start:end]):
            ids, mask = ids + [self.eos], mask + [int(learned)]
        return [{"input_ids": ids[: self.max_length], "completion_mask": mask[: self.max_length]}]

    def marked(self, messages):
        if not self.marks:
            return None
        return self.tokenizer.apply_chat_template(messages, return_dict=True, return_assistant_tokens_mask=True)["assistant_masks"]

    def text(self, text):
        ids = self.tokenizer(text)["input_ids"]
        if self.eos is not None and ids[-1:] != [self.eos]:
            ids = ids + [self.eos]
        pieces = [ids[at : at + self.max_length] for at in range(0, len(ids), self.max_length)]
        return [{"input_ids": piece, "completion_mask": [1] * len(piece)} for piece in pieces]

    def row(self, row):
        sequences = self.text(row["text"]) if "text" in row else self.chat(row["messages"])
        return [each for each in sequences if any(each["completion_mask"][1:])]


def preference(row):
    answer = lambda content: [{"role": "assistant", "content": content}]
    return {"prompt": row["prompt"], "chosen": answer(row["chosen"]), "rejected": answer(row["rejected"])}


def settings(recipe, rows, output):
    training = recipe["training"]
    steps = math.ceil(math.ceil(rows / training["batchSize"]) / training["gradientAccumulation"]) * training["epochs"]
    return dict(
        output_dir=output,
        learning_rate=training["learningRate"],
        num_train_epochs=training["epochs"],
        per_device_train_batch_size=training["batchSize"],
        per_device_eval_batch_size=training["batchSize"],
        gradient_accumulation_steps=training["gradientAccumulation"],
        lr_scheduler_type=training["schedule"],
        warmup_steps=int(training["warmupRatio"] * steps),
        weight_decay=training["weightDecay"],
        max_grad_norm=training["maxGradNorm"],
        seed=training["seed"],
        max_length=training["maxLength"],
        bf16=torch.cuda.is_available() and torch.cuda.is_bf16_supported(),
        gradient_checkpointing=False,
        save_strategy="no",
        logging_steps=1,
        report_to="none",
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model")
    parser.add_argument("--recipe", default="recipe.json")
    parser.add_argument("--rows", default="rows.jsonl")
    parser.add_argument("--output", default="output")
    options = parser.parse_args()
    with open(options.recipe, encoding="utf-8") as file:
        recipe = json.load(file)
    with open(options.rows, encoding="utf-8") as file:
        rows = [json.loads(line) for line in file if line.strip()]
    name = options.model or recipe["model"]["baseModel"] or parser.error("The recipe names no base model that others have: pass --model.")
    folder, file = os.path.split(name)
    place = dict(pretrained_model_name_or_path=folder or ".", gguf_file=file) if name.endswith(".gguf") else dict(pretrained_model_name_or_path=name)
    tokenizer = AutoTokenizer.from_pretrained(**place)
    tokenizer.chat_template = recipe["chat"]["template"]
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    model = AutoModelForCausalLM.from_pretrained(**place, dtype="float32")
    # A GGUF is dequantized while it is read: what is in memory now are plain weights, although the trainer would take them for packed ones.
    model.is_quantized = False

    training = recipe["training"]
    lora = training["lora"]
    peft_config = None
    if training["method"] == "lora":
        peft_config = LoraConfig(task_type="CAUSAL_LM", r=lora["rank"], lora_alpha=lora["alpha"], lora_dropout=lora["dropout"], target_modules=lora["targetModules"])

    def part(split, read):
        found = [each for row in rows if row["split"] == split for each in read(row)]
        return Dataset.from_list(found) if found else None

    if recipe["task"] == "preference":
        from trl import DPOConfig, DPOTrainer

        train, held_out = (part(split, lambda row: [preference(row)]) for split in ("train", "validation"))
        arguments = DPOConfig(**settings(recipe, len(train), options.output), beta=training["beta"], label_smoothing=training["labelSmoothing"])
        trainer = DPOTrainer(model=model, args=arguments, train_dataset=train, eval_dataset=held_out, processing_class=tokenizer, peft_config=peft_config)
    else:
        from trl import SFTConfig, SFTTrainer

        renderer = Renderer(tokenizer, recipe)
        train, held_out = (part(split, renderer.row) for split in ("train", "validation"))
        arguments = SFTConfig(**settings(recipe, len(train), options.output), packing=training["packing"], completion_only_loss=True)
        trainer = SFTTrainer(model=model, args=arguments, train_dataset=train, eval_dataset=held_out, processing_class=tokenizer, peft_config=peft_config)
    trainer.train()
    if held_out is not None:
        print(json.dumps(trainer.evaluate()))
    trainer.save_model(options.output)


if __name__ == "__main__":
    main()
