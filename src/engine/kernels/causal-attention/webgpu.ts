/**
 * Causal attention on WebGPU without barriers or a matrix of scores: a thread a query row, and a thread a key row for
 * the gradients of k and v.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { fed } from '../../backend/gpu-backend';
import { bindings, DROPOUT, f32, gpuRun, MAIN, threads, u32, type Uniform } from '../../backend/gpu-run';
import type { DropoutKey } from '../dropout/mask';
import { DROPOUT_FIELDS, dropoutUniforms } from '../dropout/webgpu';
import type { CausalLayout } from './layout';

const FIELDS = `${DROPOUT_FIELDS},
  queries: u32, keys: u32, past: u32, heads: u32, keyHeads: u32, span: u32, scale: f32`;

/** Loops over the values of one head, whose size is part of the shader so that its rows stay in registers. */
const each = (size: number, line: string): string => `for (var d = 0u; d < ${size}u; d++) { ${line} }`;

const factor = (i: string, h: string, offset: string): string =>
  `dropoutFactor(u.key, u.threshold, u.keep, (${i} * u.heads + ${h}) * u.span + ${offset})`;

/**
 * Thread `index` is head h of query i, whose values start at `mine`; its key head starts at `group` of each key row.
 */
const query = (size: number): string => /* wgsl */ `
  if (index >= u.queries * u.heads) { return; }
  let i = index / u.heads;
  let h = index % u.heads;
  let mine = index * ${size}u;
  let keyWidth = u.keyHeads * ${size}u;
  let group = h / (u.heads / u.keyHeads) * ${size}u;
  let start = u32(first[i]);
  let stop = i + u.past + 1u;`;

/** The softmax is kept up to date while keys pass by (Milakov & Gimelshein 2018, arXiv:1805.02867). */
const forwardShader = (size: number): string => /* wgsl */ `
${bindings(['q', 'k', 'v', 'first'], ['context', 'logSums'], FIELDS)}
${DROPOUT}
${MAIN}${query(size)}
  var mineQ: array<f32, ${size}>;
  var sumV: array<f32, ${size}>;
  ${each(size, 'mineQ[d] = q[mine + d] * u.scale; sumV[d] = 0.0;')}
  var highest = -1e30;
  var sum = 0.0;
  for (var j = start; j < stop; j++) {
    let at = j * keyWidth + group;
    var score = 0.0;
    ${each(size, 'score += mineQ[d] * k[at + d];')}
    let higher = max(highest, score);
    let shrink = exp(highest - higher);
    let p = exp(score - higher);
    sum = sum * shrink + p;
    highest = higher;
    let weight = p * ${factor('i', 'h', '(j - start)')};
    ${each(size, 'sumV[d] = sumV[d] * shrink + weight * v[at + d];')}
  }
  logSums[index] = highest + log(sum);
  ${each(size, 'context[mine + d] = sumV[d] / sum;')}
}`;

/**
 * What both gradients need of each query and head: log Σ exp of its scores, and Σ dy·context. Apart, because devices
 * bind only 8 buffers.
 */
const ROW_SUMS = /* wgsl */ `
${bindings(['dy', 'context', 'logSums'], ['rows'], 'count: u32, headSize: u32')}
${MAIN}
  if (index >= u.count) { return; }
  let at = index * u.headSize;
  var sum = 0.0;
  for (var d = 0u; d < u.headSize; d++) { sum += dy[at + d] * context[at + d]; }
  rows[2u * index] = logSums[index];
  rows[2u * index + 1u] = sum;
}`;

const queryGradient = (size: number): string => /* wgsl */ `
${bindings(['dy', 'q', 'k', 'v', 'rows', 'first'], ['dq'], FIELDS)}
${DROPOUT}
${MAIN}${query(size)}
  var mineQ: array<f32, ${size}>;
  var mineDy: array<f32, ${size}>;
  var sumK: array<f32, ${size}>;
  ${each(size, 'mineQ[d] = q[mine + d] * u.scale; mineDy[d] = dy[mine + d]; sumK[d] = 0.0;')}
  let logSum = rows[2u * index];
  let along = rows[2u * index + 1u];
  for (var j = start; j < stop; j++) {
    let at = j * keyWidth + group;
    var score = 0.0;
    var dp = 0.0;
    ${each(size, 'score += mineQ[d] * k[at + d]; dp += mineDy[d] * v[at + d];')}
    let ds = (dp * ${factor('i', 'h', '(j - start)')} - along) * exp(score - logSum) * u.scale;
    ${each(size, 'sumK[d] += ds * k[at + d];')}
  }
  ${each(size, 'dq[mine + d] = sumK[d];')}
}`;

