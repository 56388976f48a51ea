/**
 * Binary cross-entropy with logits for multi-label rows. Small ([N, labels]), so plain tfjs ops serve every backend but
 * WebGPU, where each is a dispatch.
 */
import * as tf from '@tensorflow/tfjs-core';
import { fed } from '../../backend/gpu-backend';
import { gpuKernels } from '../../backend/gpu-run';
import { differentiable, withGradient } from '../differentiable';
import { rowLoss, type RowLoss } from '../row-loss';
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
    const { loss, gradient } = gpu ? rowLoss(gpu, SHADER, logits, target, total) : reference(logits, target, total);
    return withGradient(loss, [gradient], (dy, [gradient]) => [tf.mul(gradient, dy)]);
  });
}

function reference(logits: tf.Tensor2D, target: Float32Array, total: Total): RowLoss {
  const wanted = fed(logits.shape, 'float32', () => target);
  const terms = tf.add(tf.sub(tf.relu(logits), tf.mul(logits, wanted)), tf.log1p(tf.exp(tf.neg(tf.abs(logits)))));
  return { loss: overTotal(tf.sum(terms), total), gradient: overTotal(tf.sub(tf.sigmoid(logits), wanted), total) };
}
