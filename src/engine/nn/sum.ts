/** Sums in a network. */
import * as tf from '@tensorflow/tfjs-core';
import { differentiable, withGradient } from '../kernels/differentiable';

/** a + b of one shape. tfjs's own would keep both for the gradient, which needs neither. */
export function sum<T extends tf.Tensor>(a: T, b: T): T {
  // The tape adds to gradients and disposes them one by one: each input needs a handle of its own.
  return differentiable([a, b], (a, b) => withGradient(tf.add(a, b), [], (dy) => [tf.clone(dy), tf.clone(dy)]));
}
