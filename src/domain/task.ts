/** What a head can be taught; a sentence pair is an input shape, not a task. */

export type TaskKind = 'single-label' | 'multi-label' | 'regression';

/** The value that transformers stores in `config.json` for each task. */
export const PROBLEM_TYPE: Record<TaskKind, string> = {
  'single-label': 'single_label_classification',
  'multi-label': 'multi_label_classification',
  regression: 'regression',
};

/** A label as the engine takes it: a class index, a multi-hot row, or a number. */
export type LabelValue = number | readonly number[];

export type SplitName = 'train' | 'validation' | 'test';
export const SPLITS: readonly SplitName[] = ['train', 'validation', 'test'];

/** One usable row as the mapping reads it. `row` counts data rows from 1. */
export interface Example {
  row: number;
  text: string;
  textPair?: string;
  label: LabelValue;
}
