/** Figures of merit: what each task reports, from labels and logits; the formulas are in metric-formulas.ts. */
import { figureInWords } from './figures';
import {
  argMax,
  chosenLabels,
  mean,
  multiLabelMetrics,
  regressionMetrics,
  singleLabelMetrics,
} from './metric-formulas';
import type { MultiLabelMetrics, RegressionMetrics, SingleLabelMetrics } from './metric-formulas';

export type { ClassMetrics, MultiLabelMetrics, RegressionMetrics, SingleLabelMetrics } from './metric-formulas';
import type { LabelValue, TaskKind } from './task';

export type TaskMetrics = SingleLabelMetrics | MultiLabelMetrics | RegressionMetrics;

/** The figure that picks the best checkpoint, larger is better. */
export const HEADLINE: Record<TaskKind, { name: string; of: (metrics: TaskMetrics) => number }> = {
  'single-label': { name: 'accuracy', of: (m) => (m.task === 'single-label' ? m.accuracy : NaN) },
  'multi-label': { name: 'micro F1', of: (m) => (m.task === 'multi-label' ? m.microF1 : NaN) },
  regression: { name: 'R²', of: (m) => (m.task === 'regression' ? m.r2 : NaN) },
};

/**
 * Whether one validation is better than another: by its metric, and by its loss where the metrics are the same or one
 * of them is not finite (R² of one row).
 */
export function isBetter(a: { loss: number; metricValue: number }, b: { loss: number; metricValue: number }): boolean {
  const gain = a.metricValue - b.metricValue;
  if (Number.isFinite(gain) && gain !== 0) return gain > 0;
  return isLower(a.loss, b.loss);
}

/** Whether a loss is better than another; any number is better than none. */
export const isLower = (a: number, b: number): boolean => a < b || (Number.isNaN(b) && !Number.isNaN(a));

/** What the fine-tuned model is compared with, named so that nobody mistakes it. */
export type BaselineKind = 'majority-class' | 'no-label' | 'mean-value' | 'checkpoint-head';

export interface Baseline {
  kind: BaselineKind;
  description: string;
  metrics: TaskMetrics;
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
 * Mean loss of a task over rows, unweighted and unsmoothed: cross-entropy, binary cross-entropy over rows and labels,
 * or squared error (the losses that transformers uses for each `problem_type`).
 */
export function meanLoss(task: TaskKind, expected: readonly LabelValue[], logits: readonly Float32Array[]): number {
  return mean(
    expected.map((label, i) => {
      const row = logits[i] ?? new Float32Array();
      if (task === 'regression') return ((row[0] ?? NaN) - asNumber(label)) ** 2;
      if (task === 'multi-label') {
        const wanted = asRow(label);
        // log(1 + e^x) − x·y, in the form that does not overflow.
        return mean(
          Array.from(row, (x, k) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))) - x * (wanted[k] ?? 0)),
        );
      }
      const top = row[argMax(row)] ?? 0;
      return top + Math.log(row.reduce((sum, x) => sum + Math.exp(x - top), 0)) - (row[asNumber(label)] ?? NaN);
    }),
  );
}

/**
 * What somebody who never reads the text would reach: the most frequent class (first one on a tie), the labels that
 * more than half of the training rows carry, or the mean of the training targets.
 */
export function baselineFor(
  task: TaskKind,
  labels: readonly string[],
  training: readonly LabelValue[],
  expected: readonly LabelValue[],
): Baseline {
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
      return {
        kind: 'majority-class',
        description: `Always answering “${labels[majority] ?? ''}”, the most frequent training label.`,
        metrics,
      };
    }
    case 'multi-label': {
      const common = labels.map((_, k) =>
        training.filter((value) => asRow(value)[k] === 1).length * 2 > training.length ? 1 : 0,
      );
      const names = labels.filter((_, k) => common[k] === 1);
      const metrics = multiLabelMetrics(
        labels,
        expected.map(asRow),
        expected.map(() => common),
      );
      return names.length
        ? {
            kind: 'majority-class',
            description:
              `Always answering ${names.map((name) => `“${name}”`).join(', ')}, carried by most training ` + 'rows.',
            metrics,
          }
        : {
            kind: 'no-label',
            description: 'Never giving any label, as no label is carried by most training rows.',
            metrics,
          };
    }
    case 'regression': {
      const value = mean(training.map(asNumber));
      const metrics = regressionMetrics(
        expected.map(asNumber),
        expected.map(() => value),
      );
      return {
        kind: 'mean-value',
        description: `Always answering ${figureInWords(value)}, the mean of the training values.`,
        metrics,
      };
    }
  }
}
