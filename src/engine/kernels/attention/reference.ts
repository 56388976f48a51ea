/** Multi-head self-attention (Vaswani et al., arXiv:1706.03762) and its gradient in plain tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';
import { dropoutFactors, type DropoutKey } from '../dropout/mask';

/** Sizes of one attention call. Tensors are [batch·length, heads·headSize]. */
export interface AttentionShape {
  batch: number;
  length: number;
  heads: number;
  headSize: number;
}

/** Added to the scores of padding keys; exp of it is exactly 0 in float32. */
const MASKED = -1e30;

const toHeads = (x: tf.Tensor2D, s: AttentionShape): tf.Tensor4D =>
  tf.transpose<tf.Tensor4D>(tf.reshape(x, [s.batch, s.length, s.heads, s.headSize]), [0, 2, 1, 3]);
const fromHeads = (x: tf.Tensor, s: AttentionShape): tf.Tensor2D =>
  tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [s.batch * s.length, s.heads * s.headSize]);

/**
 * mask: 1 for a real key, 0 for padding, batch·length values. Returns the context and the probabilities [B, heads, S,
 * S].
 */
export function forward(
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  mask: Int32Array,
  shape: AttentionShape,
  drop: DropoutKey,
): { context: tf.Tensor2D; probabilities: tf.Tensor4D } {
  const bias = tf.tensor4d(
    Float32Array.from(mask, (keep) => (keep ? 0 : MASKED)),
    [shape.batch, 1, 1, shape.length],
  );
  const scores = tf.matMul(tf.mul(toHeads(q, shape), 1 / Math.sqrt(shape.headSize)), toHeads(k, shape), false, true);
  const probabilities = tf.softmax<tf.Tensor4D>(tf.add(scores, bias));
  const context = tf.matMul(dropped(probabilities, drop), toHeads(v, shape));
  return { context: fromHeads(context, shape), probabilities };
}

function dropped(x: tf.Tensor, drop: DropoutKey): tf.Tensor {
  return drop.rate === 0 ? x : tf.mul(x, tf.tensor(dropoutFactors(drop, x.size), x.shape));
}

export function backward(
  dy: tf.Tensor2D,
  [q, k, v, probabilities]: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor4D],
  shape: AttentionShape,
  drop: DropoutKey,
): [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] {
  const scale = 1 / Math.sqrt(shape.headSize);
  const grad = toHeads(dy, shape);
  const dv = tf.matMul(dropped(probabilities, drop), grad, true, false);
  const dp = dropped(tf.matMul(grad, toHeads(v, shape), false, true), drop);
  const ds = tf.mul(tf.mul(tf.sub(dp, tf.sum(tf.mul(dp, probabilities), -1, true)), probabilities), scale);
  const dq = tf.matMul(ds, toHeads(k, shape));
  const dk = tf.matMul(ds, toHeads(q, shape), true, false);
  return [fromHeads(dq, shape), fromHeads(dk, shape), fromHeads(dv, shape)];
}
