/** The gradient of a row lookup as one loop. */
import { must } from '../../../base/assert';
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';

/** Sums the rows of dy [N, H] into a dense [V, H]; rows of `paddingId` get nothing. */
export function backward(
  memory: HostMemory,
  dy: tf.Tensor2D,
  ids: Int32Array,
  vocabulary: number,
  paddingId: number | null,
): tf.Tensor2D {
  const width = dy.shape[1];
  const [out] = allocate(memory, [vocabulary, width]);
  const values = memory.view(dy);
  out.values.fill(0);
  for (let i = 0; i < ids.length; i++) {
    const id = must(ids[i]);
    if (id === paddingId) continue;
    const from = i * width;
    const to = id * width;
    for (let j = 0; j < width; j++) out.values[to + j] = must(out.values[to + j]) + must(values[from + j]);
  }
  return out.tensor;
}
