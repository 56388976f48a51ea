/** The words for labels, and a mapping said in them. */
import type { TaskKind } from '../../../domain/task';
import type { Words } from '../../contract';
import type { ClassifyMapping } from './schema';

export const TASK_WORDS: Record<TaskKind, Words> = {
  'single-label': { name: 'One label per text', about: 'Text classification: each text belongs to exactly one class.' },
  'multi-label': {
    name: 'Several labels per text',
    about: 'Multi-label classification: each label is decided by itself.',
  },
  regression: { name: 'A number per text', about: 'Regression: the model predicts a number, such as a score.' },
};

export const PROBLEM_WORDS = {
  'empty-text': 'empty text',
  'empty-pair': 'empty second text',
  'missing-label': 'no label',
  'bad-label': 'unreadable label',
} as const;

/** Of the rows that this lesson leaves out. */
export type ClassifyProblem = keyof typeof PROBLEM_WORDS;

function listed(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  if (quoted.length > 5) return `${quoted.slice(0, 3).join(', ')} and ${quoted.length - 3} more`;
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted[quoted.length - 1]}`;
}

/** "`text` as the text and `label` as the label". */
export function inWords(mapping: ClassifyMapping): string {
  const texts =
    mapping.textPair === null
      ? `${listed([mapping.text])} as the text`
      : `${listed([mapping.text, mapping.textPair])} as the pair of texts`;
  return `${texts} and ${labelWords(mapping)}`;
}

function labelWords(mapping: ClassifyMapping): string {
  if (mapping.labels.length === 0) return 'found no column for the label';
  if (mapping.task === 'regression') return `${listed(mapping.labels)} as the number to predict`;
  if (mapping.labelLayout === 'one-hot') return `${listed(mapping.labels)} as labels that are 0 or 1`;
  if (mapping.task === 'multi-label') return `${listed(mapping.labels)} as a list of labels`;
  return `${listed(mapping.labels)} as the label`;
}
