/** Cross-entropy and its logit gradient in plain tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';
import { fed } from '../../backend/gpu-backend';
import { overTotal, type Total } from '../total';

/** logits [N, C], target [N, C] → scalar loss and its gradient [N, C], both over the total. */
export function lossAndGradient(
  logits: tf.Tensor2D,
  target: Float32Array,
  total: Total,
): { loss: tf.Scalar; gradient: tf.Tensor2D } {
  const wanted = fed<tf.Rank.R2>(logits.shape, 'float32', () => target);
  const logProbabilities = tf.logSoftmax(logits);
  const loss = tf.neg<tf.Scalar>(overTotal(tf.sum(tf.mul(wanted, logProbabilities)), total));
  const mass = tf.sum(wanted, 1, true);
  const gradient = overTotal<tf.Tensor2D>(tf.sub(tf.mul(tf.exp(logProbabilities), mass), wanted), total);
  return { loss, gradient };
}
