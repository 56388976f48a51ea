/**
 * Layer norm on WebGPU, also of x (with dropout) + residual: a workgroup a row with sums through workgroup memory, on software adapters a
 * thread a row without barriers; and a thread a column for the gradients of gamma and beta.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { gpuAdapter } from '../../backend/gpu-device';
import { bindings, DROPOUT, f32, gpuRun, MAIN, threads, u32, WORKGROUP } from '../../backend/gpu-run';
import type { DropoutKey } from '../dropout/mask';
import { DROPOUT_FIELDS, dropoutUniforms } from '../dropout/webgpu';
import type { Normalized } from './reference';

/** What is added before the norm: dropout(x) + residual. */
export interface Residual {
  residual: tf.Tensor2D;
  drop: DropoutKey;
}

const FIELDS = `${DROPOUT_FIELDS}, rows: u32, width: u32, epsilon: f32`;

/** Opens main with `row` and `lane`; every lane takes each `LANES`-th column, and `total` adds up over the lanes. */
const ROWS = {
  alone: /* wgsl */ `
const LANES = 1u;
fn total(lane: u32, value: vec2f) -> vec2f { return value; }
${MAIN}
  let row = index;
  let lane = 0u;`,
  shared: /* wgsl */ `
const LANES = ${WORKGROUP}u;
var<workgroup> partial: array<vec2f, LANES>;
fn total(lane: u32, value: vec2f) -> vec2f {
  partial[lane] = value;
  workgroupBarrier();
  for (var reach = LANES / 2u; reach > 0u; reach /= 2u) {
    if (lane < reach) { partial[lane] += partial[lane + reach]; }
    workgroupBarrier();
  }
  let sum = partial[0];
  workgroupBarrier();
  return sum;
}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) lane: u32) {
  let row = group.x + group.y * groups.x;`,
};

type Rows = keyof typeof ROWS;

const head = (inputs: readonly string[], outputs: readonly string[], rows: Rows): string => /* wgsl */ `
${bindings(inputs, outputs, FIELDS)}
${DROPOUT}
${ROWS[rows]}
  if (row >= u.rows) { return; }
  let at = row * u.width;`;

/** Each lane reads only what it has written itself, so that no barrier is needed between the passes. */
const forwardShader = (rows: Rows, residual: boolean): string => /* wgsl */ `
${head(['x', 'gamma', 'beta', ...(residual ? ['residual'] : [])], ['y', 'normalized', 'inverse'], rows)}
  var sum = 0.0;
  for (var j = lane; j < u.width; j += LANES) {
    let value = ${residual ? 'x[at + j] * dropoutFactor(u.key, u.threshold, u.keep, at + j) + residual[at + j]' : 'x[at + j]'};
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
  }
}`;

/** The gradient of what was normalized; with dropout also that of x. */
const inputShader = (rows: Rows, dropped: boolean): string => /* wgsl */ `
${head(['dy', 'normalized', 'inverse', 'gamma'], ['dSum', ...(dropped ? ['dx'] : [])], rows)}
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
  }
}`;

const SCALE_GRADIENTS = /* wgsl */ `
${bindings(['dy', 'normalized'], ['dGamma', 'dBeta'], 'rows: u32, width: u32')}
${MAIN}
  if (index >= u.width) { return; }
  var gammaSum = 0.0;
  var betaSum = 0.0;
  for (var i = 0u; i < u.rows; i++) {
    let g = dy[i * u.width + index];
    betaSum += g;
    gammaSum += g * normalized[i * u.width + index];
  }
  dGamma[index] = gammaSum;
  dBeta[index] = betaSum;
}`;

const NO_DROPOUT: DropoutKey = { rate: 0, key: 0 };
const MOST_WORKGROUPS = 65_535;

/** How rows are worked on here, and the workgroups for that. */
function layout(rows: number): { kind: Rows; workgroups: [number, number] } {
  if (gpuAdapter()?.software) return { kind: 'alone', workgroups: threads(rows) };
  const lines = Math.ceil(rows / MOST_WORKGROUPS);
  return { kind: 'shared', workgroups: [Math.ceil(rows / lines), lines] };
}

/** x [N, H], gamma [H], beta [H]; normalizes x, or dropout(x) + residual. */
export function forward(gpu: WebGPUBackend, x: tf.Tensor2D, gamma: tf.Tensor1D, beta: tf.Tensor1D, epsilon: number, added: Residual | null): Normalized {
  const [rows, width] = x.shape;
  const { kind, workgroups } = layout(rows);
  const [y, normalized, inverseDeviation] = gpuRun(gpu, {
    code: forwardShader(kind, added !== null),
    inputs: [x, gamma, beta, ...(added ? [added.residual] : [])],
    outputs: [x.shape, x.shape, [rows, 1]],
    uniforms: [...dropoutUniforms(added?.drop ?? NO_DROPOUT), u32(rows), u32(width), f32(epsilon)],
    workgroups,
  }) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
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
  const { kind, workgroups } = layout(rows);
  const [dResidual, dx] = gpuRun(gpu, {
    code: inputShader(kind, dropped),
    inputs: [dy, normalized, inverseDeviation, gamma],
    outputs: dropped ? [dy.shape, dy.shape] : [dy.shape],
    uniforms: [...dropoutUniforms(drop), u32(rows), u32(width), f32(0)],
    workgroups,
  }) as [tf.Tensor2D, tf.Tensor2D?];
  const scales = { code: SCALE_GRADIENTS, inputs: [dy, normalized], outputs: [[width], [width]], uniforms: [u32(rows), u32(width)], workgroups: threads(width) };
  const [dGamma, dBeta] = gpuRun(gpu, scales) as [tf.Tensor1D, tf.Tensor1D];
  return { dx: dx ?? dResidual, dGamma, dBeta, dResidual };
}
