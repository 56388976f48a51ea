/** Reads a run's losses like a teacher: is it learning, drifting apart, or over-fitting, and what to try. */
import { figureInWords } from '../domain/figures';
import type { StepRecord, ValidationRecord } from '../domain/run';

export interface LearningNotice {
  kind: 'not-learning' | 'diverging' | 'over-fitting';
  message: string;
  advice: string;
}

/** Steps before which nothing can be said. */
const ENOUGH = 24;

/** Two significant digits: losses of numbers may be far below 0.01. */
const lossInWords = (loss: number): string => figureInWords(Number(loss.toPrecision(2)));

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/**
 * Compares the mean loss of the first eighth of the steps with that of the last eighth, and the newest validation
 * losses with the best; null while there is nothing to say.
 */
export function learningNotice(
  steps: readonly StepRecord[],
  validations: readonly ValidationRecord[],
): LearningNotice | null {
  const newest = steps.at(-1);
  if (!newest || steps.length < ENOUGH) return null;
  const window = Math.max(6, Math.floor(steps.length / 8));
  const first = mean(steps.slice(0, window).map((step) => step.loss));
  const last = mean(steps.slice(-window).map((step) => step.loss));
  if (last > first * 1.25)
    return {
      kind: 'diverging',
      message: `The training loss rises: from ${lossInWords(first)} to ${lossInWords(last)}.`,
      advice: 'Stop and try a learning rate three to ten times smaller.',
    };
  if (newest.step >= newest.totalSteps * 0.3 && last > first * 0.97)
    return {
      kind: 'not-learning',
      message: `The training loss hardly moves: ${lossInWords(first)} at first, ${lossInWords(last)} now.`,
      advice: 'Try a higher learning rate or more epochs, and check under Data that texts and labels belong together.',
    };
  return overFitting(validations);
}

function overFitting(validations: readonly ValidationRecord[]): LearningNotice | null {
  if (validations.length < 3) return null;
  const best = Math.min(...validations.map((validation) => validation.loss));
  const recent = validations.slice(-2).map((validation) => validation.loss);
  if (!recent.every((loss) => loss > best * 1.15)) return null;
  return {
    kind: 'over-fitting',
    message:
      `The validation loss rose to ${lossInWords(recent.at(-1) ?? best)} after a best of ` +
      `${lossInWords(best)}: the model begins to learn the rows by heart.`,
    advice: 'Stopping now is fine: the best weights are kept. Fewer epochs or more rows help next time.',
  };
}
