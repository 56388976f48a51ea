/** Labels and predictions in words, the same wherever they are shown. */
import { answerInDigits } from '../../../domain/figures';
import { argMax, chosenLabels } from '../../../domain/metric-formulas';
import type { LabelValue, TaskKind } from '../../../domain/task';
import { probabilities } from '../../../engine/tasks';

const NO_LABEL = '(no label)';
const listed = (labels: readonly string[], chosen: readonly number[]): string =>
  labels.filter((_, k) => chosen[k] === 1).join(', ') || NO_LABEL;

/** The expected label of a row. */
export function labelInWords(task: TaskKind, labels: readonly string[], label: LabelValue): string {
  if (typeof label !== 'number') return listed(labels, label);
  return task === 'regression' ? String(label) : (labels[label] ?? `class ${label}`);
}

/** What logits say, with the probability behind each label (regression: the value itself). */
export function predictionInWords(
  task: TaskKind,
  labels: readonly string[],
  logits: Float32Array,
): { predicted: string; probabilities: number[] } {
  const chances = probabilities(task, logits);
  switch (task) {
    case 'single-label':
      return { predicted: labels[argMax(logits)] ?? '', probabilities: chances };
    case 'multi-label':
      return { predicted: listed(labels, chosenLabels(logits)), probabilities: chances };
    case 'regression':
      return { predicted: answerInDigits(logits[0] ?? NaN), probabilities: chances };
  }
}

/** Whether a prediction is right; null for regression, where the question makes no sense. */
export function isRight(task: TaskKind, expected: LabelValue, logits: Float32Array): boolean | null {
  if (task === 'regression') return null;
  if (typeof expected === 'number') return argMax(logits) === expected;
  return chosenLabels(logits).every((value, k) => value === expected[k]);
}

/**
 * How sure a wrong answer was: the probability of the class given; for several labels that of the surest wrong
 * decision; for regression the absolute error.
 */
export function confidenceOf(task: TaskKind, expected: LabelValue, logits: Float32Array): number {
  const chances = probabilities(task, logits);
  if (task === 'regression') return Math.abs((logits[0] ?? NaN) - (typeof expected === 'number' ? expected : NaN));
  if (typeof expected === 'number') return chances[argMax(logits)] ?? 0;
  return Math.max(
    0,
    ...chances.map((chance, k) => (expected[k] === 1 ? 1 - chance : chance)).filter((wrong) => wrong > 0.5),
  );
}
