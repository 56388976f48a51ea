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

/** A label or a cell within a sentence. */
export const inQuotes = (text: string): string => `"${text.length > 40 ? `${text.slice(0, 40)}…` : text}"`;

const SEPARATOR_WORDS: Readonly<Record<string, string>> = {
  '\n': 'line breaks',
  '\t': 'tabs',
  ' ': 'blanks',
  '><': '“<” and “>”',
  ' and ': '“and”',
};

/** What parts the labels of a cell. */
export const separatorInWords = (separator: string | null): string =>
  separator === null ? '“|” or “;”' : (SEPARATOR_WORDS[separator] ?? `“${separator}”`);

/** Columns within a sentence, the first of many. */
export function listedColumns(names: readonly string[]): string {
  const quoted = names.map((name) => `\`${name}\``);
  if (quoted.length > 5) return `${quoted.slice(0, 3).join(', ')} and ${quoted.length - 3} more`;
  return quoted.length < 2 ? quoted.join('') : `${quoted.slice(0, -1).join(', ')} and ${quoted[quoted.length - 1]}`;
}

/** "`text` as the text and `label` as the label". */
export function inWords(mapping: ClassifyMapping): string {
  const { text, textPair, joined } = mapping;
  const pair = textPair === null ? [] : [textPair];
  const lines = `${listedColumns([text, ...joined])}, joined line by line,`;
  const texts =
    joined.length === 0 ? listedColumns([text, ...pair]) : [lines, ...pair.map((name) => `\`${name}\``)].join(' and ');
  return `${texts} as the ${textPair === null ? 'text' : 'pair of texts'} and ${labelWords(mapping)}`;
}

function labelWords(mapping: ClassifyMapping): string {
  if (mapping.labels.length === 0) return 'found no column for the label';
  if (mapping.task === 'regression') return `${listedColumns(mapping.labels)} as the number to predict`;
  if (mapping.labelLayout === 'one-hot') return `${listedColumns(mapping.labels)} as labels that are 0 or 1`;
  if (mapping.labelLayout === 'vector')
    return `${listedColumns(mapping.labels)} as 0 or 1 for each of ${mapping.names.length} labels`;
  if (mapping.task === 'multi-label') return `${listedColumns(mapping.labels)} as a list of labels`;
  return `${listedColumns(mapping.labels)} as the label`;
}
