/** Figures of merit as pure functions over predictions; definitions as in scikit-learn. */
import type { LabelValue, TaskKind } from './task';

export interface ClassMetrics {
  label: string;
  precision: number;
  recall: number;
  f1: number;
  support: number;
}

export interface SingleLabelMetrics {
  task: 'single-label';
  accuracy: number;
  /** Mean over the classes that occur among the expected or the predicted ones. */
  macroF1: number;
  /** Mean weighted by support. */
  weightedF1: number;
  loss: number | null;
  perClass: ClassMetrics[];
  /** counts[actual][predicted] */
  confusion: number[][];
}

export interface MultiLabelMetrics {
  task: 'multi-label';
  microF1: number;
  /** Mean over all labels. */
  macroF1: number;
  /** Share of rows whose labels are all right. */
  subsetAccuracy: number;
  loss: number | null;
  perClass: ClassMetrics[];
}

export interface RegressionMetrics {
  task: 'regression';
  mae: number;
  rmse: number;
  /** NaN with fewer than two rows. */
  r2: number;
  /** NaN when either side is constant (as for a baseline that always says the mean). */
  pearson: number;
  loss: number | null;
}

export type TaskMetrics = SingleLabelMetrics | MultiLabelMetrics | RegressionMetrics;

/** The figure that picks the best checkpoint, larger is better. */
export const HEADLINE: Record<TaskKind, { name: string; of: (metrics: TaskMetrics) => number }> = {
  'single-label': { name: 'accuracy', of: (m) => (m.task === 'single-label' ? m.accuracy : NaN) },
  'multi-label': { name: 'micro F1', of: (m) => (m.task === 'multi-label' ? m.microF1 : NaN) },
  regression: { name: 'R²', of: (m) => (m.task === 'regression' ? m.r2 : NaN) },
};

/** What the fine-tuned model is compared with, named so that nobody mistakes it. */
export type BaselineKind = 'majority-class' | 'no-label' | 'mean-value' | 'checkpoint-head';

export interface MistakenRow {
  row: number;
  text: string;
  textPair?: string;
  expected: string;
  predicted: string;
  /** Probability given to the wrong answer; for regression the absolute error. */
  confidence: number;
}

export interface EvaluationReport {
  testRows: number;
  baseline: { kind: BaselineKind; description: string; metrics: TaskMetrics };
  tuned: TaskMetrics;
  /** Most confident mistakes first, at most 50. */
  mistakes: MistakenRow[];
  elapsedMs: number;
}

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;

/** Precision, recall and F1 from counts; 0 where a ratio is undefined (`zero_division=0`). */
function classMetrics(label: string, hits: number, predicted: number, support: number): ClassMetrics {
  return { label, precision: ratio(hits, predicted), recall: ratio(hits, support), f1: ratio(2 * hits, predicted + support), support };
}

/** Index of the largest value; the first one on a tie. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? -Infinity) > (values[best] ?? -Infinity)) best = i;
  return best;
}

/** 1 for each label whose logit is above 0 (probability above one half). */
export const chosenLabels = (logits: ArrayLike<number>): number[] => Array.from(logits, (logit) => (logit > 0 ? 1 : 0));

/** Accuracy, F1 and the confusion matrix of class indices; `macroF1` as `f1_score(average="macro")` without a label list. */
export function singleLabelMetrics(
  labels: readonly string[],
  expected: readonly number[],
  predicted: readonly number[],
  loss: number | null = null,
): SingleLabelMetrics {
  const confusion = labels.map(() => new Array<number>(labels.length).fill(0));
  let hits = 0;
  expected.forEach((actual, i) => {
    const guess = predicted[i] ?? -1;
    const row = confusion[actual];
    if (row && guess in row) row[guess] = (row[guess] ?? 0) + 1;
    if (actual === guess) hits++;
  });
  const perClass = labels.map((label, k) => {
    const guesses = confusion.reduce((sum, row) => sum + (row[k] ?? 0), 0);
    const support = (confusion[k] ?? []).reduce((sum, count) => sum + count, 0);
    return { metrics: classMetrics(label, confusion[k]?.[k] ?? 0, guesses, support), seen: guesses + support > 0 };
  });
  const seen = perClass.filter((entry) => entry.seen).map((entry) => entry.metrics.f1);
  return {
    task: 'single-label',
    accuracy: ratio(hits, expected.length),
    macroF1: seen.length ? mean(seen) : 0,
    weightedF1: ratio(
      perClass.reduce((sum, { metrics }) => sum + metrics.f1 * metrics.support, 0),
      expected.length,
    ),
    loss,
    perClass: perClass.map((entry) => entry.metrics),
    confusion,
  };
}

/** Micro and macro F1 and subset accuracy of multi-hot rows. */
export function multiLabelMetrics(
  labels: readonly string[],
  expected: readonly (readonly number[])[],
  predicted: readonly (readonly number[])[],
  loss: number | null = null,
): MultiLabelMetrics {
  const counts = labels.map(() => ({ hits: 0, predicted: 0, support: 0 }));
  let exact = 0;
  expected.forEach((actual, i) => {
    const guess = predicted[i] ?? [];
    let misses = 0;
    counts.forEach((count, k) => {
      const yes = actual[k] === 1;
      const said = guess[k] === 1;
      if (yes) count.support++;
      if (said) count.predicted++;
      if (yes && said) count.hits++;
      if (yes !== said) misses++;
    });
    if (misses === 0) exact++;
  });
  const perClass = labels.map((label, k) => {
    const count = counts[k] ?? { hits: 0, predicted: 0, support: 0 };
    return classMetrics(label, count.hits, count.predicted, count.support);
  });
  const total = (field: 'hits' | 'predicted' | 'support'): number => counts.reduce((sum, count) => sum + count[field], 0);
  return {
    task: 'multi-label',
    microF1: ratio(2 * total('hits'), total('predicted') + total('support')),
    macroF1: perClass.length ? mean(perClass.map((entry) => entry.f1)) : 0,
    subsetAccuracy: ratio(exact, expected.length),
    loss,
    perClass,
  };
}

