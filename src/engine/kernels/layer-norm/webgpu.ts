/**
 * Layer norm on WebGPU, also of x (with dropout) + residual: a workgroup a row with sums through workgroup memory, on software adapters a
 * thread a row without barriers. The gradients of gamma and beta are further workgroups of the same dispatch.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { gpuAdapter } from '../../backend/gpu-device';
import { bindings, DROPOUT, f32, gpuRun, threads, u32, WORKGROUP } from '../../backend/gpu-run';
import type { DropoutKey } from '../dropout/mask';
import { DROPOUT_FIELDS, dropoutUniforms } from '../dropout/webgpu';
import type { Normalized } from './reference';

/** What is added before the norm: dropout(x) + residual. */
export interface Residual {
  residual: tf.Tensor2D;
  drop: DropoutKey;
}

/** Threads that take turns over the rows of a column, where they can add up. */
const COLUMN_TURNS = 4;

const FIELDS = `${DROPOUT_FIELDS}, rows: u32, width: u32, epsilon: f32`;

/**
 * Opens main with `block`, the workgroup's number. Every lane of a row takes each `LANES`-th of its columns, and `total` adds up over the lanes;
 * so do those of a column with its rows.
 */
const ROWS = {
  alone: /* wgsl */ `
const LANES = 1u;
fn total(lane: u32, value: vec2f) -> vec2f { return value; }
fn columnTotal(thread: u32, value: vec2f) -> vec2f { return value; }
const TURNS = 1u;`,
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
const TURNS = ${COLUMN_TURNS}u;
fn columnTotal(thread: u32, value: vec2f) -> vec2f {
  partial[thread] = value;
  workgroupBarrier();
  var sum = value;
  for (var i = 1u; i < TURNS; i++) { sum += partial[(thread + i * ${WORKGROUP / COLUMN_TURNS}u) % ${WORKGROUP}u]; }
  return sum;
}`,
};

type Rows = keyof typeof ROWS;

/** `first` runs before the rows, in all workgroups. */
const head = (inputs: readonly string[], outputs: readonly string[], rows: Rows, first = ''): string => /* wgsl */ `
${bindings(inputs, outputs, FIELDS)}
${DROPOUT}
${ROWS[rows]}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u, @builtin(local_invocation_index) thread: u32) {
  let block = group.x + group.y * groups.x;
  ${first}
  ${rows === 'alone' ? `let row = block * ${WORKGROUP}u + thread; let lane = 0u;` : 'let row = block; let lane = thread;'}
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

/** Gradients of gamma and beta, by the workgroups after those of the rows. */
const scaleGradients = (rows: Rows): string => /* wgsl */ `
  let rowBlocks = ${rows === 'alone' ? `(u.rows + ${WORKGROUP - 1}u) / ${WORKGROUP}u` : 'u.rows'};
  if (block >= rowBlocks) {
    let column = (block - rowBlocks) * (${WORKGROUP}u / TURNS) + thread % (${WORKGROUP}u / TURNS);
    let turn = thread / (${WORKGROUP}u / TURNS);
    var sums = vec2f();
    if (column < u.width) {
      for (var i = turn; i < u.rows; i += TURNS) {
        let g = dy[i * u.width + column];
        sums += vec2f(g * normalized[i * u.width + column], g);
      }
    }
    let both = columnTotal(thread, sums);
    if (turn == 0u && column < u.width) { dGamma[column] = both.x; dBeta[column] = both.y; }
    return;
  }`;

/** The gradient of what was normalized, with dropout also that of x; and those of gamma and beta. */
const backwardShader = (rows: Rows, dropped: boolean): string => /* wgsl */ `
${head(['dy', 'normalized', 'inverse', 'gamma'], ['dGamma', 'dBeta', 'dSum', ...(dropped ? ['dx'] : [])], rows, scaleGradients(rows))}
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

const NO_DROPOUT: DropoutKey = { rate: 0, key: 0 };

/** How rows are worked on here, and the workgroups for that and, where asked for, for sums over columns. */
function layout(rows: number, columns = 0): { kind: Rows; workgroups: [number, number] } {
  const alone = gpuAdapter()?.software ?? false;
  const blocks = alone ? Math.ceil(rows / WORKGROUP) + Math.ceil(columns / WORKGROUP) : rows + Math.ceil((columns * COLUMN_TURNS) / WORKGROUP);
  return { kind: alone ? 'alone' : 'shared', workgroups: threads(blocks * WORKGROUP) };
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
  const { kind, workgroups } = layout(rows, width);
  const [dGamma, dBeta, dResidual, dx] = gpuRun(gpu, {
    code: backwardShader(kind, dropped),
    inputs: [dy, normalized, inverseDeviation, gamma],
    outputs: [[width], [width], dy.shape, ...(dropped ? [dy.shape] : [])],
    uniforms: [...dropoutUniforms(drop), u32(rows), u32(width), f32(0)],
    workgroups,
  }) as [tf.Tensor1D, tf.Tensor1D, tf.Tensor2D, tf.Tensor2D?];
  return { dx: dx ?? dResidual, dGamma, dBeta, dResidual };
}
