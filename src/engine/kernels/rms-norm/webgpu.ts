/** RMS norm on WebGPU, of x or of x + branch: a dispatch forward, and one for all gradients. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { f32, gpuRun, u32 } from '../../backend/gpu-run';
import { normLayout, normShader, type Rows } from '../norm-rows';
import type { RmsGradients, RmsNormalized } from './reference';

const forwardShader = (kind: Rows, added: boolean): string =>
  normShader({
    kind,
    inputs: ['x', 'gamma', ...(added ? ['branch'] : [])],
    outputs: ['y', 'inverse', ...(added ? ['states'] : [])],
    fields: 'epsilon: f32',
    row: /* wgsl */ `
  var squares = 0.0;
  for (var j = lane; j < u.width; j += LANES) {
    let value = x[at + j]${added ? ' + branch[at + j]' : ''};
    ${added ? 'states[at + j] = value;' : ''}
    squares += value * value;
  }
  let factor = 1.0 / sqrt(total(lane, vec2f(squares, 0.0)).x / f32(u.width) + u.epsilon);
  if (lane == 0u) { inverse[row] = factor; }
  for (var j = lane; j < u.width; j += LANES) { y[at + j] = ${added ? 'states' : 'x'}[at + j] * factor * gamma[j]; }`,
  });

const backwardShader = (kind: Rows, plus: boolean, trained: boolean): string =>
  normShader({
    kind,
    inputs: ['dy', 'states', 'inverse', 'gamma', ...(plus ? ['plus'] : [])],
    outputs: ['dStates', ...(trained ? ['dGamma'] : [])],
    columns: trained
      ? { each: 'vec2f(dy[at] * states[at] * inverse[i], 0.0)', store: 'dGamma[column] = sums.x;' }
      : null,
    row: /* wgsl */ `
  var along = 0.0;
  for (var j = lane; j < u.width; j += LANES) { along += dy[at + j] * gamma[j] * states[at + j]; }
  let factor = inverse[row];
  let mean = total(lane, vec2f(along, 0.0)).x * factor * factor / f32(u.width);
  for (var j = lane; j < u.width; j += LANES) {
    dStates[at + j] = (dy[at + j] * gamma[j] - states[at + j] * mean) * factor${plus ? ' + plus[at + j]' : ''};
  }`,
  });

/** x and branch [N, H], gamma [H]. */
export function forward(
  gpu: WebGPUBackend,
  x: tf.Tensor2D,
  branch: tf.Tensor2D | null,
  gamma: tf.Tensor1D,
  epsilon: number,
): RmsNormalized {
  const [rows, width] = x.shape;
  const { kind, workgroups } = normLayout(rows);
  const [y, inverse, sum] = gpuRun(gpu, {
    code: forwardShader(kind, branch !== null),
    inputs: [x, gamma, ...(branch ? [branch] : [])],
    outputs: [x.shape, [rows, 1], ...(branch ? [x.shape] : [])],
    uniforms: [u32(rows), u32(width), f32(epsilon)],
    workgroups,
  });
  return { y, states: sum ?? x, inverse };
}

/** @param plus is added to the gradient of the states */
export function backward(
  gpu: WebGPUBackend,
  dy: tf.Tensor2D,
  states: tf.Tensor2D,
  inverse: tf.Tensor2D,
  gamma: tf.Tensor1D,
  plus: tf.Tensor2D | null,
  trained: boolean,
): RmsGradients {
  const [rows, width] = dy.shape;
  const { kind, workgroups } = normLayout(rows, trained ? width : 0);
  const [dStates, dGamma = null] = gpuRun(gpu, {
    code: backwardShader(kind, plus !== null, trained),
    inputs: [dy, states, inverse, gamma, ...(plus ? [plus] : [])],
    outputs: [dy.shape, ...(trained ? [[width] as const] : [])],
    uniforms: [u32(rows), u32(width)],
    workgroups,
  });
  return { dStates, dGamma };
}
