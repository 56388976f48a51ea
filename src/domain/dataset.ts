/** What the page knows about a data set: how it was read, how it is mapped, what is wrong with it, how it is split. */
import { TabtuneError } from '../base/errors';
import type { AnyTask, LanguageTask, SplitName, TaskKind } from './task';

export type TextEncodingName = 'utf-8' | 'utf-8-bom' | 'utf-16le' | 'utf-16be';

/** How the bytes were read, found by content; plain JSON. Each format keeps what it needs to say later. */
export interface SourceFormat {
  /** The id of a format of tables, such as `csv`. */
  format: string;
  /** Whether numbers may be written with a decimal comma. */
  decimalComma: boolean;
  /** Text only. */
  encoding?: TextEncodingName;
  /** Delimited text only. */
  delimiter?: string;
  /** Delimited text only: whether the first record names the columns. */
  hasHeader?: boolean;
  [fact: string]: unknown;
}

/**
 * How label cells are to be read. `list` is a JSON array (or `a|b`, `a;b`) in one column; `one-hot` is one 0/1 column a
 * label.
 */
export type LabelLayout = 'column' | 'list' | 'one-hot';

/** Which columns mean what: for encoders a text and its label, for decoders the parts of a conversation. */
export type ColumnMapping = LabelMapping | LanguageMapping;

/** Columns of a labelled text. `labels` holds one column name unless the layout is `one-hot`. */
export interface LabelMapping {
  task: TaskKind;
  text: string;
  textPair: string | null;
  labels: string[];
  labelLayout: LabelLayout;
  /** A column with train / validation / test (also dev, valid, eval) that is honoured, or null for our own split. */
  split: string | null;
}

/**
 * How one row holds what a decoder learns from. `messages`: a list of turns in one cell (OpenAI's messages, ShareGPT's
 * conversations); `prompt`: question and answer in columns of their own (also Alpaca); `text`: text to be continued;
 * `pair`: two answers, one preferred.
 */
export type LanguageLayout = 'messages' | 'prompt' | 'text' | 'pair';

/** What a column can hold for a decoder. `input` is Alpaca's: put under the prompt. */
export type LanguageRole = 'messages' | 'system' | 'prompt' | 'input' | 'answer' | 'text' | 'chosen' | 'rejected';

/** Columns of a conversation, by what they hold. */
export interface LanguageMapping {
  task: LanguageTask;
  layout: LanguageLayout;
  columns: Partial<Record<LanguageRole, string>>;
  /** As in `LabelMapping`. */
  split: string | null;
}

/** Which columns each layout needs and which it may have. */
export const LANGUAGE_LAYOUTS: Record<
  LanguageLayout,
  { task: LanguageTask; needs: readonly LanguageRole[]; may: readonly LanguageRole[] }
> = {
  messages: { task: 'chat', needs: ['messages'], may: ['system'] },
  prompt: { task: 'chat', needs: ['prompt', 'answer'], may: ['input', 'system'] },
  text: { task: 'chat', needs: ['text'], may: [] },
  pair: { task: 'preference', needs: ['chosen', 'rejected'], may: ['prompt', 'system'] },
};

export const isLanguageMapping = (mapping: ColumnMapping): mapping is LanguageMapping =>
  mapping.task === 'chat' || mapping.task === 'preference';

/** The mapping of labelled texts. Throws `bad-config` for rows that are mapped for a decoder. */
export function labelMapping(mapping: ColumnMapping): LabelMapping {
  if (!isLanguageMapping(mapping)) return mapping;
  throw new TabtuneError(
    'bad-config',
    'These rows are conversations or plain text, and this model gives labels to texts.',
    { fix: 'Choose columns for text and label on the data page, or a model that writes text.' },
  );
}

