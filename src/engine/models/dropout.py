"""What dropout at one place of each encoder does to its answers in transformers, over many draws: dropout.slow.test.ts.

    python src/engine/models/dropout.py > src/engine/models/dropout.json

Made with transformers 5 and torch. Each figure comes with its standard error, from 40 blocks of draws.
"""

import json
import pathlib

import torch
import transformers

CASES = pathlib.Path(__file__).parents[3] / "e2e" / "fixtures" / "parity"
RATE, BLOCKS, DRAWS = 0.3, 40, 50
PLACES = {
    "bert-text-classification": ["hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"],
    "roberta-text-classification": ["hidden_dropout_prob", "attention_probs_dropout_prob", "classifier_dropout"],
    "distilbert-text-classification": ["dropout", "attention_dropout", "seq_classif_dropout"],
}


def figures(model, inputs, labels):
    """Variance of the logits over the draws of a block, and the mean of the squared gradient norm."""
    logits, gradients = [], []
    for _ in range(DRAWS):
        model.zero_grad()
        answer = model(**inputs, labels=labels)
        answer.loss.backward()
        logits.append(answer.logits.detach())
        gradients.append(sum(float((p.grad**2).sum()) for p in model.parameters() if p.grad is not None))
    return float(torch.stack(logits).var(0).mean()), sum(gradients) / len(gradients)


def measured(case, place):
    config = json.loads((CASES / case / "config.json").read_text())
    config = transformers.AutoConfig.for_model(**{**config, place: RATE})
    model = transformers.AutoModelForSequenceClassification.from_pretrained(
        CASES / case, config=config, attn_implementation="eager"
    ).train()
    batch = json.loads((CASES / case / "batches.json").read_text())[0]
    labels = torch.tensor(batch.pop("labels"))
    inputs = {name: torch.tensor(value) for name, value in batch.items()}
    torch.manual_seed(1)
    blocks = torch.tensor([figures(model, inputs, labels) for _ in range(BLOCKS)])
    mean, error = blocks.mean(0), blocks.std(0) / BLOCKS**0.5
    names = ("logitVariance", "squaredGradientNorm")
    return {name: {"mean": float(mean[i]), "standardError": float(error[i])} for i, name in enumerate(names)}


if __name__ == "__main__":
    found = [
        {"case": case, "place": place, "rate": RATE, **measured(case, place)}
        for case, places in PLACES.items()
        for place in places
    ]
    print(json.dumps(found, indent=1))
