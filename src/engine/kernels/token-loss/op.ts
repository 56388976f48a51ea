/**
 * From hidden states to what the model says of given tokens, in chunks: the logits of a whole batch are never in memory
 * at once.
 */
import * as tf from '@tensorflow/tfjs-core';
import { assert } from '../../../base/assert';
import { differentiable, withGradient } from '../differentiable';
import { product, productTransposed, transposedProduct } from '../linear/op';
import { PackedMatrix, type Matrix } from '../packed/matrix';
import { RowShards, shardsOf, startsOf, type Table } from '../shards';
import { onBackend } from '../on-backend';
import * as host from './host';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

/** Logits of so many values are computed at once (16 MB; the gradient takes as much again). */
export const CHUNK_VALUES = 2 ** 22;

/** The output matrix: `weight` [V, H], with a gradient unless `frozen`, as a packed one must be. */
export interface OutputLayer {
  weight: Table;
  frozen: boolean;
  /** Values of logits that are computed at once; a sensible number by default. */
  chunkValues?: number;
}

const logProbabilities = onBackend({
  wasm: wasm.logProbabilities,
  host: host.logProbabilities,
  webgpu: webgpu.logProbabilities,
  reference: reference.logProbabilities,
});

const logitGradient = onBackend({
  wasm: wasm.logitGradient,
  host: host.logitGradient,
  webgpu: webgpu.logitGradient,
  reference: reference.logitGradient,
});

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

const part = (x: tf.Tensor2D, { at, rows }: Chunk): tf.Tensor2D =>
  rows === x.shape[0] ? x : tf.slice(x, [at, 0], [rows, x.shape[1]]);
const joined = <T extends tf.Tensor>(parts: T[]): T => (parts.length === 1 ? (parts[0] as T) : tf.concat<T>(parts, 0));

/** Logits [N, V] of states [N, H], without a gradient; rows should be few. */
export const logitsOf = (x: tf.Tensor2D, weight: Table): tf.Tensor2D =>
  weight instanceof RowShards
    ? tf.tidy(() =>
        tf.concat(
          weight.shards.map((shard) => productTransposed(x, shard)),
          1,
        ),
      )
    : productTransposed(x, weight);

/** What belongs to a shard of `count` rows from `at` on. */
const columns = (dLogits: tf.Tensor2D, at: number, count: number): tf.Tensor2D =>
  count === dLogits.shape[1] ? dLogits : tf.slice(dLogits, [0, at], [dLogits.shape[0], count]);

/** The gradients of states and of each shard of the weight for dy [N]; the logits are computed again. */
function gradients(dy: tf.Tensor1D, x: tf.Tensor2D, output: OutputLayer, labels: Int32Array): tf.Tensor[] {
  const dxs: tf.Tensor2D[] = [];
  const starts = startsOf(output.weight);
  let dShards: tf.Tensor2D[] = [];
  for (const chunk of chunksOf(x.shape[0], output)) {
    const { at, rows } = chunk;
    const earlier = dShards;
    const [dx, ...sums] = tf.tidy((): tf.Tensor2D[] => {
      const states = part(x, chunk);
      const dLogits = tf.tidy(() =>
        logitGradient(tf.slice(dy, [at], [rows]), logitsOf(states, output.weight), labels.subarray(at, at + rows)),
      );
      const made = shardsOf(output.weight).map((shard, s) =>
        tf.tidy((): [dx: tf.Tensor2D, dShard?: tf.Tensor2D] => {
          const d = columns(dLogits, starts[s] ?? 0, shard.shape[0]);
          const dx = product(d, shard);
          if (output.frozen) return [dx];
          const dShard = transposedProduct(d, states);
          return [dx, earlier[s] ? tf.add(earlier[s], dShard) : dShard];
        }),
      );
      return [
        made.map(([dx]) => dx).reduce((sum, dx) => tf.add(sum, dx)),
        ...made.flatMap(([, dShard]) => dShard ?? []),
      ];
    });
    tf.dispose(earlier);
    dxs.push(dx as tf.Tensor2D);
    dShards = sums;
  }
  return [joined(dxs), ...dShards];
}

function valuesOf(shard: Matrix): tf.Tensor2D {
  assert(!(shard instanceof PackedMatrix), 'packed weights are frozen');
  return shard;
}

/**
 * log softmax(x·Wᵀ) at a token a row, with gradients of the states and, unless frozen, of the weight (of each of its
 * shards).
 * @param x hidden states [N, H]
 * @param labels N token ids
 * @returns [N]
 */
export function tokenLogProbabilities(x: tf.Tensor2D, output: OutputLayer, labels: Int32Array): tf.Tensor1D {
  const trained = output.frozen ? [] : shardsOf(output.weight).map(valuesOf);
  return differentiable([x, ...trained], () =>
    withGradient(
      joined(
        chunksOf(x.shape[0], output).map((chunk) =>
          tf.tidy(() =>
            logProbabilities(logitsOf(part(x, chunk), output.weight), labels.subarray(chunk.at, chunk.at + chunk.rows)),
          ),
        ),
      ),
      [x],
      (dy, [x]) => gradients(dy, x, output, labels),
    ),
  );
}

/** Without gradients: log-probabilities [N] of the labels, and the likeliest token of each row [N] (int32). */
export function scoreTokens(
  x: tf.Tensor2D,
  output: OutputLayer,
  labels: Int32Array,
): { logProbabilities: tf.Tensor1D; likeliest: tf.Tensor1D } {
  const parts = chunksOf(x.shape[0], output).map((chunk) =>
    tf.tidy(() => {
      const logits = logitsOf(part(x, chunk), output.weight);
      return {
        score: logProbabilities(logits, labels.subarray(chunk.at, chunk.at + chunk.rows)),
        best: tf.argMax<tf.Tensor1D>(logits, 1),
      };
    }),
  );
  return {
    logProbabilities: joined(parts.map(({ score }) => score)),
    likeliest: joined(parts.map(({ best }) => best)),
  };
}
