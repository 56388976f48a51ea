/** Multi-head self-attention on WebGPU without barriers: a thread a query row, and a thread a key row for the gradients of k and v. */
import * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { bindings, DROPOUT, f32, gpuRun, MAIN, threads, u32, type Uniform } from '../../backend/gpu-run';
import type { DropoutKey } from '../dropout/mask';
import { DROPOUT_FIELDS, dropoutUniforms } from '../dropout/webgpu';
import type { AttentionShape } from './reference';

const FIELDS = `${DROPOUT_FIELDS}, batch: u32, length: u32, heads: u32, headSize: u32, scale: f32`;

/** Where thread `index` works: row r of head h of batch row b. */
const PLACE = /* wgsl */ `
  if (index >= u.batch * u.heads * u.length) { return; }
  let r = index % u.length;
  let h = (index / u.length) % u.heads;
  let b = index / (u.length * u.heads);
  let width = u.heads * u.headSize;
  let mine = (b * u.length + r) * width + h * u.headSize;
  let square = (b * u.heads + h) * u.length * u.length;`;

const factor = (at: string): string => `dropoutFactor(u.key, u.threshold, u.keep, ${at})`;

const FORWARD = /* wgsl */ `
${bindings(['q', 'k', 'v', 'mask'], ['context', 'probabilities'], FIELDS)}
${DROPOUT}
${MAIN}${PLACE}
  let row = square + r * u.length;
  var highest = -1e30;
  for (var j = 0u; j < u.length; j++) {
    if (mask[b * u.length + j] == 0.0) { continue; }
    let other = (b * u.length + j) * width + h * u.headSize;
    var score = 0.0;
    for (var d = 0u; d < u.headSize; d++) { score += q[mine + d] * k[other + d]; }
    score *= u.scale;
    probabilities[row + j] = score;
    highest = max(highest, score);
  }
  var sum = 0.0;
  for (var j = 0u; j < u.length; j++) {
    var p = 0.0;
    if (mask[b * u.length + j] != 0.0) { p = exp(probabilities[row + j] - highest); }
    probabilities[row + j] = p;
    sum += p;
  }
  for (var d = 0u; d < u.headSize; d++) { context[mine + d] = 0.0; }
  for (var j = 0u; j < u.length; j++) {
    let p = probabilities[row + j] / sum;
    probabilities[row + j] = p;
    let weight = p * ${factor('row + j')};
    if (weight == 0.0) { continue; }
    let other = (b * u.length + j) * width + h * u.headSize;
    for (var d = 0u; d < u.headSize; d++) { context[mine + d] += weight * v[other + d]; }
  }
}`;

/** dq, and the gradient of the scores [B, heads, S, S], which the other shader needs. */
const QUERY_GRADIENT = /* wgsl */ `
${bindings(['dy', 'k', 'v', 'probabilities'], ['dq', 'dScores'], FIELDS)}
${DROPOUT}
${MAIN}${PLACE}
  let row = square + r * u.length;
  var along = 0.0;
  for (var j = 0u; j < u.length; j++) {
    let p = probabilities[row + j];
    let other = (b * u.length + j) * width + h * u.headSize;
    var dp = 0.0;
    for (var d = 0u; d < u.headSize; d++) { dp += dy[mine + d] * v[other + d]; }
    dp *= ${factor('row + j')};
    dScores[row + j] = dp;
    along += dp * p;
  }
  for (var d = 0u; d < u.headSize; d++) { dq[mine + d] = 0.0; }
  for (var j = 0u; j < u.length; j++) {
    let ds = (dScores[row + j] - along) * probabilities[row + j] * u.scale;
    dScores[row + j] = ds;
    let other = (b * u.length + j) * width + h * u.headSize;
    for (var d = 0u; d < u.headSize; d++) { dq[mine + d] += ds * k[other + d]; }
  }
}`;

const KEY_VALUE_GRADIENT = /* wgsl */ `
${bindings(['dy', 'q', 'probabilities', 'dScores'], ['dk', 'dv'], FIELDS)}
${DROPOUT}
${MAIN}${PLACE}
  for (var d = 0u; d < u.headSize; d++) { dk[mine + d] = 0.0; dv[mine + d] = 0.0; }
  for (var i = 0u; i < u.length; i++) {
    let at = square + i * u.length + r;
    let ds = dScores[at];
    let weight = probabilities[at] * ${factor('at')};
    let other = (b * u.length + i) * width + h * u.headSize;
    for (var d = 0u; d < u.headSize; d++) {
      dk[mine + d] += ds * q[other + d];
      dv[mine + d] += weight * dy[other + d];
    }
  }
}`;

const uniformsOf = (s: AttentionShape, drop: DropoutKey): Uniform[] => [
  ...dropoutUniforms(drop),
  ...[s.batch, s.length, s.heads, s.headSize].map(u32),
  f32(1 / Math.sqrt(s.headSize)),
];

export function forward(
  gpu: WebGPUBackend,
  [q, k, v]: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D],
  mask: Int32Array,
  shape: AttentionShape,
  drop: DropoutKey,
): { context: tf.Tensor2D; probabilities: tf.Tensor4D } {
  const { batch, length, heads } = shape;
  const [context, probabilities] = gpuRun(gpu, {
    code: FORWARD,
    inputs: [q, k, v, tf.tensor1d(Float32Array.from(mask))],
    outputs: [q.shape, [batch, heads, length, length]],
    uniforms: uniformsOf(shape, drop),
    workgroups: threads(batch * heads * length),
  }) as [tf.Tensor2D, tf.Tensor4D];
  return { context, probabilities };
}

export function backward(
  gpu: WebGPUBackend,
  dy: tf.Tensor2D,
  [q, k, v, probabilities]: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor4D],
  shape: AttentionShape,
  drop: DropoutKey,
): [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] {
  const uniforms = uniformsOf(shape, drop);
  const workgroups = threads(shape.batch * shape.heads * shape.length);
  const queries = { code: QUERY_GRADIENT, inputs: [dy, k, v, probabilities], outputs: [q.shape, probabilities.shape], uniforms, workgroups };
  const [dq, dScores] = gpuRun(gpu, queries) as [tf.Tensor2D, tf.Tensor4D];
  const keys = { code: KEY_VALUE_GRADIENT, inputs: [dy, q, probabilities, dScores], outputs: [q.shape, q.shape], uniforms, workgroups };
  const [dk, dv] = gpuRun(gpu, keys) as [tf.Tensor2D, tf.Tensor2D];
  return [dq, dk, dv];
}
