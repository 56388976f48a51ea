/** The kinds of supervised text task that a person can pick; a sentence pair is an input shape, not a task. */

/** Tasks of encoders: a label or a number for a text. */
export type TaskKind = 'single-label' | 'multi-label' | 'regression';

/**
 * Tasks of decoders: `chat` is supervised fine-tuning on answers (or on plain text), `preference` is DPO on pairs of
 * answers.
 */
export type LanguageTask = 'chat' | 'preference';

/** Everything that can be taught. */
export type AnyTask = TaskKind | LanguageTask;

export const isLanguageTask = (task: AnyTask): task is LanguageTask => task === 'chat' || task === 'preference';

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
