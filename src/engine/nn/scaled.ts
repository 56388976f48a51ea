/** A product with a number. */
import * as tf from '@tensorflow/tfjs-core';
import { constant } from '../backend/gpu-backend';
import { differentiable, withGradient } from '../kernels/differentiable';

const times = <T extends tf.Tensor>(x: T, factor: number): T => tf.mul<T>(x, constant(factor));

/** factor · x. tfjs's own would keep x for the gradient, which does not need it. */
export const scaled = <T extends tf.Tensor>(x: T, factor: number): T =>
  differentiable([x], (x) => withGradient(times(x, factor), [], (dy) => [times(dy, factor)]));
