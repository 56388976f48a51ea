"""The run of lib/stories.ts in transformers: same token ids, batches, rates and clipping.

usage: stories_reference.py MODEL_FOLDER RECIPE.json
Prints one line of JSON: validation loss before and after.
"""
import json
import sys

import torch
from transformers import AutoModelForCausalLM, get_cosine_schedule_with_warmup


def collate(sequences):
    longest = max(len(ids) for ids in sequences)
    ids = torch.tensor([row + [0] * (longest - len(row)) for row in sequences])
    labels = torch.tensor([row + [-100] * (longest - len(row)) for row in sequences])
    mask = torch.tensor([[1] * len(row) + [0] * (longest - len(row)) for row in sequences])
    return {"input_ids": ids, "labels": labels, "attention_mask": mask}


@torch.no_grad()
def validation_loss(model, sequences):
    model.eval()
    total = sum(model(**collate([row])).loss.item() * (len(row) - 1) for row in sequences)
    model.train()
    return total / sum(len(row) - 1 for row in sequences)


def main(folder, path):
    with open(path, encoding="utf-8") as file:
        recipe = json.load(file)
    model = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32)
    before = validation_loss(model, recipe["validation"])
    optimizer = torch.optim.AdamW(model.parameters(), lr=recipe["learningRate"], weight_decay=0.0)
    steps = sum(len(epoch) for epoch in recipe["batches"])
    schedule = get_cosine_schedule_with_warmup(optimizer, recipe["warmupSteps"], steps)
    for epoch in recipe["batches"]:
        for batch in epoch:
            model(**collate([recipe["train"][i] for i in batch])).loss.backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), recipe["maxGradNorm"])
            optimizer.step()
            schedule.step()
            optimizer.zero_grad()
    print(json.dumps({"before": before, "after": validation_loss(model, recipe["validation"])}))


main(*sys.argv[1:])
