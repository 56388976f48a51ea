/**
 * RMS norm over the last axis, of x or of x + branch, and its gradients in plain tfjs ops (Zhang & Sennrich 2019,
 * arXiv:1910.07467).
 */
import * as tf from '@tensorflow/tfjs-core';

/**
 * `states`: what is normalized, x itself or x + branch; `inverse`: 1 / rms of each row, [N, 1]. The gradient needs
 * both.
 */
export interface RmsNormalized {
  y: tf.Tensor2D;
  states: tf.Tensor2D;
  inverse: tf.Tensor2D;
}

/** `dGamma` is null where none is asked for. */
export interface RmsGradients {
  dStates: tf.Tensor2D;
  dGamma: tf.Tensor1D | null;
}

/** x and branch [N, H], gamma [H]. */
export function forward(
  x: tf.Tensor2D,
  branch: tf.Tensor2D | null,
  gamma: tf.Tensor1D,
  epsilon: number,
): RmsNormalized {
  const states = branch ? tf.add<tf.Tensor2D>(x, branch) : x;
  const inverse = tf.rsqrt<tf.Tensor2D>(tf.add(tf.mean(tf.square(states), 1, true), epsilon));
  return { y: tf.mul(tf.mul(states, inverse), gamma), states, inverse };
}

/** @param plus is added to the gradient of the states */
export function backward(
  dy: tf.Tensor2D,
  states: tf.Tensor2D,
  inverse: tf.Tensor2D,
  gamma: tf.Tensor1D,
  plus: tf.Tensor2D | null,
  trained: boolean,
): RmsGradients {
  const normalized = tf.mul(states, inverse);
  const scaled = tf.mul(dy, gamma);
  const along = tf.mul(normalized, tf.mean(tf.mul(scaled, normalized), 1, true));
  const dStates: tf.Tensor2D = tf.mul(tf.sub(scaled, along), inverse);
  return {
    dStates: plus ? tf.add(dStates, plus) : dStates,
    dGamma: trained ? tf.sum(tf.mul(dy, normalized), 0) : null,
  };
}
