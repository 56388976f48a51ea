/** GELU (Hendrycks & Gimpel, arXiv:1606.08415) and its derivative in plain tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';

/** `erf` is the exact form, `tanh` the approximation that `gelu_new` and `gelu_pytorch_tanh` name. */
export type GeluForm = 'erf' | 'tanh';

const CUBIC = 0.044715;
const ROOT = Math.sqrt(2 / Math.PI);

/** Value and derivative at x; the derivative is kept for the gradient instead of x, being all it needs. */
export function forward(x: tf.Tensor2D, form: GeluForm): { y: tf.Tensor2D; derivative: tf.Tensor2D } {
  if (form === 'erf') {
    const distribution = tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5);
    const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), 1 / Math.sqrt(2 * Math.PI));
    return { y: tf.mul(x, distribution), derivative: tf.add(distribution, tf.mul(x, density)) };
  }
  const squared = tf.square(x);
  const inner = tf.mul(tf.mul(x, tf.add(tf.mul(squared, CUBIC), 1)), ROOT);
  const bent = tf.tanh(inner);
  const half = tf.mul(tf.add(bent, 1), 0.5);
  const slope = tf.mul(tf.add(tf.mul(squared, 3 * CUBIC), 1), ROOT);
  const derivative = tf.add(half, tf.mul(tf.mul(tf.mul(x, 0.5), tf.sub(1, tf.square(bent))), slope));
  return { y: tf.mul(x, half), derivative: derivative as tf.Tensor2D };
}
