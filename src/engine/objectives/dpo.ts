/** Of two answers the preferred one: direct preference optimization. */
import * as tf from '@tensorflow/tfjs-core';
import { must } from '../../base/assert';
import type { PreferenceRewards } from '../../domain/language-metrics';
import { fed } from '../backend/gpu-backend';
import { preferenceLoss } from '../kernels/preference-loss/op';
import { scaled } from '../nn/scaled';
import type { Extra, Objective } from './objective';

/** Pairs of sequences: the chosen ones first, then the rejected ones in the same order. */
export interface ReferredRows {
  /** Summed log-probabilities of each sequence under the reference, in the batch's order. */
  reference: Float32Array;
  /** Rows that are to predict a token; more of them than owners count for nothing. */
  rows: Int32Array;
  /** Which sequence each labelled row belongs to. */
  owners: readonly number[];
}

/** TRL's figures of a pair. */
const FIGURES: Record<keyof PreferenceRewards, (chosen: number, rejected: number) => number> = {
  chosen: (chosen) => chosen,
  rejected: (_, rejected) => rejected,
  margins: (chosen, rejected) => chosen - rejected,
  accuracies: (chosen, rejected) => (chosen > rejected ? 1 : 0),
};

/** Mean over the pairs of micro-batches, each with its chosen sequences first. */
function pairMean(batches: readonly Float32Array[], figure: (chosen: number, rejected: number) => number): number {
  let [sum, pairs] = [0, 0];
  for (const values of batches)
    for (let n = 0, half = values.length / 2; n < half; n++, pairs++)
      sum += figure(must(values[n], 'reward'), must(values[half + n], 'reward'));
  return sum / pairs;
}

/** Means over pairs of rewards β·(log π − log π_ref), the chosen sequences' first in each batch. */
export const meanRewards = (batches: readonly Float32Array[]): PreferenceRewards => ({
  chosen: pairMean(batches, FIGURES.chosen),
  rejected: pairMean(batches, FIGURES.rejected),
  margins: pairMean(batches, FIGURES.margins),
  accuracies: pairMean(batches, FIGURES.accuracies),
});

const EXTRAS: Extra[] = Object.entries(FIGURES).map(([name, figure]) => ({
  name: `rewards/${name}`,
  of: (values) => pairMean(values, figure),
}));

/** [sequences, rows] with 1 where a row belongs to a sequence: multiplied with, it sums each sequence. */
function sequenceSums({ reference, rows, owners }: ReferredRows): tf.Tensor2D {
  const matrix = (): Float32Array => {
    const values = new Float32Array(reference.length * rows.length);
    owners.forEach((sequence, n) => (values[sequence * rows.length + n] = 1));
    return values;
  };
  return fed([reference.length, rows.length], 'float32', matrix);
}

/** β·(log π − log π_ref) of each sequence, from the log-probabilities of their labelled tokens. */
function rewardsOf(logProbabilities: tf.Tensor1D, batch: ReferredRows, beta: number): tf.Tensor1D {
  const shape: [number] = [batch.reference.length];
  const sums = tf.reshape(tf.matMul(sequenceSums(batch), tf.expandDims(logProbabilities, 1)), shape);
  return scaled<tf.Tensor1D>(
    tf.sub(
      sums,
      fed(shape, 'float32', () => batch.reference),
    ),
    beta,
  );
}

/**
 * −Σ ((1 − ε)·log σ(m) + ε·log σ(−m)) / pairs with m = chosen − rejected reward: the sigmoid loss of DPO (Rafailov et
 * al., arXiv:2305.18290), with label smoothing ε as in TRL. Outputs are log-probabilities [labelled rows].
 */
export const dpoObjective = ({
  beta,
  labelSmoothing,
}: {
  beta: number;
  labelSmoothing: number;
}): Objective<tf.Tensor1D, ReferredRows> => ({
  count: ({ reference }) => reference.length / 2,
  cost: (logProbabilities, batch, total) => {
    const rewards = rewardsOf(logProbabilities, batch, beta);
    return { loss: preferenceLoss(rewards, labelSmoothing, total), values: rewards };
  },
  extras: EXTRAS,
  shape: ({ reference }) => `${reference.length} sequences`,
});
