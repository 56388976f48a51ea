/** Rotary position embedding in plain tfjs ops (Su et al. 2021, arXiv:2104.09864). */
import * as tf from '@tensorflow/tfjs-core';

/** Cosines and sines of each row's angles, [N, headSize / 2] each, row-major. */
export interface Angles {
  cos: Float32Array;
  sin: Float32Array;
}

/**
 * x [N, heads·headSize]; the first half of each head is turned against the second, as transformers pairs them.
 * `direction` −1 turns back.
 */
export function rotate(x: tf.Tensor2D, angles: Angles, headSize: number, direction: 1 | -1): tf.Tensor2D {
  const [rows, width] = x.shape;
  const half = headSize / 2;
  const [first, second] = tf.split(tf.reshape(x, [rows, width / headSize, headSize]), 2, 2) as [
    tf.Tensor3D,
    tf.Tensor3D,
  ];
  const cos = tf.tensor3d(angles.cos, [rows, 1, half]);
  const sin = tf.mul(tf.tensor3d(angles.sin, [rows, 1, half]), direction);
  const turned = tf.concat(
    [tf.sub(tf.mul(first, cos), tf.mul(second, sin)), tf.add(tf.mul(second, cos), tf.mul(first, sin))],
    2,
  );
  return tf.reshape(turned, [rows, width]);
}
