/**
 * Squared error for regression. One value a row, so plain tfjs ops serve every backend but WebGPU, where each is a
 * dispatch.
 */
import * as tf from '@tensorflow/tfjs-core';
import { fed } from '../../backend/gpu-backend';
import { gpuKernels } from '../../backend/gpu-run';
import { differentiable } from '../differentiable';
import { rowLoss } from '../row-loss';
import { overTotal, type Total } from '../total';
import { SHADER } from './webgpu';

/**
 * Σ (x − t)² over the total (N gives torch's MSELoss mean).
 * @param predicted [N, 1]
 * @param target N values
 * @returns scalar
 */
export function meanSquaredError(predicted: tf.Tensor2D, target: Float32Array, total: Total): tf.Scalar {
  return differentiable([predicted], (predicted) => {
    const gpu = gpuKernels();
    if (gpu) {
      const { loss, gradient } = rowLoss(gpu, SHADER, predicted, target, total);
      return { value: loss, saved: [gradient], gradient: (dy, saved) => [tf.mul(saved[0] as tf.Tensor, dy)] };
    }
    const difference = tf.sub(
      predicted,
      fed(predicted.shape, 'float32', () => target),
    );
    return {
      value: overTotal<tf.Scalar>(tf.sum(tf.square(difference)), total),
      saved: [overTotal(tf.add(difference, difference), total)],
      gradient: (dy, saved) => [tf.mul(saved[0] as tf.Tensor, dy)],
    };
  });
}
