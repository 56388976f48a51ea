/**
 * Binary cross-entropy with logits for multi-label rows. Small ([N, labels]), so plain tfjs ops serve every backend but
 * WebGPU, where each is a dispatch.
 */
import * as tf from '@tensorflow/tfjs-core';
import { fed } from '../../backend/gpu-backend';
import { gpuKernels } from '../../backend/gpu-run';
import { differentiable } from '../differentiable';
import { rowLoss } from '../row-loss';
import { overTotal, type Total } from '../total';
import { SHADER } from './webgpu';

/**
 * Σ max(x, 0) − x·t + log(1 + exp(−|x|)) over the total (N·labels gives torch's BCEWithLogitsLoss mean).
 * @param logits [N, L]
 * @param target N·L values in [0, 1]
 * @returns scalar
 */
export function binaryCrossEntropy(logits: tf.Tensor2D, target: Float32Array, total: Total): tf.Scalar {
  return differentiable([logits], (logits) => {
    const gpu = gpuKernels();
    if (gpu) {
      const { loss, gradient } = rowLoss(gpu, SHADER, logits, target, total);
      return { value: loss, saved: [gradient], gradient: (dy, saved) => [tf.mul(saved[0] as tf.Tensor, dy)] };
    }
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
