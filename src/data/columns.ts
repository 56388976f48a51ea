/** What the columns of a table look like: their names and their first rows, as evidence for the mapping. */
import { TabtuneError } from '../base/errors';
import type { DatasetInfo } from '../domain/dataset';
import { parseListCell } from './list-cell';
import type { ColumnProfile, FirstRows, Table } from './reading';

/** Names that usually mean the text, the best first. */
export const TEXT_NAMES = [
  'text',
  'sentence',
  'utterance',
  'body',
  'message',
  'content',
  'review',
  'comment',
  'tweet',
  'post',
  'document',
  'description',
  'question',
  'query',
  'request',
  'prompt',
  'instruction',
  'input',
  'title',
  'subject',
  'headline',
  'phrase',
  'abstract',
  'summary',
] as const;

/** Names that usually mean the label, the best first. */
export const LABEL_NAMES = [
  'label',
  'labels',
  'target',
  'class',
  'category',
  'categories',
  'intent',
  'sentiment',
  'topic',
  'topics',
  'tag',
  'tags',
  'queue',
  'emotion',
  'genre',
  'genres',
  'score',
  'rating',
  'stars',
  'y',
  'similarity',
  'is_duplicate',
  'toxicity',
  'grade',
  'output',
  'type',
  'department',
] as const;

/** First and second text of a pair. */
export const PAIR_NAMES: readonly (readonly [string, string])[] = [
  ['sentence1', 'sentence2'],
  ['premise', 'hypothesis'],
  ['question1', 'question2'],
  ['text1', 'text2'],
  ['text_a', 'text_b'],
  ['sentence_a', 'sentence_b'],
  ['text', 'text_pair'],
  ['question', 'sentence'],
  ['question', 'answer'],
  ['query', 'passage'],
  ['query', 'document'],
  ['first', 'second'],
  ['s1', 's2'],
  ['a', 'b'],
];

export const SPLIT_NAMES = ['split', 'set', 'subset', 'partition', 'fold', 'dataset_split'] as const;

export const KNOWN_NAMES: ReadonlySet<string> = new Set([
  ...TEXT_NAMES,
  ...LABEL_NAMES,
  ...SPLIT_NAMES,
  ...PAIR_NAMES.flat().filter((name) => name.length > 1),
  'id',
  'idx',
]);

