/** RMS norm and its gradients, one pass over the rows each. */
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';
import type { RmsNormalized } from './reference';

/** x [N, H], gamma [H]. */
export function forward(memory: HostMemory, x: tf.Tensor2D, gamma: tf.Tensor1D, epsilon: number): RmsNormalized {
  const [rows, width] = x.shape;
  const [y, inverse] = allocate(memory, [rows, width], [rows, 1]);
  const [xs, scale] = [memory.view(x), memory.view(gamma)];
  for (let i = 0, at = 0; i < rows; i++, at += width) {
    let squares = 0;
    for (let j = at; j < at + width; j++) squares += xs[j]! * xs[j]!;
    const factor = 1 / Math.sqrt(squares / width + epsilon);
    inverse.values[i] = factor;
    for (let j = 0; j < width; j++) y.values[at + j] = xs[at + j]! * factor * scale[j]!;
  }
  return { y: y.tensor as tf.Tensor2D, inverse: inverse.tensor as tf.Tensor2D };
}

export function inputGradient(memory: HostMemory, dy: tf.Tensor2D, x: tf.Tensor2D, inverse: tf.Tensor2D, gamma: tf.Tensor1D): tf.Tensor2D {
  const [rows, width] = dy.shape;
  const [dx] = allocate(memory, [rows, width]);
  const [grad, xs, factors, scale] = [memory.view(dy), memory.view(x), memory.view(inverse), memory.view(gamma)];
  for (let i = 0, at = 0; i < rows; i++, at += width) {
    const factor = factors[i]!;
    let along = 0;
    for (let j = 0; j < width; j++) along += grad[at + j]! * scale[j]! * xs[at + j]!;
    const mean = (along * factor * factor) / width;
    for (let j = 0; j < width; j++) dx.values[at + j] = (grad[at + j]! * scale[j]! - xs[at + j]! * mean) * factor;
  }
  return dx.tensor as tf.Tensor2D;
}

export function gammaGradient(memory: HostMemory, dy: tf.Tensor2D, x: tf.Tensor2D, inverse: tf.Tensor2D): tf.Tensor1D {
  const [rows, width] = dy.shape;
  const [out] = allocate(memory, [width]);
  const [grad, xs, factors] = [memory.view(dy), memory.view(x), memory.view(inverse)];
  const sums = new Float64Array(width);
  for (let i = 0, at = 0; i < rows; i++, at += width) for (let j = 0; j < width; j++) sums[j]! += grad[at + j]! * xs[at + j]! * factors[i]!;
  out.values.set(sums);
  return out.tensor as tf.Tensor1D;
}
