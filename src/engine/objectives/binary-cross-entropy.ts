/** Any number of labels a row. */
import { binaryCrossEntropy } from '../kernels/binary-cross-entropy/op';
import type { LabelObjective } from './labels';

/** −Σ (t·log σ(x) + (1 − t)·log(1 − σ(x))) / (N·labels): torch's `BCEWithLogitsLoss`. */
export const binaryCrossEntropyObjective = (): LabelObjective<Float32Array> => ({
  count: (targets) => targets.length,
  cost: (logits, targets, total) => ({ loss: binaryCrossEntropy(logits, targets, total) }),
  extras: [],
});
