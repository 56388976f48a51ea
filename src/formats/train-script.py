"""Repeats a run of Tabtune with transformers, PEFT and TRL.

usage: accelerate launch train.py [--model HUB_ID_OR_FOLDER] [--recipe recipe.json] [--rows rows.jsonl] [--output OUTPUT]

recipe.json holds every setting, rows.jsonl the rows of training and validation as they were read; both lie beside this file. --model names
the base model in the Hugging Face layout, where the recipe does not. Needs torch, transformers, datasets, peft and trl.
"""
import argparse
import json
import math

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
    """Conversations to ids; the answer is what the turns so far with the generation prompt do not cover."""

    def __init__(self, tokenizer, recipe):
        self.tokenizer = tokenizer
        self.max_length = recipe["training"]["maxLength"]
        self.eos = recipe["chat"]["eosId"]
        self.stops = set(recipe["chat"]["stopIds"])

    def ids(self, messages, for_answer):
        text = self.tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=for_answer)
        return self.tokenizer(text, add_special_tokens=False)["input_ids"]

    def chat(self, messages):
        ids = self.ids(messages, False)
        mask = [0] * len(ids)
        start = end = 0
        for at, message in enumerate(messages):
            if message["role"] != "assistant":
                continue
            start = shared_start(ids, self.ids(messages[:at], True))
            end = len(ids) if at == len(messages) - 1 else shared_start(ids, self.ids(messages[: at + 1], False))
            mask[start:end] = [1] * (end - start)
        if self.eos is not None and end == len(ids) and not self.stops & set(ids[start:end]):
            ids, mask = ids + [self.eos], mask + [1]
        return [{"input_ids": ids[: self.max_length], "completion_mask": mask[: self.max_length]}]

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
    tokenizer = AutoTokenizer.from_pretrained(name)
    tokenizer.chat_template = recipe["chat"]["template"]
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    model = AutoModelForCausalLM.from_pretrained(name, dtype="float32")

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
