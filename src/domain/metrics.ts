/** Figures of merit as pure functions over predictions; definitions as in scikit-learn. */
import type { TaskKind } from './task';

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
  macroF1: number;
  weightedF1: number;
  loss: number | null;
  perClass: ClassMetrics[];
  /** counts[actual][predicted] */
  confusion: number[][];
}

export interface MultiLabelMetrics {
  task: 'multi-label';
  microF1: number;
  macroF1: number;
  subsetAccuracy: number;
  loss: number | null;
  perClass: ClassMetrics[];
}

export interface RegressionMetrics {
  task: 'regression';
  mae: number;
  rmse: number;
  r2: number;
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
