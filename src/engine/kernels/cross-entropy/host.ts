/** Cross-entropy and its logit gradient in one pass. */
import { must } from '../../../base/assert';
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';

export function lossAndGradient(
  memory: HostMemory,
  logits: tf.Tensor2D,
  target: Float32Array,
  denominator: number,
): { loss: tf.Scalar; gradient: tf.Tensor2D } {
  const [rows, classes] = logits.shape;
  const [loss, gradient] = allocate(memory, [], [rows, classes]);
  const values = memory.view(logits);
  let total = 0;
  for (let i = 0; i < rows; i++) {
    const at = i * classes;
    let highest = -Infinity;
    let mass = 0;
    for (let c = at; c < at + classes; c++) {
      highest = Math.max(highest, must(values[c]));
      mass += must(target[c]);
    }
    let sum = 0;
    for (let c = at; c < at + classes; c++) sum += Math.exp(must(values[c]) - highest);
    const logSum = highest + Math.log(sum);
    for (let c = at; c < at + classes; c++) {
      const logProbability = must(values[c]) - logSum;
      total -= must(target[c]) * logProbability;
      gradient.values[c] = (Math.exp(logProbability) * mass - must(target[c])) / denominator;
    }
  }
  loss.values[0] = total / denominator;
  return { loss: loss.tensor, gradient: gradient.tensor };
}
