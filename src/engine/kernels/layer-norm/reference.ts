/** Layer norm over the last axis and its gradients in plain tfjs ops (Ba et al. 2016, arXiv:1607.06450). */
import * as tf from '@tensorflow/tfjs-core';

/** What the gradient needs: the normalized rows and 1/σ of each. */
export interface Normalized {
  y: tf.Tensor2D;
  normalized: tf.Tensor2D;
  /** [N, 1] */
  inverseDeviation: tf.Tensor2D;
}

/** x [N, H], gamma [H], beta [H]. */
export function forward(x: tf.Tensor2D, gamma: tf.Tensor1D, beta: tf.Tensor1D, epsilon: number): Normalized {
  const centred = tf.sub(x, tf.mean(x, 1, true));
  const variance = tf.mean(tf.square(centred), 1, true);
  const inverseDeviation = tf.rsqrt<tf.Tensor2D>(tf.add(variance, epsilon));
  const normalized = tf.mul<tf.Tensor2D>(centred, inverseDeviation);
  return { y: tf.add(tf.mul(normalized, gamma), beta), normalized, inverseDeviation };
}

export function inputGradient(
  dy: tf.Tensor2D,
  normalized: tf.Tensor2D,
  inverseDeviation: tf.Tensor2D,
  gamma: tf.Tensor1D,
): tf.Tensor2D {
  const scaled = tf.mul(dy, gamma);
  const along = tf.mul(normalized, tf.mean(tf.mul(scaled, normalized), 1, true));
  return tf.mul(tf.sub(tf.sub(scaled, tf.mean(scaled, 1, true)), along), inverseDeviation);
}

export const gammaGradient = (dy: tf.Tensor2D, normalized: tf.Tensor2D): tf.Tensor1D =>
  tf.sum(tf.mul(dy, normalized), 0);
export const betaGradient = (dy: tf.Tensor2D): tf.Tensor1D => tf.sum(dy, 0);
