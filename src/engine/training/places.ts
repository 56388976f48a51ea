/** Where in its data a run stands: an epoch's batches in their order, a group of them for each step. */
import type { TrainingConfig } from '../../domain/training-config';
import { epochBatches } from './batches';

/** Where a step is taken. */
export interface Place {
  epoch: number;
  /** Index in the epoch of the first batch. */
  batch: number;
  group: readonly (readonly number[])[];
  /** Epochs that are done after the step, fractional. */
  done: number;
  /** Whether the step is the last of its epoch. */
  last: boolean;
}

/** Steps of an epoch over so many items. */
export const stepsPerEpoch = (items: number, { batchSize, gradientAccumulation }: TrainingConfig): number =>
  Math.ceil(Math.ceil(items / batchSize) / gradientAccumulation);

/** Every place from one on to the end of the run. */
export function* placesFrom(
  start: { epoch: number; batch: number },
  lengths: readonly number[],
  { batchSize, gradientAccumulation, epochs, seed }: TrainingConfig,
): Generator<Place> {
  for (let { epoch, batch } = start; epoch < epochs; epoch++, batch = 0) {
    const batches = epochBatches(lengths, batchSize, seed, epoch);
    for (; batch < batches.length; batch += gradientAccumulation) {
      const group = batches.slice(batch, batch + gradientAccumulation);
      const last = batch + group.length === batches.length;
      yield { epoch, batch, group, done: epoch + (batch + group.length) / batches.length, last };
    }
  }
}
