/** Cross-entropy and its logit gradient in plain tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';

/** logits [N, C], target [N, C] → scalar loss and its gradient [N, C], both divided by `denominator`. */
export function lossAndGradient(logits: tf.Tensor2D, target: Float32Array, denominator: number): { loss: tf.Scalar; gradient: tf.Tensor2D } {
  const wanted = tf.tensor2d(target, logits.shape);
  const logProbabilities = tf.logSoftmax(logits);
  const loss = tf.neg<tf.Scalar>(tf.div(tf.sum(tf.mul(wanted, logProbabilities)), denominator));
  const mass = tf.sum(wanted, 1, true);
  const gradient = tf.div<tf.Tensor2D>(tf.sub(tf.mul(tf.exp(logProbabilities), mass), wanted), denominator);
  return { loss, gradient };
}
