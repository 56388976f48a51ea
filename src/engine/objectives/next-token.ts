/** The next token of a sequence. */
import * as tf from '@tensorflow/tfjs-core';
import { fed } from '../backend/gpu-backend';
import { differentiable, withGradient } from '../kernels/differentiable';
import { overTotal } from '../kernels/total';
import type { Objective } from './objective';

/** Labelled rows of a batch, which may be followed by some that count for nothing. */
export interface CountedRows {
  /** 1 for each row that counts. */
  counts: Float32Array;
}

/** Σ of the values that count, as a product of two vectors: tfjs's own gradient of a sum makes ones on this side. */
const sumCounted = (x: tf.Tensor1D, counts: Float32Array): tf.Scalar =>
  differentiable([x], (x) => {
    const counting = fed<tf.Rank.R1>(x.shape, 'float32', () => counts);
    return withGradient(tf.sum<tf.Scalar>(tf.mul(x, counting)), [counting], (dy, [kept]) => [tf.mul(kept, dy)]);
  });

/**
 * −Σ log p(token) over the labelled tokens of all micro-batches / their number, as transformers' Trainer computes it
 * (`num_items_in_batch`). Outputs are log-probabilities [labelled rows].
 */
export const nextTokenObjective: Objective<tf.Tensor1D, CountedRows> = {
  count: ({ counts }) => counts.reduce((sum, count) => sum + count, 0),
  cost: (logProbabilities, { counts }, total) => ({
    loss: tf.neg(overTotal(sumCounted(logProbabilities, counts), total)),
  }),
  extras: [],
};
