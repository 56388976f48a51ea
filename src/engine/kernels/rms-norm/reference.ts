/** RMS norm over the last axis and its gradients in plain tfjs ops (Zhang & Sennrich 2019, arXiv:1910.07467). */
import * as tf from '@tensorflow/tfjs-core';

/** What the gradient needs beside x: 1 / rms of each row, [N, 1]. */
export interface RmsNormalized {
  y: tf.Tensor2D;
  inverse: tf.Tensor2D;
}

/** x [N, H], gamma [H]. */
export function forward(x: tf.Tensor2D, gamma: tf.Tensor1D, epsilon: number): RmsNormalized {
  const inverse = tf.rsqrt<tf.Tensor2D>(tf.add(tf.mean(tf.square(x), 1, true), epsilon));
  return { y: tf.mul(tf.mul(x, inverse), gamma), inverse };
}

export function inputGradient(dy: tf.Tensor2D, x: tf.Tensor2D, inverse: tf.Tensor2D, gamma: tf.Tensor1D): tf.Tensor2D {
  const normalized = tf.mul(x, inverse);
  const scaled = tf.mul(dy, gamma);
  const along = tf.mul(normalized, tf.mean(tf.mul(scaled, normalized), 1, true));
  return tf.mul(tf.sub(scaled, along), inverse);
}

export const gammaGradient = (dy: tf.Tensor2D, x: tf.Tensor2D, inverse: tf.Tensor2D): tf.Tensor1D => tf.sum(tf.mul(dy, tf.mul(x, inverse)), 0);