/** Pearson's correlation; NaN when either side is constant. */
function pearson(a: readonly number[], b: readonly number[]): number {
  const meanA = mean(a);
  const meanB = mean(b);
  let cross = 0;
  let squaresA = 0;
  let squaresB = 0;
  a.forEach((value, i) => {
    const da = value - meanA;
    const db = (b[i] ?? 0) - meanB;
    cross += da * db;
    squaresA += da * da;
    squaresB += db * db;
  });
  return squaresA > 0 && squaresB > 0 ? cross / Math.sqrt(squaresA * squaresB) : NaN;
}

/** MAE, RMSE, R² (`r2_score`: 1 or 0 for constant targets) and Pearson's correlation. */
export function regressionMetrics(expected: readonly number[], predicted: readonly number[], loss: number | null = null): RegressionMetrics {
  const errors = expected.map((value, i) => (predicted[i] ?? NaN) - value);
  const squares = errors.reduce((sum, error) => sum + error * error, 0);
  const centre = mean(expected);
  const spread = expected.reduce((sum, value) => sum + (value - centre) ** 2, 0);
  const r2 = expected.length < 2 ? NaN : spread > 0 ? 1 - squares / spread : squares === 0 ? 1 : 0;
  return {
    task: 'regression',
    mae: mean(errors.map(Math.abs)),
    rmse: Math.sqrt(squares / expected.length),
    r2,
    pearson: pearson(expected, predicted),
    loss,
  };
}

const asNumber = (value: LabelValue): number => (typeof value === 'number' ? value : NaN);
const asRow = (value: LabelValue): readonly number[] => (typeof value === 'number' ? [] : value);

/**
 * The figures of a task over logits (regression: the one value is the prediction).
 * @param expected a label a row, as `Example.label`
 * @param logits a row of `labels.length` values (1 for regression) for each expected label
 * @param loss the mean loss over the same rows when it is known
 */
export function taskMetrics(
  task: TaskKind,
  labels: readonly string[],
  expected: readonly LabelValue[],
  logits: readonly Float32Array[],
  loss: number | null = null,
): TaskMetrics {
  switch (task) {
    case 'single-label':
      return singleLabelMetrics(labels, expected.map(asNumber), logits.map(argMax), loss);
    case 'multi-label':
      return multiLabelMetrics(labels, expected.map(asRow), logits.map(chosenLabels), loss);
    case 'regression':
      return regressionMetrics(
        expected.map(asNumber),
        logits.map((row) => row[0] ?? NaN),
        loss,
      );
  }
}

/**
 * Mean loss of a task over rows, unweighted and unsmoothed: cross-entropy, binary cross-entropy over rows and labels, or
 * squared error (the losses that transformers uses for each `problem_type`).
 */
export function meanLoss(task: TaskKind, expected: readonly LabelValue[], logits: readonly Float32Array[]): number {
  return mean(
    expected.map((label, i) => {
      const row = logits[i] ?? new Float32Array();
      if (task === 'regression') return ((row[0] ?? NaN) - asNumber(label)) ** 2;
      if (task === 'multi-label') {
        const wanted = asRow(label);
        // log(1 + e^x) − x·y, in the form that does not overflow.
        return mean(Array.from(row, (x, k) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) - x * (wanted[k] ?? 0)));
      }
      const top = row[argMax(row)] ?? 0;
      return top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0)) - (row[asNumber(label)] ?? NaN);
    }),
  );
}

/**
 * What somebody who never reads the text would reach: the most frequent class (first one on a tie), the labels that more
 * than half of the training rows carry, or the mean of the training targets.
 */
export function baselineFor(
  task: TaskKind,
  labels: readonly string[],
  training: readonly LabelValue[],
  expected: readonly LabelValue[],
): EvaluationReport['baseline'] {
  switch (task) {
    case 'single-label': {
      const counts = new Array<number>(labels.length).fill(0);
      for (const value of training) counts[asNumber(value)] = (counts[asNumber(value)] ?? 0) + 1;
      const majority = argMax(counts);
      const metrics = singleLabelMetrics(
        labels,
        expected.map(asNumber),
        expected.map(() => majority),
      );
      return { kind: 'majority-class', description: `Always answering “${labels[majority] ?? ''}”, the most frequent training label.`, metrics };
    }
    case 'multi-label': {
      const common = labels.map((_, k) => (training.filter((value) => asRow(value)[k] === 1).length * 2 > training.length ? 1 : 0));
      const names = labels.filter((_, k) => common[k] === 1);
      const metrics = multiLabelMetrics(
        labels,
        expected.map(asRow),
        expected.map(() => common),
      );
      return names.length
        ? { kind: 'majority-class', description: `Always answering ${names.map((name) => `“${name}”`).join(', ')}, carried by most training rows.`, metrics }
        : { kind: 'no-label', description: 'Never giving any label, as no label is carried by most training rows.', metrics };
    }
    case 'regression': {
      const value = mean(training.map(asNumber));
      const metrics = regressionMetrics(
        expected.map(asNumber),
        expected.map(() => value),
      );
      return { kind: 'mean-value', description: `Always answering ${Number(value.toPrecision(4))}, the mean of the training values.`, metrics };
    }
  }
}
