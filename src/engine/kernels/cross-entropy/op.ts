/** Cross-entropy from integer labels; loss and gradient are computed together. */
import * as tf from '@tensorflow/tfjs-core';
import { differentiable, withGradient } from '../differentiable';
import { onBackend } from '../on-backend';
import * as host from './host';
import * as reference from './reference';
import { live } from '../../backend/recording';
import { rowLoss } from '../row-loss';
import type { Total } from '../total';
import { targets, type CrossEntropyOptions } from './targets';
import { SHADER } from './webgpu';

const lossAndGradient = onBackend({
  host: (memory, logits, target, total) => host.lossAndGradient(memory, logits, target, total.denominator),
  webgpu: (gpu, logits, target, total) => rowLoss(gpu, SHADER, logits, target, total),
  reference: reference.lossAndGradient,
});

/**
 * Summed cross-entropy over the total; with `totalWeight(labels)` as that it is torch's CrossEntropyLoss mean. A
 * total over several micro-batches makes their losses and gradients add up to the big batch's.
 * @param logits [N, C]
 * @param labels N class indices, or IGNORE
 * @returns scalar
 */
export function crossEntropy(
  logits: tf.Tensor2D,
  labels: Int32Array,
  options: CrossEntropyOptions,
  total: Total,
): tf.Scalar {
  const target = live(() => targets(labels, logits.shape[1], options));
  return differentiable([logits], (logits) => {
    const { loss, gradient } = lossAndGradient(logits, target, total);
    return withGradient(loss, [gradient], (dy, saved) => [tf.mul(saved[0], dy)]);
  });
}
