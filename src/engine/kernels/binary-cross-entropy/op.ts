/** Binary cross-entropy with logits for multi-label rows. Small ([N, labels]), so plain tfjs ops serve every backend. */
import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from '../differentiable';

/**
 * Σ max(x, 0) − x·t + log(1 + exp(−|x|)) over `denominator` (N·labels gives torch's BCEWithLogitsLoss mean).
 * @param logits [N, L]
 * @param target N·L values in [0, 1]
 * @returns scalar
 */
export function binaryCrossEntropy(logits: tf.Tensor2D, target: Float32Array, denominator: number): tf.Scalar {
  return differentiable([logits], (logits) => {
    const wanted = tf.tensor2d(target, logits.shape);
    const terms = tf.add(tf.sub(tf.relu(logits), tf.mul(logits, wanted)), tf.log1p(tf.exp(tf.neg(tf.abs(logits)))));
    const gradient = tf.div(tf.sub(tf.sigmoid(logits), wanted), denominator);
    return {
      value: tf.div<tf.Scalar>(tf.sum(terms), denominator),
      saved: [gradient],
      gradient: (dy, saved) => [tf.mul(saved[0] as tf.Tensor, dy)],
    };
  });
}
