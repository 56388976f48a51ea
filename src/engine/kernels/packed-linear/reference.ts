/** Products with a packed matrix: all of it unpacked, then tfjs's own op. */
import * as tf from '@tensorflow/tfjs-core';
import type { PackedMatrix } from '../packed/matrix';
import * as rows from '../packed-rows/reference';

const values = (w: PackedMatrix): tf.Tensor2D =>
  rows.rows(
    w,
    Int32Array.from({ length: w.shape[0] }, (_, row) => row),
  );

/** x [N, in] · w [out, in]ᵀ (+ bias [out]) → [N, out]. */
export const timesTransposed = (x: tf.Tensor2D, w: PackedMatrix, bias: tf.Tensor1D | null): tf.Tensor2D =>
  tf.tidy(() => {
    const product: tf.Tensor2D = tf.matMul(x, values(w), false, true);
    return bias ? tf.add(product, bias) : product;
  });

/** x [N, out] · w [out, in] → [N, in]. */
export const times = (x: tf.Tensor2D, w: PackedMatrix): tf.Tensor2D => tf.tidy(() => tf.matMul(x, values(w)));
