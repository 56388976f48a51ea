/** The sigmoid loss of DPO over rewards, with a gradient. */
import * as tf from '@tensorflow/tfjs-core';
import { differentiable } from '../differentiable';

/** log(1 + exp(x)) without overflow. */
const softplus = (x: tf.Tensor): tf.Tensor => tf.add(tf.relu(x), tf.log(tf.add(1, tf.exp(tf.neg(tf.abs(x))))));

/**
 * Σ over pairs of −(1 − ε)·log σ(m) − ε·log σ(−m), m = chosen − rejected reward, divided by `denominator` (Rafailov et al.,
 * arXiv:2305.18290; with label smoothing ε as in TRL).
 * @param rewards [2·pairs]: β·(log π − log π_ref) of the chosen sequences, then of the rejected ones
 * @returns scalar
 */
export function preferenceLoss(rewards: tf.Tensor1D, labelSmoothing: number, denominator: number): tf.Scalar {
  return differentiable<[tf.Tensor1D], tf.Scalar>([rewards], (rewards) => {
    const [chosen, rejected] = tf.split(rewards, 2) as [tf.Tensor1D, tf.Tensor1D];
    const margins = tf.sub(chosen, rejected);
    const losses = tf.add(tf.mul(softplus(tf.neg(margins)), 1 - labelSmoothing), tf.mul(softplus(margins), labelSmoothing));
    return {
      value: tf.div(tf.sum(losses), denominator),
      saved: [margins],
      gradient: (dy, saved) => {
        // d/dm = σ(m) − (1 − ε).
        const slope = tf.mul(tf.div(tf.sub(tf.sigmoid(saved[0] as tf.Tensor), 1 - labelSmoothing), denominator), dy);
        return [tf.concat([slope, tf.neg(slope)])];
      },
    };
  });
}
