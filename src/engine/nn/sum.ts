/** Sums in a network. */
import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from '../kernels/differentiable';

/** a + b of one shape. tfjs's own would keep both for the gradient, which needs neither. */
export function sum<T extends tf.Tensor>(a: T, b: T): T {
  // The tape adds to gradients and disposes them one by one: each input needs a handle of its own.
  return differentiable<[T, T], T>([a, b], (a, b) => ({
    value: tf.add(a, b),
    saved: [],
    gradient: (dy) => [tf.clone(dy), tf.clone(dy)],
  }));
}