/** Thread `index` is key head g of key row j; all queries and heads that see it add up. */
const keyGradient = (size: number): string => /* wgsl */ `
${bindings(['dy', 'q', 'k', 'v', 'rows', 'bounds'], ['dk', 'dv'], FIELDS)}
${DROPOUT}
${MAIN}
  if (index >= u.keys * u.keyHeads) { return; }
  let j = index / u.keyHeads;
  let g = index % u.keyHeads;
  let mine = index * ${size}u;
  let heads = u.heads / u.keyHeads;
  var mineK: array<f32, ${size}>;
  var mineV: array<f32, ${size}>;
  var sumK: array<f32, ${size}>;
  var sumV: array<f32, ${size}>;
  ${each(size, 'mineK[d] = k[mine + d] * u.scale; mineV[d] = v[mine + d]; sumK[d] = 0.0; sumV[d] = 0.0;')}
  let begin = select(0u, j - u.past, j > u.past);
  let end = u32(bounds[u.queries + j]);
  for (var i = begin; i < end; i++) {
    let offset = j - u32(bounds[i]);
    for (var h = g * heads; h < (g + 1u) * heads; h++) {
      let row = i * u.heads + h;
      let at = row * ${size}u;
      var score = 0.0;
      var dp = 0.0;
      ${each(size, 'score += q[at + d] * mineK[d]; dp += dy[at + d] * mineV[d];')}
      let p = exp(score - rows[2u * row]);
      let factor = ${factor('i', 'h', 'offset')};
      let weight = p * factor;
      let ds = (dp * factor - rows[2u * row + 1u]) * p * u.scale;
      ${each(size, 'sumK[d] += ds * q[at + d]; sumV[d] += weight * dy[at + d];')}
    }
  }
  ${each(size, 'dk[mine + d] = sumK[d]; dv[mine + d] = sumV[d];')}
}`;

const uniformsOf = (s: CausalLayout, drop: DropoutKey): Uniform[] => [
  ...dropoutUniforms(drop),
  u32(s.queries),
  u32(s.keys),
  u32(() => s.past),
  u32(s.heads),
  u32(s.keyValueHeads),
  u32(() => s.span),
  f32(1 / Math.sqrt(s.headSize)),
];

/** The context [queries, heads·headSize] and log Σ exp of each query's scores [queries, heads]. */
export function forward(
  gpu: WebGPUBackend,
  [q, k, v]: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D],
  layout: CausalLayout,
  drop: DropoutKey,
): { context: tf.Tensor2D; logSums: tf.Tensor2D } {
  const { queries, heads, headSize, first } = layout;
  const [context, logSums] = gpuRun(gpu, {
    code: forwardShader(headSize),
    inputs: [q, k, v, fed([first.length], 'float32', () => Float32Array.from(first), first)],
    outputs: [q.shape, [queries, heads]],
    uniforms: uniformsOf(layout, drop),
    workgroups: threads(queries * heads),
  });
  return { context, logSums };
}

export function backward(
  gpu: WebGPUBackend,
  dy: tf.Tensor2D,
  [q, k, v, context, logSums]: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D],
  layout: CausalLayout,
  drop: DropoutKey,
): [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] {
  const { queries, keys, heads, keyValueHeads, headSize, first, end } = layout;
  const uniforms = uniformsOf(layout, drop);
  const workgroups = threads(queries * heads);
  const [rows] = gpuRun(gpu, {
    code: ROW_SUMS,
    inputs: [dy, context, logSums],
    outputs: [[queries * heads, 2]],
    uniforms: [u32(queries * heads), u32(headSize)],
    workgroups,
  });
  const [dq] = gpuRun(gpu, {
    code: queryGradient(headSize),
    inputs: [dy, q, k, v, rows, fed([first.length], 'float32', () => Float32Array.from(first), first)],
    outputs: [q.shape],
    uniforms,
    workgroups,
  });
  const [dk, dv] = gpuRun(gpu, {
    code: keyGradient(headSize),
    inputs: [
      dy,
      q,
      k,
      v,
      rows,
      fed([first.length + end.length], 'float32', () => Float32Array.from([...first, ...end]), end),
    ],
    outputs: [k.shape, v.shape],
    uniforms,
    workgroups: threads(keys * keyValueHeads),
  });
  return [dq, dk, dv];
}
