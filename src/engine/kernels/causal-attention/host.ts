/** Causal attention and its gradient as loops over (query, head), a row of scores at a time. */
import { must } from '../../../base/assert';
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';
import { dot } from '../dot';
import type { DropoutKey } from '../dropout/mask';
import { dropFactor, probabilityIndex, type CausalLayout } from './layout';

/** The context [queries, heads·headSize] and log Σ exp of each query's scores [queries, heads]. */
export function forward(
  memory: HostMemory,
  q: tf.Tensor2D,
  k: tf.Tensor2D,
  v: tf.Tensor2D,
  layout: CausalLayout,
  drop: DropoutKey,
): { context: tf.Tensor2D; logSums: tf.Tensor2D } {
  const { heads, keyValueHeads, headSize, queries, first, past, span } = layout;
  const [width, keyWidth, shared] = [heads * headSize, keyValueHeads * headSize, heads / keyValueHeads];
  const [context, logSums] = allocate(memory, [queries, width], [queries, heads]);
  const [qs, ks, vs] = [memory.view(q), memory.view(k), memory.view(v)];
  const out = context.values.fill(0);
  const scale = 1 / Math.sqrt(headSize);
  const scores = new Float32Array(span);
  for (let i = 0; i < queries; i++)
    for (let h = 0; h < heads; h++) {
      const qAt = i * width + h * headSize;
      const group = Math.floor(h / shared) * headSize;
      const start = must(first[i]);
      const count = i + past + 1 - start;
      let highest = -Infinity;
      for (let n = 0; n < count; n++) {
        const score = dot(qs, qAt, ks, (start + n) * keyWidth + group, headSize) * scale;
        scores[n] = score;
        if (score > highest) highest = score;
      }
      let sum = 0;
      for (let n = 0; n < count; n++) sum += scores[n] = Math.exp(must(scores[n]) - highest);
      logSums.values[i * heads + h] = highest + Math.log(sum);
      for (let n = 0; n < count; n++) {
        const weight = (must(scores[n]) / sum) * dropFactor(drop, probabilityIndex(layout, i, h, n));
        const vAt = (start + n) * keyWidth + group;
        for (let d = 0; d < headSize; d++) out[qAt + d] = must(out[qAt + d]) + weight * must(vs[vAt + d]);
      }
    }
  return { context: context.tensor, logSums: logSums.tensor };
}

export function backward(
  memory: HostMemory,
  dy: tf.Tensor2D,
  [q, k, v, context, logSums]: [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D],
  layout: CausalLayout,
  drop: DropoutKey,
): [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D] {
  const { heads, keyValueHeads, headSize, queries, first, past } = layout;
  const [width, keyWidth, shared] = [heads * headSize, keyValueHeads * headSize, heads / keyValueHeads];
  const [dq, dk, dv] = allocate(memory, q.shape, k.shape, v.shape);
  const [grads, qs, ks, vs, outs, sums] = [
    memory.view(dy),
    memory.view(q),
    memory.view(k),
    memory.view(v),
    memory.view(context),
    memory.view(logSums),
  ];
  const [dqs, dks, dvs] = [dq.values.fill(0), dk.values.fill(0), dv.values.fill(0)];
  const scale = 1 / Math.sqrt(headSize);
  for (let i = 0; i < queries; i++)
    for (let h = 0; h < heads; h++) {
      const qAt = i * width + h * headSize;
      const group = Math.floor(h / shared) * headSize;
      const along = dot(grads, qAt, outs, qAt, headSize);
      const logSum = must(sums[i * heads + h]);
      for (let j = must(first[i]); j <= i + past; j++) {
        const at = j * keyWidth + group;
        const p = Math.exp(dot(qs, qAt, ks, at, headSize) * scale - logSum);
        const factor = dropFactor(drop, probabilityIndex(layout, i, h, j - must(first[i])));
        const weight = p * factor;
        const ds = (dot(grads, qAt, vs, at, headSize) * factor - along) * p * scale;
        for (let d = 0; d < headSize; d++) {
          dvs[at + d] = must(dvs[at + d]) + weight * must(grads[qAt + d]);
          dqs[qAt + d] = must(dqs[qAt + d]) + ds * must(ks[at + d]);
          dks[at + d] = must(dks[at + d]) + ds * must(qs[qAt + d]);
        }
      }
    }
  return [dq.tensor, dk.tensor, dv.tensor];
}
