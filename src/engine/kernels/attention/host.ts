/**
 * Multi-head self-attention and its gradient as loops over (row of the batch, head); padding keys are skipped, not
 * masked.
 */
import { must } from '../../../base/assert';
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';
import { dot } from '../dot';
import { dropThreshold, elementBits, type DropoutKey } from '../dropout/mask';
import type { AttentionShape } from './reference';

/** Positions of the real keys of each row of the batch. */
function realKeys(mask: Int32Array, { batch, length }: AttentionShape): Int32Array[] {
  return Array.from({ length: batch }, (_, b) => {
    const keys: number[] = [];
    for (let j = 0; j < length; j++) if (mask[b * length + j]) keys.push(j);
    return Int32Array.from(keys);
  });
}

/** Factors of dropout for one row of probabilities, indexed as in the [B, heads, S, S] tensor. */
function rowFactors(out: Float32Array, drop: DropoutKey, rowStart: number): void {
  if (drop.rate === 0) return;
  const threshold = dropThreshold(drop.rate);
  const keep = 1 / (1 - drop.rate);
  for (let j = 0; j < out.length; j++) out[j] = elementBits(drop.key, rowStart + j) < threshold ? 0 : keep;
}

export function forward(
  memory: HostMemory,
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  mask: Int32Array,
  shape: AttentionShape,
  drop: DropoutKey,
): { context: tf.Tensor2D; probabilities: tf.Tensor4D } {
  const { batch, length, heads, headSize } = shape;
  const width = heads * headSize;
  const [context, probabilities] = allocate(memory, [batch * length, width], [batch, heads, length, length]);
  const [qs, ks, vs] = [memory.view(q), memory.view(k), memory.view(v)];
  const out = context.values.fill(0);
  const probs = probabilities.values.fill(0);
  const scale = 1 / Math.sqrt(headSize);
  const keysOf = realKeys(mask, shape);
  const factors = new Float32Array(length).fill(1);
  for (let b = 0; b < batch; b++) {
    const keys = must(keysOf[b]);
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < length; i++) {
        const qAt = (b * length + i) * width + h * headSize;
        const pAt = ((b * heads + h) * length + i) * length;
        let highest = -Infinity;
        for (let n = 0; n < keys.length; n++) {
          const j = must(keys[n]);
          const kAt = (b * length + j) * width + h * headSize;
          const score = dot(qs, qAt, ks, kAt, headSize) * scale;
          probs[pAt + j] = score;
          if (score > highest) highest = score;
        }
        let sum = 0;
        for (let n = 0; n < keys.length; n++)
          sum += probs[pAt + must(keys[n])] = Math.exp(must(probs[pAt + must(keys[n])]) - highest);
        rowFactors(factors, drop, pAt);
        for (let n = 0; n < keys.length; n++) {
          const j = must(keys[n]);
          const p = (probs[pAt + j] = must(probs[pAt + j]) / sum) * must(factors[j]);
          const vAt = (b * length + j) * width + h * headSize;
          for (let d = 0; d < headSize; d++) out[qAt + d] = must(out[qAt + d]) + p * must(vs[vAt + d]);
        }
      }
  }
  return { context: context.tensor, probabilities: probabilities.tensor };
}

export function backward(
  memory: HostMemory,
  dy: tf.Tensor2D,
  [q, k, v, probabilities]: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor4D],
  mask: Int32Array,
  shape: AttentionShape,
  drop: DropoutKey,
): [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] {
  const { batch, length, heads, headSize } = shape;
  const width = heads * headSize;
  const [dq, dk, dv] = allocate(memory, q.shape, q.shape, q.shape);
  const [grads, qs, ks, vs, probs] = [
    memory.view(dy),
    memory.view(q),
    memory.view(k),
    memory.view(v),
    memory.view(probabilities),
  ];
  const [dqs, dks, dvs] = [dq.values.fill(0), dk.values.fill(0), dv.values.fill(0)];
  const scale = 1 / Math.sqrt(headSize);
  const keysOf = realKeys(mask, shape);
  const factors = new Float32Array(length).fill(1);
  const dp = new Float32Array(length);
  for (let b = 0; b < batch; b++) {
    const keys = must(keysOf[b]);
    for (let h = 0; h < heads; h++)
      for (let i = 0; i < length; i++) {
        const qAt = (b * length + i) * width + h * headSize;
        const pAt = ((b * heads + h) * length + i) * length;
        rowFactors(factors, drop, pAt);
        let along = 0;
        for (let n = 0; n < keys.length; n++) {
          const j = must(keys[n]);
          const vAt = (b * length + j) * width + h * headSize;
          const p = must(probs[pAt + j]);
          const weight = p * must(factors[j]);
          for (let d = 0; d < headSize; d++) dvs[vAt + d] = must(dvs[vAt + d]) + weight * must(grads[qAt + d]);
          dp[j] = dot(grads, qAt, vs, vAt, headSize) * must(factors[j]);
          along += dp[j] * p;
        }
        for (let n = 0; n < keys.length; n++) {
          const j = must(keys[n]);
          const ds = (must(dp[j]) - along) * must(probs[pAt + j]) * scale;
          const kAt = (b * length + j) * width + h * headSize;
          for (let d = 0; d < headSize; d++) {
            dqs[qAt + d] = must(dqs[qAt + d]) + ds * must(ks[kAt + d]);
            dks[kAt + d] = must(dks[kAt + d]) + ds * must(qs[qAt + d]);
          }
        }
      }
  }
  return [dq.tensor, dk.tensor, dv.tensor];
}
