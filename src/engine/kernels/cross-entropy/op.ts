/** Cross-entropy from integer labels; loss and gradient are computed together. */
import * as tf from '@tensorflow/tfjs-core';
import { hostMemory } from '../../backend/host-memory';
import { differentiable } from '../differentiable';
import * as host from './host';
import * as reference from './reference';
import { targets, type CrossEntropyOptions } from './targets';

/**
 * Summed cross-entropy over `denominator`; with `totalWeight(labels)` as the denominator it is torch's CrossEntropyLoss mean. A
 * denominator over several micro-batches makes their losses and gradients add up to the big batch's.
 * @param logits [N, C]
 * @param labels N class indices, or IGNORE
 * @returns scalar
 */
export function crossEntropy(logits: tf.Tensor2D, labels: Int32Array, options: CrossEntropyOptions, denominator: number): tf.Scalar {
  const target = targets(labels, logits.shape[1], options);
  return differentiable([logits], (logits) => {
    const memory = hostMemory();
    const { loss, gradient } = memory
      ? host.lossAndGradient(memory, logits, target, denominator)
      : reference.lossAndGradient(logits, target, denominator);
    return { value: loss, saved: [gradient], gradient: (dy, saved) => [tf.mul(saved[0] as tf.Tensor, dy)] };
  });
}
