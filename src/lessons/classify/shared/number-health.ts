/** What is worth knowing of numbers that are to be learned, in sentences. */
import type { TargetSummary } from '../../../domain/dataset';
import { figureInWords } from '../../../domain/figures';

/** Skewness, and deviation over mean, of exponential numbers: beyond it a few large ones decide what is learned. */
const EXPONENTIAL = { skewness: 2, variation: 1 };
/** Share of the mean below which a spread is lost in 32-bit floats, which have 24 bits. */
const TOO_FINE = 1e-5;

export function numberWarnings({ min, mean, standardDeviation, skewness }: TargetSummary): string[] {
  const warnings: string[] = [];
  if (skewness >= EXPONENTIAL.skewness || (min > 0 && standardDeviation >= EXPONENTIAL.variation * mean))
    warnings.push(
      'These numbers are very skewed: a few are far larger than most, and decide what is learned. ' +
        (min > 0
          ? 'Learn their logarithm: “Learn the logarithm” under Advanced on the Train step.'
          : 'Their logarithm cannot be learned, because not all of them are above 0.'),
    );
  if (standardDeviation < TOO_FINE * Math.abs(mean))
    warnings.push(
      `These numbers differ so little (by about ${figureInWords(standardDeviation)}) beside their size that the ` +
        `32-bit weights of a model cannot hold it: take away ${figureInWords(mean)} from all of them before.`,
    );
  return warnings;
}
