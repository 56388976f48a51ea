/** silu(gate) · up and its gradients in plain tfjs ops (Shazeer 2020, arXiv:2002.05202). */
import * as tf from '@tensorflow/tfjs-core';

export const forward = (gate: tf.Tensor2D, up: tf.Tensor2D): tf.Tensor2D => tf.mul(tf.mul(gate, tf.sigmoid(gate)), up);

/** Gradients of gate and up. */
export function backward(dy: tf.Tensor2D, gate: tf.Tensor2D, up: tf.Tensor2D): [tf.Tensor2D, tf.Tensor2D] {
  const sigmoid = tf.sigmoid(gate);
  const slope = tf.mul(sigmoid, tf.add(1, tf.mul(gate, tf.sub(1, sigmoid))));
  return [tf.mul(tf.mul(dy, up), slope), tf.mul(dy, tf.mul(gate, sigmoid))];
}
