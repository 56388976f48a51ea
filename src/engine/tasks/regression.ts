/** One number a row: squared error. */
import { meanSquaredError } from '../kernels/mean-squared-error/op';
import type { Task } from './task';

export const regression: Task = {
  outputs: () => 1,
  collate: (labels) => Float32Array.from(labels as readonly number[]),
  denominator: (targets) => targets.length,
  loss: (logits, targets, _options, total) => meanSquaredError(logits, targets as Float32Array, total),
};
