/** One class a row (or a token): cross-entropy. */
import { crossEntropy } from '../kernels/cross-entropy/op';
import { totalWeight } from '../kernels/cross-entropy/targets';
import type { Task } from './task';

export const singleLabel: Task = {
  outputs: (labels) => labels,
  collate: (labels) => Int32Array.from(labels as readonly number[]),
  denominator: (targets, _outputs, { classWeights }) => totalWeight(targets as Int32Array, classWeights),
  loss: (logits, targets, { classWeights, labelSmoothing }, total) =>
    crossEntropy(logits, targets as Int32Array, { weights: classWeights, smoothing: labelSmoothing }, total),
};
