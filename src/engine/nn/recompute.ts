/** A part of a pass whose inside is forgotten and computed again for its gradient (Chen et al. 2016, arXiv:1604.06174). */
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../../base/assert';
import { differentiable } from '../kernels/differentiable';

/**
 * `run(x)`, of which only x is kept until its gradient is asked for; that is the same to the last bit.
 * @param weights every trained tensor that `run` uses
 * @param run gives the same for the same x each time, dropout included
 */
export function recomputed(x: tf.Tensor2D, weights: readonly tf.Tensor[], run: (x: tf.Tensor2D) => tf.Tensor2D): tf.Tensor2D {
  return differentiable<tf.Tensor[], tf.Tensor2D>([x, ...weights], (x) => ({
    value: run(x as tf.Tensor2D),
    saved: [x],
    gradient: (dy, [kept]) => gradientsOf(run, must(kept, 'input') as tf.Tensor2D, weights, dy),
  }));
}

/** tfjs records on one tape at a time: the one that is being walked back is put aside meanwhile. */
function gradientsOf(run: (x: tf.Tensor2D) => tf.Tensor2D, x: tf.Tensor2D, weights: readonly tf.Tensor[], dy: tf.Tensor2D): tf.Tensor[] {
  const { state } = tf.engine();
  const outer = state.activeTape;
  try {
    return tf.tidy(() => tf.engine().gradients(() => run(x), [x, ...weights], dy).grads);
  } finally {
    state.activeTape = outer;
  }
}