/** The columns that a mapping uses, without the split column. */
export const mappedColumns = (mapping: ColumnMapping): string[] =>
  isLanguageMapping(mapping)
    ? Object.values(mapping.columns)
    : [mapping.text, ...(mapping.textPair === null ? [] : [mapping.textPair]), ...mapping.labels];

/** The columns whose cells are read as text, not as labels. */
export const textColumns = (mapping: ColumnMapping): string[] =>
  mappedColumns(isLanguageMapping(mapping) ? mapping : { ...mapping, labels: [] });

export interface SplitConfig {
  /** Shares that add up to 1. */
  train: number;
  validation: number;
  test: number;
  seed: number;
  /** Leave out exact repeats of an earlier text (with the same label) before splitting. */
  dropDuplicates: boolean;
}

export const DEFAULT_SPLIT: SplitConfig = { train: 0.8, validation: 0.1, test: 0.1, seed: 42, dropDuplicates: false };

/** Why a row cannot be used; each is shown in words by the page. */
export type RowProblem =
  | 'empty-text'
  | 'empty-pair'
  | 'missing-label'
  | 'bad-label'
  | 'ragged'
  | 'malformed'
  | 'unknown-split'
  | 'empty-prompt'
  | 'empty-answer'
  | 'bad-messages'
  | 'bad-roles'
  | 'equal-sides';

/** One row that is left out: file, row (data rows from 1), and the reason in a sentence. */
export interface RowIssue {
  file: string;
  row: number;
  problem: RowProblem;
  message: string;
}

export interface LabelCount {
  name: string;
  count: number;
  bySplit: Record<SplitName, number>;
}

/** What is worth knowing before training; counts over usable rows. */
export interface DatasetHealth {
  duplicates: number;
  /** Equal texts that carry different labels. */
  conflicts: number;
  emptyTexts: number;
  /** Largest class over smallest, or null when the task has no classes. */
  imbalance: number | null;
  /** Labels that occur on one row only. */
  singletonLabels: string[];
  longestCharacters: number;
  meanCharacters: number;
  /** Things the person should know, in plain sentences, most important first. */
  warnings: string[];
  /** Why training cannot start with this mapping, or null. */
  blocker: string | null;
}

/** Regression targets over usable rows. */
export interface TargetSummary {
  min: number;
  max: number;
  mean: number;
  standardDeviation: number;
}

export interface DatasetInfo {
  id: string;
  name: string;
  /** Bytes of the source. */
  bytes: number;
  source: SourceFormat;
  /** How the file was read, e.g. "A CSV table in UTF-8, cells separated by commas; the first row names the columns." */
  sourceInWords: string;
  columns: string[];
  /** All data rows, usable or not. */
  rows: number;
  usableRows: number;
  mapping: ColumnMapping;
  /** The mapping in words, e.g. "We take `text` as the text and `label` as the label." */
  mappingInWords: string;
  split: SplitConfig;
  splitRows: Record<SplitName, number>;
  /** True when a split column was honoured. */
  splitFromColumn: boolean;
  /** Classes in the order of their index (sorted by name); empty for regression. */
  labels: LabelCount[];
  target: TargetSummary | null;
  issues: { total: number; byProblem: Partial<Record<RowProblem, number>> };
  health: DatasetHealth;
  /** Hex SHA-256 of the source's bytes as read (for recipe.json). */
  sha256: string;
  /** False when the browser's storage refused and the rows live in memory only. */
  durable: boolean;
}

/** One row for the table. `cells` line up with `DatasetInfo.columns`. */
export interface RowView {
  row: number;
  cells: string[];
  split: SplitName | null;
  issue: RowIssue | null;
  duplicateOf: number | null;
}

export type RowFilter = 'all' | 'issues' | 'duplicates';

/** A sample data set that comes with the app. */
export interface SampleCard {
  id: string;
  name: string;
  /** Path below public/samples. */
  file: string;
  task: AnyTask;
  rows: number;
  bytes: number;
  teaches: string;
  licence: string;
  source: string;
}
