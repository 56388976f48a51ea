/** Binary cross-entropy with logits for multi-label rows. Small ([N, labels]), so plain tfjs ops serve every backend. */
import * as tf from '@tensorflow/tfjs-core';
import { fed } from '../../backend/gpu-backend';
import { differentiable } from '../differentiable';
import { overTotal, type Total } from '../total';

/**
 * Σ max(x, 0) − x·t + log(1 + exp(−|x|)) over the total (N·labels gives torch's BCEWithLogitsLoss mean).
 * @param logits [N, L]
 * @param target N·L values in [0, 1]
 * @returns scalar
 */
export function binaryCrossEntropy(logits: tf.Tensor2D, target: Float32Array, total: Total): tf.Scalar {
  return differentiable([logits], (logits) => {
    const wanted = fed(logits.shape, 'float32', () => target);
    const terms = tf.add(tf.sub(tf.relu(logits), tf.mul(logits, wanted)), tf.log1p(tf.exp(tf.neg(tf.abs(logits)))));
    const gradient = overTotal(tf.sub(tf.sigmoid(logits), wanted), total);
    return {
      value: overTotal<tf.Scalar>(tf.sum(terms), total),
      saved: [gradient],
      gradient: (dy, saved) => [tf.mul(saved[0] as tf.Tensor, dy)],
    };
  });
}
