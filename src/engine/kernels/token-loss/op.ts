/** From hidden states to what the model says of given tokens, in chunks: the logits of a whole batch are never in memory at once. */
import * as tf from '@tensorflow/tfjs-core';
import { assert } from '../../../base/assert';
import { gpuKernels } from '../../backend/gpu-run';
import { hostMemory } from '../../backend/host-memory';
import { wasmKernels } from '../../wasm/kernels';
import { differentiable } from '../differentiable';
import { product, productTransposed, transposedProduct } from '../linear/op';
import { PackedMatrix, type Matrix } from '../packed/matrix';
import * as host from './host';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

/** Logits of so many values are computed at once (16 MB; the gradient takes as much again). */
export const CHUNK_VALUES = 2 ** 22;

/** The output matrix: `weight` [V, H], with a gradient unless `frozen`, as a packed one must be. */
export interface OutputLayer {
  weight: Matrix;
  frozen: boolean;
  /** Values of logits that are computed at once; a sensible number by default. */
  chunkValues?: number;
}

function logProbabilities(logits: tf.Tensor2D, labels: Int32Array): tf.Tensor1D {
  const kernels = wasmKernels();
  if (kernels) return wasm.logProbabilities(kernels, logits, labels);
  const memory = hostMemory();
  if (memory) return host.logProbabilities(memory, logits, labels);
  const gpu = gpuKernels();
  return gpu ? webgpu.logProbabilities(gpu, logits, labels) : reference.logProbabilities(logits, labels);
}

function logitGradient(dy: tf.Tensor1D, logits: tf.Tensor2D, labels: Int32Array): tf.Tensor2D {
  const kernels = wasmKernels();
  if (kernels) return wasm.logitGradient(kernels, dy, logits, labels);
  const memory = hostMemory();
  if (memory) return host.logitGradient(memory, dy, logits, labels);
  const gpu = gpuKernels();
  return gpu ? webgpu.logitGradient(gpu, dy, logits, labels) : reference.logitGradient(dy, logits, labels);
}

interface Chunk {
  at: number;
  rows: number;
}

function chunksOf(rows: number, { weight, chunkValues = CHUNK_VALUES }: OutputLayer): Chunk[] {
  const most = Math.max(1, Math.floor(chunkValues / weight.shape[0]));
  const chunks: Chunk[] = [];
  for (let at = 0; at < rows; at += most) chunks.push({ at, rows: Math.min(most, rows - at) });
  return chunks;
}

const part = (x: tf.Tensor2D, { at, rows }: Chunk): tf.Tensor2D => (rows === x.shape[0] ? x : tf.slice(x, [at, 0], [rows, x.shape[1]]));
const joined = <T extends tf.Tensor>(parts: T[]): T => (parts.length === 1 ? (parts[0] as T) : tf.concat<T>(parts, 0));

const multiply = (x: tf.Tensor2D, { weight }: OutputLayer): tf.Tensor2D => productTransposed(x, weight);

/** The gradients of states and weight for dy [N]; the logits are computed again. */
function gradients(dy: tf.Tensor1D, x: tf.Tensor2D, output: OutputLayer, labels: Int32Array): tf.Tensor[] {
  const dxs: tf.Tensor2D[] = [];
  let dWeight: tf.Tensor2D | null = null;
  for (const chunk of chunksOf(x.shape[0], output)) {
    const { at, rows } = chunk;
    const earlier: tf.Tensor2D | null = dWeight;
    const made = tf.tidy((): tf.Tensor2D[] => {
      const states = part(x, chunk);
      const dLogits = logitGradient(tf.slice(dy, [at], [rows]), multiply(states, output), labels.subarray(at, at + rows));
      const dx = product(dLogits, output.weight);
      if (output.frozen) return [dx];
      const dw = transposedProduct(dLogits, states);
      return [dx, earlier ? tf.add(earlier, dw) : dw];
    });
    earlier?.dispose();
    dxs.push(made[0] as tf.Tensor2D);
    dWeight = made[1] ?? null;
  }
  return dWeight ? [joined(dxs), dWeight] : [joined(dxs)];
}

/**
 * log softmax(x·Wᵀ) at a token a row, with gradients of the states and, unless frozen, of the weight.
 * @param x hidden states [N, H]
 * @param labels N token ids
 * @returns [N]
 */
export function tokenLogProbabilities(x: tf.Tensor2D, output: OutputLayer, labels: Int32Array): tf.Tensor1D {
  const value = (states: tf.Tensor2D, layer: OutputLayer): tf.Tensor1D =>
    joined(chunksOf(states.shape[0], layer).map((chunk) => tf.tidy(() => logProbabilities(multiply(part(states, chunk), layer), labels.subarray(chunk.at, chunk.at + chunk.rows)))));
  if (output.frozen)
    return differentiable([x], (x) => ({ value: value(x, output), saved: [x], gradient: (dy, saved) => gradients(dy, saved[0] as tf.Tensor2D, output, labels) }));
  const { weight: trained } = output;
  assert(!(trained instanceof PackedMatrix), 'packed weights are frozen');
  return differentiable([x, trained], (x, weight) => ({
    value: value(x, { ...output, weight }),
    saved: [x, weight],
    gradient: (dy, saved) => {
      const [x, weight] = saved as [tf.Tensor2D, tf.Tensor2D];
      return gradients(dy, x, { ...output, weight }, labels);
    },
  }));
}

/** Without gradients: log-probabilities [N] of the labels, and the likeliest token of each row [N] (int32). */
export function scoreTokens(x: tf.Tensor2D, output: OutputLayer, labels: Int32Array): { logProbabilities: tf.Tensor1D; likeliest: tf.Tensor1D } {
  const parts = chunksOf(x.shape[0], output).map((chunk) =>
    tf.tidy(() => {
      const logits = multiply(part(x, chunk), output);
      return { score: logProbabilities(logits, labels.subarray(chunk.at, chunk.at + chunk.rows)), best: tf.argMax<tf.Tensor1D>(logits, 1) };
    }),
  );
  return { logProbabilities: joined(parts.map(({ score }) => score)), likeliest: joined(parts.map(({ best }) => best)) };
}
