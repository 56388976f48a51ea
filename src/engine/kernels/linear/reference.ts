/** y = x·Wᵀ + b and its gradients in plain tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';

/** x [N, in], weight [out, in], bias [out] or null → [N, out]. */
export function forward(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D | null): tf.Tensor2D {
  const product: tf.Tensor2D = tf.matMul(x, weight, false, true);
  return bias ? tf.add(product, bias) : product;
}

export const inputGradient = (dy: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D => tf.matMul(dy, weight);
export const weightGradient = (dy: tf.Tensor2D, x: tf.Tensor2D): tf.Tensor2D => tf.matMul(dy, x, true, false);
export const biasGradient = (dy: tf.Tensor2D): tf.Tensor1D => tf.sum(dy, 0);
