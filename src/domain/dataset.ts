/** What the page knows about a data set: how it was read, how it is mapped, what is wrong with it, how it is split. */
import type { SplitName } from './task';

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
 * Which columns mean what. What it holds beside these two is its lesson's own business (lessons/<id>/shared): others
 * hand it on as it came.
 */
export interface Mapping {
  /** Id of the lesson that reads the rows. */
  readonly lesson: string;
  /** A column with train / validation / test (also dev, valid, eval) that is honoured, or null for our own split. */
  readonly split: string | null;
}

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

/** Why a row cannot be used, e.g. `empty-text`. Lessons have words for theirs (`problems`); these every table has. */
export type RowProblem = string;
export const TABLE_PROBLEMS: Readonly<Record<RowProblem, string>> = {
  ragged: 'wrong number of cells',
  malformed: 'malformed',
  'unknown-split': 'unknown split name',
};

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
  /** Fisher’s g₁: above 0 where few are far larger than most. */
  skewness: number;
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
  mapping: Mapping;
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
  /** What is taught in a few words, e.g. "One label per text". */
  kind: string;
  /** Whether “Show me” takes this one through to a result. */
  tour?: boolean;
  rows: number;
  bytes: number;
  teaches: string;
  licence: string;
  source: string;
}
