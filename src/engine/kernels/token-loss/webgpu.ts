/** Log-probabilities of given tokens on WebGPU: a thread a row finds its log Σ exp, a thread a value its gradient. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { fed } from '../../backend/gpu-backend';
import { bindings, gpuRun, MAIN, threads, u32 } from '../../backend/gpu-run';

const LOG_SUMS = /* wgsl */ `
${bindings(['logits', 'labels'], ['logProbabilities', 'logSums'], 'rows: u32, width: u32')}
${MAIN}
  if (index >= u.rows) { return; }
  let at = index * u.width;
  var highest = -1e30;
  for (var c = 0u; c < u.width; c++) { highest = max(highest, logits[at + c]); }
  var sum = 0.0;
  for (var c = 0u; c < u.width; c++) { sum += exp(logits[at + c] - highest); }
  let logSum = highest + log(sum);
  logSums[index] = logSum;
  logProbabilities[index] = logits[at + u32(labels[index])] - logSum;
}`;

const LOGIT_GRADIENT = /* wgsl */ `
${bindings(['dy', 'logits', 'labels', 'logSums'], ['dLogits'], 'size: u32, width: u32')}
${MAIN}
  if (index >= u.size) { return; }
  let row = index / u.width;
  let wanted = select(0.0, 1.0, index % u.width == u32(labels[row]));
  dLogits[index] = dy[row] * (wanted - exp(logits[index] - logSums[row]));
}`;

/** Log softmax at the label [N], and log Σ exp [N]. */
function rowSums(gpu: WebGPUBackend, logits: tf.Tensor2D, labels: tf.Tensor1D): [tf.Tensor1D, tf.Tensor1D] {
  const [rows, width] = logits.shape;
  return gpuRun(gpu, {
    code: LOG_SUMS,
    inputs: [logits, labels],
    outputs: [[rows], [rows]],
    uniforms: [u32(rows), u32(width)],
    workgroups: threads(rows),
  });
}

/** logits [N, V], a token a row → log softmax at that token [N]. */
export const logProbabilities = (gpu: WebGPUBackend, logits: tf.Tensor2D, labels: Int32Array): tf.Tensor1D =>
  rowSums(
    gpu,
    logits,
    fed([labels.length], 'float32', () => Float32Array.from(labels)),
  )[0];

/** dy [N] → dy · (1[c = label] − softmax) [N, V]. */
export function logitGradient(
  gpu: WebGPUBackend,
  dy: tf.Tensor1D,
  logits: tf.Tensor2D,
  labels: Int32Array,
): tf.Tensor2D {
  const { shape, size } = logits;
  const tokens = fed<tf.Rank.R1>([labels.length], 'float32', () => Float32Array.from(labels));
  const [, logSums] = rowSums(gpu, logits, tokens);
  return gpuRun(gpu, {
    code: LOGIT_GRADIENT,
    inputs: [dy, logits, tokens, logSums],
    outputs: [shape],
    uniforms: [u32(size), u32(shape[1])],
    workgroups: threads(size),
  })[0];
}
