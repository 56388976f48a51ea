/** Causal attention and its gradient in plain tfjs ops, with the whole [heads, queries, keys] matrix. */
import { must } from '../../../base/assert';
import * as tf from '@tensorflow/tfjs-core';
import type { DropoutKey } from '../dropout/mask';
import { dropFactor, probabilityIndex, type CausalLayout } from './layout';

/** Added to the scores of keys that a query may not see; exp of it is exactly 0 in float32. */
const MASKED = -1e30;

/** [N, groups·headSize] → [heads, N, headSize]; a key head is repeated for the heads that share it. */
function toHeads(x: tf.Tensor2D, { heads, headSize }: CausalLayout): tf.Tensor3D {
  const [rows, width] = x.shape;
  const groups = width / headSize;
  const apart = tf.reshape(tf.transpose(tf.reshape(x, [rows, groups, headSize]), [1, 0, 2]), [
    groups,
    1,
    rows,
    headSize,
  ]);
  return tf.reshape(tf.tile(apart, [1, heads / groups, 1, 1]), [heads, rows, headSize]);
}

/** The inverse of `toHeads`; heads that share a key head are summed. */
function fromHeads(x: tf.Tensor, groups: number): tf.Tensor2D {
  const [heads = 0, rows = 0, headSize = 0] = x.shape;
  const summed = tf.sum(tf.reshape(x, [groups, heads / groups, rows, headSize]), 1);
  return tf.reshape(tf.transpose(summed, [1, 0, 2]), [rows, groups * headSize]);
}

function visible({ queries, keys, first, past }: CausalLayout): tf.Tensor3D {
  const bias = new Float32Array(queries * keys).fill(MASKED);
  for (let i = 0; i < queries; i++) bias.fill(0, i * keys + must(first[i]), i * keys + i + past + 1);
  return tf.tensor3d(bias, [1, queries, keys]);
}

function dropFactors(layout: CausalLayout, drop: DropoutKey): tf.Tensor3D {
  const { heads, queries, keys, first, past } = layout;
  const factors = new Float32Array(heads * queries * keys);
  for (let h = 0; h < heads; h++)
    for (let i = 0; i < queries; i++)
      for (let j = must(first[i]); j <= i + past; j++)
        factors[(h * queries + i) * keys + j] = dropFactor(drop, probabilityIndex(layout, i, h, j - must(first[i])));
  return tf.tensor3d(factors, [heads, queries, keys]);
}

const dropped = (x: tf.Tensor, layout: CausalLayout, drop: DropoutKey): tf.Tensor =>
  drop.rate === 0 ? x : tf.mul(x, dropFactors(layout, drop));

/** The context [queries, heads·headSize] and log Σ exp of each query's scores [queries, heads]. */
export function forward(
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  layout: CausalLayout,
  drop: DropoutKey,
): { context: tf.Tensor2D; logSums: tf.Tensor2D } {
  const scores = tf.add(
    tf.matMul(tf.mul(toHeads(q, layout), 1 / Math.sqrt(layout.headSize)), toHeads(k, layout), false, true),
    visible(layout),
  );
  const logSums = tf.logSumExp(scores, 2, true);
  const probabilities = tf.exp(tf.sub(scores, logSums));
  const context = fromHeads(tf.matMul(dropped(probabilities, layout, drop), toHeads(v, layout)), layout.heads);
  return { context, logSums: tf.transpose(tf.squeeze<tf.Tensor2D>(logSums, [2])) };
}

export function backward(
  dy: tf.Tensor2D,
  [q, k, v, context, logSums]: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D],
  layout: CausalLayout,
  drop: DropoutKey,
): [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] {
  const scale = 1 / Math.sqrt(layout.headSize);
  const [queries, keys, values, grad] = [
    toHeads(q, layout),
    toHeads(k, layout),
    toHeads(v, layout),
    toHeads(dy, layout),
  ];
  const scores = tf.add(tf.matMul(tf.mul(queries, scale), keys, false, true), visible(layout));
  const probabilities = tf.exp(tf.sub(scores, tf.expandDims(tf.transpose(logSums), 2)));
  const dv = tf.matMul(dropped(probabilities, layout, drop), grad, true, false);
  const dp = dropped(tf.matMul(grad, values, false, true), layout, drop);
  const along = tf.sum(tf.mul(grad, toHeads(context, layout)), 2, true);
  const ds = tf.mul(tf.mul(tf.sub(dp, along), probabilities), scale);
  const [dq, dk] = [tf.matMul(ds, keys), tf.matMul(ds, queries, true, false)];
  return [fromHeads(dq, layout.heads), fromHeads(dk, layout.keyValueHeads), fromHeads(dv, layout.keyValueHeads)];
}
