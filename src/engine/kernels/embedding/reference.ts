/** Row lookup and its gradient in plain tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';
import { fed } from '../../backend/gpu-backend';

/** table [V, H], ids [N] → [N, H]. */
export function forward(table: tf.Tensor2D, ids: Int32Array): tf.Tensor2D {
  return tf.gather(
    table,
    fed<tf.Rank.R1>([ids.length], 'int32', () => ids),
  );
}

/** Sums the rows of dy [N, H] into a dense [V, H]; rows of `paddingId` get nothing. No id is below 0 but that one. */
export function backward(dy: tf.Tensor2D, ids: Int32Array, vocabulary: number, paddingId: number | null): tf.Tensor2D {
  const kept =
    paddingId === null
      ? dy
      : tf.mul(
          dy,
          tf.tensor2d(
            Float32Array.from(ids, (id) => (id === paddingId ? 0 : 1)),
            [ids.length, 1],
          ),
        );
  return tf.scatterND(
    tf.tensor2d(
      ids.map((id) => Math.max(id, 0)),
      [ids.length, 1],
      'int32',
    ),
    kept,
    [vocabulary, dy.shape[1]],
  );
}
