/**
 * Numbers as a model learns them: less their mean, over their standard deviation (scikit-learn's `StandardScaler`), of
 * themselves or of their logarithms. Whatever unit the numbers are in, the head then answers about 0 ± 1.
 */
import { TabtuneError } from '../base/errors';
import type { Spread } from './spread';

/** Of the training rows of a run; kept with it. */
export interface TargetScale {
  /** Of the numbers, or with `log` of their natural logarithms. */
  mean: number;
  /** Population standard deviation; 1 where all are the same. */
  std: number;
  /** Whether logarithms are learned. */
  log: boolean;
}

/** Learned as they are: models and runs that know of no scale. */
export const IN_UNIT: TargetScale = { mean: 0, std: 1, log: false };

/** Heads are kept in 32-bit floats, of which these leave room for weights that are far smaller than the scale. */
const [SMALLEST, LARGEST] = [1e-30, 1e30];

/** A number as it is learned. */
export const learnedOf = ({ mean, std, log }: TargetScale, value: number): number =>
  ((log ? Math.log(value) : value) - mean) / std;

/** What was learned as a number in the unit of the data. */
export function inUnit({ mean, std, log }: TargetScale, learned: number): number {
  const value = learned * std + mean;
  return log ? Math.exp(value) : value;
}

/**
 * The scale of numbers, or of logarithms, that were added up. Throws `bad-data` when they are out of the reach of
 * 32-bit floats.
 */
export function targetScaleOf(spread: Spread, log: boolean): TargetScale {
  const { mean, standardDeviation, min, max } = spread;
  const constant = min === max;
  const std = constant ? 1 : standardDeviation;
  const fits = log
    ? min >= Math.log(SMALLEST) && max <= Math.log(LARGEST)
    : std >= SMALLEST && Math.max(std, Math.abs(mean)) <= LARGEST;
  if (!fits)
    throw new TabtuneError(
      'bad-data',
      `The numbers${log ? '’ logarithms' : ''} (${min} to ${max}) are out of reach of 32-bit floats.`,
      { fix: 'Write them in another unit, so that they lie nearer to 1.' },
    );
  return { mean: constant ? min : mean, std, log };
}
