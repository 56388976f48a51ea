/**
 * Squared error for regression. One value a row, so plain tfjs ops serve every backend but WebGPU, where each is a
 * dispatch.
 */
import * as tf from '@tensorflow/tfjs-core';
import { fed } from '../../backend/gpu-backend';
import { gpuKernels } from '../../backend/gpu-run';
import { differentiable, withGradient } from '../differentiable';
import { rowLoss, type RowLoss } from '../row-loss';
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
    const { loss, gradient } = gpu
      ? rowLoss(gpu, SHADER, predicted, target, total)
      : reference(predicted, target, total);
    return withGradient(loss, [gradient], (dy, [gradient]) => [tf.mul(gradient, dy)]);
  });
}

function reference(predicted: tf.Tensor2D, target: Float32Array, total: Total): RowLoss {
  const difference = tf.sub<tf.Tensor2D>(
    predicted,
    fed(predicted.shape, 'float32', () => target),
  );
  return {
    loss: overTotal(tf.sum(tf.square(difference)), total),
    gradient: overTotal(tf.add(difference, difference), total),
  };
}
