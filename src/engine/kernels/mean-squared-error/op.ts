/** Squared error for regression. One value a row, so plain tfjs ops serve every backend. */
import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from '../differentiable';

/**
 * Σ (x − t)² over `denominator` (N gives torch's MSELoss mean).
 * @param predicted [N, 1]
 * @param target N values
 * @returns scalar
 */
export function meanSquaredError(predicted: tf.Tensor2D, target: Float32Array, denominator: number): tf.Scalar {
  return differentiable([predicted], (predicted) => {
    const difference = tf.sub(predicted, tf.tensor2d(target, predicted.shape));
    return {
      value: tf.div<tf.Scalar>(tf.sum(tf.square(difference)), denominator),
      saved: [tf.mul(difference, 2 / denominator)],
      gradient: (dy, saved) => [tf.mul(saved[0] as tf.Tensor, dy)],
    };
  });
}
