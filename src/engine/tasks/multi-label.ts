/** Any number of labels a row: binary cross-entropy on each. */
import { binaryCrossEntropy } from '../kernels/binary-cross-entropy/op';
import type { Task } from './task';

export const multiLabel: Task = {
  outputs: (labels) => labels,
  collate: (labels) => Float32Array.from((labels as readonly (readonly number[])[]).flat()),
  denominator: (targets) => targets.length,
  loss: (logits, targets, _options, total) => binaryCrossEntropy(logits, targets as Float32Array, total),
};
