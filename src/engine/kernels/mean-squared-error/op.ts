/** Squared error for regression. One value a row, so plain tfjs ops serve every backend. */
import * as tf from '@tensorflow/tfjs-core';
import { fed } from '../../backend/gpu-backend';
import { differentiable } from '../differentiable';
import { overTotal, type Total } from '../total';

/**
 * Σ (x − t)² over the total (N gives torch's MSELoss mean).
 * @param predicted [N, 1]
 * @param target N values
 * @returns scalar
 */
export function meanSquaredError(predicted: tf.Tensor2D, target: Float32Array, total: Total): tf.Scalar {
  return differentiable([predicted], (predicted) => {
    const difference = tf.sub(predicted, fed(predicted.shape, 'float32', () => target));
    return {
      value: overTotal<tf.Scalar>(tf.sum(tf.square(difference)), total),
      saved: [overTotal(tf.add(difference, difference), total)],
      gradient: (dy, saved) => [tf.mul(saved[0] as tf.Tensor, dy)],
    };
  });
}
