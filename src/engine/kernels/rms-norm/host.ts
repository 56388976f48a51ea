/** RMS norm and its gradients, one pass over the rows each. */
import { must } from '../../../base/assert';
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';
import type { RmsGradients, RmsNormalized } from './reference';

/** x + branch, all [N, H]. */
function added(memory: HostMemory, x: tf.Tensor2D, branch: tf.Tensor2D): tf.Tensor2D {
  const [sum] = allocate(memory, x.shape);
  const [xs, others] = [memory.view(x), memory.view(branch)];
  for (let i = 0; i < xs.length; i++) sum.values[i] = must(xs[i]) + must(others[i]);
  return sum.tensor;
}

/** x and branch [N, H], gamma [H]. */
export function forward(
  memory: HostMemory,
  x: tf.Tensor2D,
  branch: tf.Tensor2D | null,
  gamma: tf.Tensor1D,
  epsilon: number,
): RmsNormalized {
  const [rows, width] = x.shape;
  const states = branch ? added(memory, x, branch) : x;
  const [y, inverse] = allocate(memory, [rows, width], [rows, 1]);
  const [values, scale] = [memory.view(states), memory.view(gamma)];
  for (let i = 0, at = 0; i < rows; i++, at += width) {
    let squares = 0;
    for (let j = at; j < at + width; j++) squares += must(values[j]) * must(values[j]);
    const factor = 1 / Math.sqrt(squares / width + epsilon);
    inverse.values[i] = factor;
    for (let j = 0; j < width; j++) y.values[at + j] = must(values[at + j]) * factor * must(scale[j]);
  }
  return { y: y.tensor, states, inverse: inverse.tensor };
}

/** @param plus is added to the gradient of the states */
export function backward(
  memory: HostMemory,
  dy: tf.Tensor2D,
  states: tf.Tensor2D,
  inverse: tf.Tensor2D,
  gamma: tf.Tensor1D,
  plus: tf.Tensor2D | null,
): RmsGradients {
  const [rows, width] = dy.shape;
  const [dStates, dGamma] = allocate(memory, [rows, width], [width]);
  const [grad, values, factors, scale] = [
    memory.view(dy),
    memory.view(states),
    memory.view(inverse),
    memory.view(gamma),
  ];
  const more = plus && memory.view(plus);
  const sums = new Float64Array(width);
  for (let i = 0, at = 0; i < rows; i++, at += width) {
    const factor = must(factors[i]);
    let along = 0;
    for (let j = 0; j < width; j++) {
      const part = must(grad[at + j]) * must(values[at + j]);
      along += part * must(scale[j]);
      sums[j] = must(sums[j]) + part * factor;
    }
    const mean = (along * factor * factor) / width;
    for (let j = 0; j < width; j++)
      dStates.values[at + j] =
        (must(grad[at + j]) * must(scale[j]) - must(values[at + j]) * mean) * factor + (more ? must(more[at + j]) : 0);
  }
  dGamma.values.set(sums);
  return { dStates: dStates.tensor, dGamma: dGamma.tensor };
}
