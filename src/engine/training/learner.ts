/** What the training loop needs of a kind of model with its data. */
import type { TrainEvent, ValidationRecord } from '../../domain/run';
import type { Extra } from '../objectives/objective';
import type { PreparedStep } from './prepared-step';
import type { TrainedWeights } from '../trained-weights';

/** What a validation finds; the loop knows the step. */
export type ValidationFigures = Pick<ValidationRecord, 'loss' | 'metricName' | 'metricValue'>;

/** Items are what batches are made of: a row, or a pair, or several short sequences packed together. */
export interface Learner {
  readonly weights: TrainedWeights;
  /** Tokens of each training item; batches are grouped by them. */
  readonly lengths: readonly number[];
  /** The data row behind an item. */
  row(item: number): number;
  /**
   * One optimizer step over micro-batches of items, equal to the big batch's.
   * @param dropout.step counts micro-batches over the run
   */
  prepare(group: readonly (readonly number[])[], dropout: { seed: number; step: number }): PreparedStep;
  /** What a step tells beside its loss, from its values. */
  readonly extras: readonly Extra[];
  /** Whether there are rows to validate on. */
  readonly validates: boolean;
  validate(signal: AbortSignal): Promise<ValidationFigures>;
  /** Whether one validation is better than another. */
  better(a: ValidationFigures, b: ValidationFigures): boolean;
}

/** Yields progress while it prepares, returns the learner. */
export type Made = AsyncGenerator<TrainEvent, Learner>;
