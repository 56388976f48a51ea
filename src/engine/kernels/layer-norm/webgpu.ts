/** Layer norm on WebGPU, also of x (with dropout) + residual, in a dispatch forward and one for all gradients. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { DROPOUT, f32, gpuRun, u32 } from '../../backend/gpu-run';
import type { DropoutKey } from '../dropout/mask';
import { DROPOUT_FIELDS, dropoutUniforms } from '../dropout/webgpu';
import { normLayout, normShader, type Rows } from '../norm-rows';
import type { Normalized } from './reference';

/** What is added before the norm: dropout(x) + residual. */
export interface Residual {
  residual: tf.Tensor2D;
  drop: DropoutKey;
}

const forwardShader = (kind: Rows, residual: boolean): string =>
  normShader({
    kind,
    inputs: ['x', 'gamma', 'beta', ...(residual ? ['residual'] : [])],
    outputs: ['y', 'normalized', 'inverse'],
    fields: `${DROPOUT_FIELDS}, epsilon: f32`,
    functions: DROPOUT,
    row: /* wgsl */ `
  var sum = 0.0;
  for (var j = lane; j < u.width; j += LANES) {
    let value = x[at + j]${residual ? ' * dropoutFactor(u.key, u.threshold, u.keep, at + j) + residual[at + j]' : ''};
    normalized[at + j] = value;
    sum += value;
  }
  let mean = total(lane, vec2f(sum, 0.0)).x / f32(u.width);
  var squares = 0.0;
  for (var j = lane; j < u.width; j += LANES) { let d = normalized[at + j] - mean; squares += d * d; }
  let factor = 1.0 / sqrt(total(lane, vec2f(squares, 0.0)).x / f32(u.width) + u.epsilon);
  if (lane == 0u) { inverse[row] = factor; }
  for (var j = lane; j < u.width; j += LANES) {
    let value = (normalized[at + j] - mean) * factor;
    normalized[at + j] = value;
    y[at + j] = value * gamma[j] + beta[j];
  }`,
  });

/** The gradient of what was normalized, with dropout also that of x; and those of gamma and beta. */
const backwardShader = (kind: Rows, dropped: boolean): string =>
  normShader({
    kind,
    inputs: ['dy', 'normalized', 'inverse', 'gamma'],
    outputs: ['dGamma', 'dBeta', 'dSum', ...(dropped ? ['dx'] : [])],
    fields: DROPOUT_FIELDS,
    functions: DROPOUT,
    columns: {
      each: 'vec2f(dy[at] * normalized[at], dy[at])',
      store: 'dGamma[column] = sums.x; dBeta[column] = sums.y;',
    },
    row: /* wgsl */ `
  var sum = 0.0;
  var along = 0.0;
  for (var j = lane; j < u.width; j += LANES) {
    let scaled = dy[at + j] * gamma[j];
    sum += scaled;
    along += scaled * normalized[at + j];
  }
  let means = total(lane, vec2f(sum, along)) / f32(u.width);
  let factor = inverse[row];
  for (var j = lane; j < u.width; j += LANES) {
    let gradient = (dy[at + j] * gamma[j] - means.x - normalized[at + j] * means.y) * factor;
    dSum[at + j] = gradient;
    ${dropped ? 'dx[at + j] = gradient * dropoutFactor(u.key, u.threshold, u.keep, at + j);' : ''}
  }`,
  });

const NO_DROPOUT: DropoutKey = { rate: 0, key: 0 };

/** x [N, H], gamma [H], beta [H]; normalizes x, or dropout(x) + residual. */
export function forward(
  gpu: WebGPUBackend,
  x: tf.Tensor2D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
  added: Residual | null,
): Normalized {
  const [rows, width] = x.shape;
  const { kind, workgroups } = normLayout(rows);
  const [y, normalized, inverseDeviation] = gpuRun(gpu, {
    code: forwardShader(kind, added !== null),
    inputs: [x, gamma, beta, ...(added ? [added.residual] : [])],
    outputs: [x.shape, x.shape, [rows, 1]],
    uniforms: [u32(rows), u32(width), ...dropoutUniforms(added?.drop ?? NO_DROPOUT), f32(epsilon)],
    workgroups,
  });
  return { y, normalized, inverseDeviation };
}

/** Gradients of x, gamma, beta and the residual; without one, its gradient is x's. */
export function backward(
  gpu: WebGPUBackend,
  dy: tf.Tensor2D,
  [normalized, inverseDeviation, gamma]: [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D],
  drop: DropoutKey = NO_DROPOUT,
): { dx: tf.Tensor2D; dGamma: tf.Tensor1D; dBeta: tf.Tensor1D; dResidual: tf.Tensor2D } {
  const [rows, width] = dy.shape;
  const dropped = drop.rate > 0;
  const { kind, workgroups } = normLayout(rows, width);
  const [dGamma, dBeta, dResidual, dx] = gpuRun(gpu, {
    code: backwardShader(kind, dropped),
    inputs: [dy, normalized, inverseDeviation, gamma],
    outputs: [[width], [width], dy.shape, ...(dropped ? [dy.shape] : [])],
    uniforms: [u32(rows), u32(width), ...dropoutUniforms(drop)],
    workgroups,
  });
  return { dx: dx ?? dResidual, dGamma, dBeta, dResidual };
}
