/** The formulas behind the figures of merit, as pure functions over predictions; definitions as in scikit-learn. */

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

const ratio = (part: number, whole: number): number => (whole === 0 ? 0 : part / whole);
/** Arithmetic mean; NaN of nothing. */
export const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

/** Precision, recall and F1 from counts; 0 where a ratio is undefined (`zero_division=0`). */
function classMetrics(label: string, hits: number, predicted: number, support: number): ClassMetrics {
  return {
    label,
    precision: ratio(hits, predicted),
    recall: ratio(hits, support),
    f1: ratio(2 * hits, predicted + support),
    support,
  };
}

/** Index of the largest value; the first one on a tie. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if ((values[i] ?? -Infinity) > (values[best] ?? -Infinity)) best = i;
  return best;
}

/** 1 for each label whose logit is above 0 (probability above one half). */
export const chosenLabels = (logits: ArrayLike<number>): number[] => Array.from(logits, (logit) => (logit > 0 ? 1 : 0));

/**
 * Accuracy, F1 and the confusion matrix of class indices; `macroF1` as `f1_score(average="macro")` without a label
 * list.
 */
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
  const total = (field: 'hits' | 'predicted' | 'support'): number =>
    counts.reduce((sum, count) => sum + count[field], 0);
  return {
    task: 'multi-label',
    microF1: ratio(2 * total('hits'), total('predicted') + total('support')),
    macroF1: perClass.length ? mean(perClass.map((entry) => entry.f1)) : 0,
    subsetAccuracy: ratio(exact, expected.length),
    loss,
    perClass,
  };
}

const isConstant = (values: readonly number[]): boolean => values.every((value) => value === values[0]);

/** Pearson's correlation; NaN when either side is constant. */
function pearson(a: readonly number[], b: readonly number[]): number {
  // Means of equal numbers are rounded, so that their squares need not be 0.
  if (isConstant(a) || isConstant(b)) return NaN;
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
export function regressionMetrics(
  expected: readonly number[],
  predicted: readonly number[],
  loss: number | null = null,
): RegressionMetrics {
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
