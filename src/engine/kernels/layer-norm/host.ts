/** Layer norm and its gradients, one pass over the rows each. */
import { must } from '../../../base/assert';
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';
import type { Normalized } from './reference';

/** x [N, H], gamma [H], beta [H]. */
export function forward(
  memory: HostMemory,
  x: tf.Tensor2D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): Normalized {
  const [rows, width] = x.shape;
  const [y, normalized, inverse] = allocate(memory, [rows, width], [rows, width], [rows, 1]);
  const [xs, scale, shift] = [memory.view(x), memory.view(gamma), memory.view(beta)];
  for (let i = 0; i < rows; i++) {
    const at = i * width;
    let sum = 0;
    for (let j = at; j < at + width; j++) sum += must(xs[j]);
    const mean = sum / width;
    let squares = 0;
    for (let j = at; j < at + width; j++) {
      const centred = must(xs[j]) - mean;
      squares += centred * centred;
    }
    const factor = 1 / Math.sqrt(squares / width + epsilon);
    inverse.values[i] = factor;
    for (let j = 0; j < width; j++) {
      const value = (must(xs[at + j]) - mean) * factor;
      normalized.values[at + j] = value;
      y.values[at + j] = value * must(scale[j]) + must(shift[j]);
    }
  }
  return { y: y.tensor, normalized: normalized.tensor, inverseDeviation: inverse.tensor };
}

/** Gradients of x, gamma and beta. */
export function backward(
  memory: HostMemory,
  dy: tf.Tensor2D,
  normalized: tf.Tensor2D,
  inverseDeviation: tf.Tensor2D,
  gamma: tf.Tensor1D,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const [rows, width] = dy.shape;
  const [dx, dGamma, dBeta] = allocate(memory, [rows, width], [width], [width]);
  const [grad, norm, inverse, scale] = [
    memory.view(dy),
    memory.view(normalized),
    memory.view(inverseDeviation),
    memory.view(gamma),
  ];
  const gammaSums = new Float64Array(width);
  const betaSums = new Float64Array(width);
  for (let i = 0; i < rows; i++) {
    const at = i * width;
    let sum = 0;
    let along = 0;
    for (let j = 0; j < width; j++) {
      const g = must(grad[at + j]);
      const n = must(norm[at + j]);
      const scaled = g * must(scale[j]);
      sum += scaled;
      along += scaled * n;
      gammaSums[j] = must(gammaSums[j]) + g * n;
      betaSums[j] = must(betaSums[j]) + g;
    }
    const [meanGrad, meanAlong, factor] = [sum / width, along / width, must(inverse[i])];
    for (let j = 0; j < width; j++)
      dx.values[at + j] = (must(grad[at + j]) * must(scale[j]) - meanGrad - must(norm[at + j]) * meanAlong) * factor;
  }
  dGamma.values.set(gammaSums);
  dBeta.values.set(betaSums);
  return [dx.tensor, dGamma.tensor, dBeta.tensor];
}