/** Whether a cell is a plain number such as `3`, `-0.5` or `1e-3`. */
export function isNumeric(cell: string): boolean {
  return /^\s*[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?\s*$/i.test(cell);
}

/** A number with `.`, or with a decimal comma where the file allows it; NaN for everything else. */
export function parseNumber(cell: string, decimalComma: boolean): number {
  if (isNumeric(cell)) return Number(cell);
  if (decimalComma && /^\s*[+-]?\d+,\d+\s*$/.test(cell)) return Number(cell.replace(',', '.'));
  return NaN;
}

/** 0/1 cells of one-hot labels; null for everything else. */
export function parseFlag(cell: string): boolean | null {
  const value = cell.trim().toLowerCase();
  if (value === '1' || value === 'true' || value === '1.0') return true;
  if (value === '0' || value === 'false' || value === '0.0') return false;
  return null;
}

/**
 * The labels of a list cell: what `parseListCell` reads, of scores those of a half and more, else the parts between
 * separators (null: `|`, or `;` where there is none; empty: the cell is one label). Null when the cell begins like a
 * list and is none.
 */
export function parseList(cell: string, separator: string | null = null): string[] | null {
  const text = cell.trim();
  const listed = parseListCell(text);
  if (listed) return cleanList(listed.items);
  if (/^[[{]/.test(text)) return null;
  const by = separator ?? (text.includes('|') ? '|' : ';');
  return cleanList(by === '' ? [text] : partsOf(text, by));
}

/** The parts of a cell, without blanks around them and without empty ones; `><` parts `<a><b>`. */
export function partsOf(cell: string, separator: string): string[] {
  const whole = separator === '><' && cell.startsWith('<') && cell.endsWith('>') ? cell.slice(1, -1) : cell;
  return whole
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

const cleanList = (items: readonly string[]): string[] => [
  ...new Set(items.map((item) => item.trim()).filter((item) => item !== '')),
];

/** 0 or 1 for each place of a vector such as `[1, 0, 0]`, `[1. 0. 0.]` or `1 0 0`; null for everything else. */
export function parseVector(cell: string): boolean[] | null {
  const listed = parseListCell(cell);
  if (listed?.scores) return null;
  const items = listed?.items ?? (/^[\d.,;|\s]+$/.test(cell) ? cell.trim().split(/\s*[,;|]\s*|\s+/) : []);
  const flags = items.map((item) => parseFlag(item.replace(/\.$/, '')));
  return flags.length > 1 && flags.every((flag) => flag !== null) ? flags : null;
}

const SPLIT_WORDS: Readonly<Record<'train' | 'validation' | 'test', readonly string[]>> = {
  train: ['train', 'training', 'trn'],
  validation: ['validation', 'valid', 'val', 'dev', 'development'],
  test: ['test', 'testing', 'eval', 'evaluation', 'heldout', 'held-out'],
};

/** The split that a cell names, or null. */
export function parseSplit(cell: string): 'train' | 'validation' | 'test' | null {
  const value = cell.trim().toLowerCase();
  for (const name of ['train', 'validation', 'test'] as const) if (SPLIT_WORDS[name].includes(value)) return name;
  return null;
}

/** Looks at one column of the given rows. */
export function profileColumn(
  name: string,
  index: number,
  rows: readonly (readonly string[])[],
  decimalComma: boolean,
): ColumnProfile {
  const cells = rows.map((row) => (row[index] ?? '').trim()).filter((cell) => cell !== '');
  const share = (test: (cell: string) => boolean): number =>
    cells.length === 0 ? 0 : cells.filter(test).length / cells.length;
  const mean = (of: (cell: string) => number): number =>
    cells.length === 0 ? 0 : cells.reduce((sum, cell) => sum + of(cell), 0) / cells.length;
  return {
    name,
    index,
    filled: cells.length,
    distinct: new Set(cells).size,
    meanLength: mean((cell) => cell.length),
    words: mean((cell) => cell.split(/\s+/).length),
    numeric: share((cell) => !Number.isNaN(parseNumber(cell, decimalComma))),
    integers: share((cell) => Number.isInteger(parseNumber(cell, decimalComma))),
    flags: share((cell) => parseFlag(cell) !== null),
    arrays: share((cell) => cell.startsWith('[') && parseList(cell) !== null),
    delimited: share((cell) => cell.length < 200 && /^[^|;]+([|;][^|;]+)+$/.test(cell)),
    splits: share((cell) => parseSplit(cell) !== null),
  };
}

/** A data set's table. Numbers with a decimal comma are at home in files whose delimiter is not the comma. */
export const tableOf = ({ columns, source }: Pick<DatasetInfo, 'columns' | 'source'>): Table => ({
  columns,
  decimalComma: source.decimalComma,
});

/** The first of these names, the best first, that a column with filled cells has. */
export function columnNamed(profiles: readonly ColumnProfile[], names: readonly string[]): ColumnProfile | undefined {
  return names
    .map((name) => profiles.find((profile) => profile.name.trim().toLowerCase() === name && profile.filled > 0))
    .find(Boolean);
}

/** Rows of a table as evidence for what its columns mean. */
export function firstRows(table: Table, rows: readonly (readonly string[])[]): FirstRows {
  const profiles = table.columns.map((name, index) => profileColumn(name, index, rows, table.decimalComma));
  const split = columnNamed(profiles, SPLIT_NAMES);
  return { ...table, rows, profiles, split: split && split.splits > 0.5 ? split.name : null };
}

/** Throws `bad-config` when a column is not in the table, or is used twice. */
export function checkColumns(used: readonly string[], columns: readonly string[]): void {
  for (const column of used)
    if (!columns.includes(column))
      throw new TabtuneError('bad-config', `There is no column "${column}".`, {
        place: { column },
        fix: `Choose one of: ${columns.join(', ')}.`,
      });
  const repeated = used.find((name, i) => used.indexOf(name) !== i);
  if (repeated !== undefined)
    throw new TabtuneError('bad-config', `The column "${repeated}" is used twice.`, {
      place: { column: repeated },
      fix: 'Give each part a column of its own.',
    });
}
