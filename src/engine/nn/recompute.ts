/**
 * A part of a pass whose inside is forgotten and computed again for its gradient (Chen et al. 2016, arXiv:1604.06174).
 */
import type * as tf from '@tensorflow/tfjs-core';
import { differentiable, withGradient } from '../kernels/differentiable';
import { valueAndGradients } from './gradients';

/**
 * `run(x)`, of which only x is kept until its gradient is asked for; that is the same to the last bit.
 * @param weights every trained tensor that `run` uses
 * @param run gives the same for the same x each time, dropout included
 */
export function recomputed(
  x: tf.Tensor2D,
  weights: readonly tf.Tensor[],
  run: (x: tf.Tensor2D) => tf.Tensor2D,
): tf.Tensor2D {
  return differentiable([x, ...weights], () =>
    withGradient(run(x), [x], (dy, [kept]) => valueAndGradients(() => run(kept), [kept, ...weights], dy).gradients),
  );
}
