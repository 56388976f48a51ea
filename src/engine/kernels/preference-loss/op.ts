/** The sigmoid loss of DPO over rewards, with a gradient. */
import * as tf from '@tensorflow/tfjs-core';
import { constant } from '../../backend/gpu-backend';
import { differentiable, withGradient } from '../differentiable';
import { overTotal, type Total } from '../total';

/** log(1 + exp(x)) without overflow. */
const softplus = (x: tf.Tensor): tf.Tensor => tf.add(tf.relu(x), tf.log1p(tf.exp(tf.neg(tf.abs(x)))));

/**
 * Σ over pairs of −(1 − ε)·log σ(m) − ε·log σ(−m), m = chosen − rejected reward, over the total (Rafailov et al.,
 * arXiv:2305.18290; with label smoothing ε as in TRL).
 * @param rewards [2·pairs]: β·(log π − log π_ref) of the chosen sequences, then of the rejected ones
 * @returns scalar
 */
export function preferenceLoss(rewards: tf.Tensor1D, labelSmoothing: number, total: Total): tf.Scalar {
  return differentiable([rewards], (rewards) => {
    const [chosen, rejected] = tf.split(rewards, 2) as [tf.Tensor1D, tf.Tensor1D];
    const margins = tf.sub(chosen, rejected);
    const losses = tf.add(
      tf.mul(softplus(tf.neg(margins)), constant(1 - labelSmoothing)),
      tf.mul(softplus(margins), constant(labelSmoothing)),
    );
    return withGradient(overTotal(tf.sum(losses), total), [margins], (dy, saved) => {
      // d/dm = σ(m) − (1 − ε).
      const slope = tf.mul(overTotal(tf.sub(tf.sigmoid(saved[0]), constant(1 - labelSmoothing)), total), dy);
      return [tf.concat([slope, tf.neg(slope)])];
    });
  });
}
