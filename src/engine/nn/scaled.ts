/** A product with a number. */
import * as tf from '@tensorflow/tfjs-core';
import { constant } from '../backend/gpu-backend';
import { differentiable } from '../kernels/differentiable';

const times = <T extends tf.Tensor>(x: T, factor: number): T => tf.mul<T>(x, constant(factor));

/** factor · x. tfjs's own would keep x for the gradient, which does not need it. */
export const scaled = <T extends tf.Tensor>(x: T, factor: number): T =>
  differentiable<[T], T>([x], (x) => ({ value: times(x, factor), saved: [], gradient: (dy) => [times(dy, factor)] }));
