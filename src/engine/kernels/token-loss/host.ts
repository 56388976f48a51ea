/** Log-probabilities of given tokens and the gradient of the logits, a row at a time. */
import { must } from '../../../base/assert';
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';

/** log Σ exp of the values from `at` on. */
function logSumExp(values: Float32Array, at: number, size: number): number {
  let highest = -Infinity;
  for (let c = at; c < at + size; c++) if (must(values[c]) > highest) highest = must(values[c]);
  let sum = 0;
  for (let c = at; c < at + size; c++) sum += Math.exp(must(values[c]) - highest);
  return highest + Math.log(sum);
}

/** logits [N, V], a token a row → log softmax at that token [N]. */
export function logProbabilities(memory: HostMemory, logits: tf.Tensor2D, labels: Int32Array): tf.Tensor1D {
  const [rows, width] = logits.shape;
  const [out] = allocate(memory, [rows]);
  const values = memory.view(logits);
  for (let i = 0; i < rows; i++)
    out.values[i] = must(values[i * width + must(labels[i])]) - logSumExp(values, i * width, width);
  return out.tensor;
}

/** dy [N] → dy · (1[c = label] − softmax) [N, V]. */
export function logitGradient(
  memory: HostMemory,
  dy: tf.Tensor1D,
  logits: tf.Tensor2D,
  labels: Int32Array,
): tf.Tensor2D {
  const [rows, width] = logits.shape;
  const [out] = allocate(memory, [rows, width]);
  const [grads, values] = [memory.view(dy), memory.view(logits)];
  const ds = out.values;
  for (let i = 0, at = 0; i < rows; i++, at += width) {
    const grad = must(grads[i]);
    const logSum = logSumExp(values, at, width);
    for (let c = at; c < at + width; c++) ds[c] = -grad * Math.exp(must(values[c]) - logSum);
    ds[at + must(labels[i])] = must(ds[at + must(labels[i])]) + grad;
  }
  return out.tensor;
}
