/** One AdamW update in plain tfjs ops. */
import * as tf from '@tensorflow/tfjs-core';
import type { AdamWStep } from './step';

/** New weight and moments; `scale` multiplies the gradient (clipping). */
export function update(
  weight: tf.Tensor,
  gradient: tf.Tensor,
  first: tf.Tensor,
  second: tf.Tensor,
  scale: number,
  { learningRate, beta1, beta2, epsilon, decay, correction1, correction2 }: AdamWStep,
): { weight: tf.Tensor; first: tf.Tensor; second: tf.Tensor } {
  const clipped = scale === 1 ? gradient : tf.mul(gradient, scale);
  const m = tf.add(tf.mul(first, beta1), tf.mul(clipped, 1 - beta1));
  const v = tf.add(tf.mul(second, beta2), tf.mul(tf.square(clipped), 1 - beta2));
  const denominator = tf.add(tf.mul(tf.sqrt(v), 1 / Math.sqrt(correction2)), epsilon);
  const kept = decay === 0 ? weight : tf.mul(weight, 1 - learningRate * decay);
  return { weight: tf.sub(kept, tf.mul(tf.div(m, denominator), learningRate / correction1)), first: m, second: v };
}

/** Σ g² as a scalar tensor. */
export const sumOfSquares = (gradient: tf.Tensor): tf.Scalar => tf.sum(tf.square(gradient));
