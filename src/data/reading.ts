/**
 * What a data set needs of a lesson: guesses of what columns mean, and the reading of rows under a mapping. Types only;
 * lessons implement them (lessons/contract.ts), so that the data set knows none of them.
 */
import type { Finding, LabelCount, Mapping, SplitConfig } from '../domain/dataset';
import type { SplitName } from '../domain/task';
import type { RowTrouble } from './records';
import type { Scan } from './scanned';

/** A table whose columns have no meaning yet. */
export interface Table {
  columns: readonly string[];
  /** Whether `3,5` may be a number. */
  decimalComma: boolean;
}

/** One column over the first rows. Shares are of its filled cells. */
export interface ColumnProfile {
  name: string;
  index: number;
  filled: number;
  distinct: number;
  meanLength: number;
  /** Mean number of words. */
  words: number;
  numeric: number;
  integers: number;
  flags: number;
  /** JSON or Python arrays of plain values. */
  arrays: number;
  /** Cells such as `a|b`. */
  delimited: number;
  splits: number;
}

/** The first rows of a table, as evidence for a guess. */
export interface FirstRows extends Table {
  rows: readonly (readonly string[])[];
  profiles: readonly ColumnProfile[];
  /** The column that names the split of each row, or null. */
  split: string | null;
}

/** A usable row as everybody outside its lesson sees it. */
export interface ReadRow {
  /** What the model will read of it, the first as it begins. */
  texts: readonly string[];
  /** Rows of the same `text` and `label` are repeats; of the same `text` and another `label`, conflicts. */
  repeat: { text: string; label: string };
  /** Names of its classes: none, one, or several. */
  labels: readonly string[];
  /** The number that it teaches; NaN where it teaches none. */
  target: number;
  /** What its lesson noticed, to be counted over all rows. */
  marks?: readonly Mark[];
}

/** Something noticed in a row. There are few names; the example is a cell that shows it. */
export interface Mark {
  name: string;
  example: string;
}

export type RowOutcome = { ok: true; row: ReadRow } | { ok: false; trouble: RowTrouble; marks?: readonly Mark[] };

/** Everything that sentences about a data set's health are made of. */
export interface HealthFacts {
  rows: number;
  scan: Scan;
  split: SplitConfig;
  splitFromColumn: boolean;
  splitRows: Record<SplitName, number>;
  labels: readonly LabelCount[];
  /** Validation and test rows whose text and label also occur in the training rows. */
  leaks: number;
}

/** What a lesson has to say of a data set; what holds for every lesson the data set says itself. */
export interface LessonHealth {
  /** Why training cannot start, or null. */
  blocker: string | null;
  /** Sentences, the most important first. */
  warnings: string[];
  /** Sentences with a remedy, the most important first. */
  findings?: Finding[];
  /** Largest class over smallest; null where there are no classes. */
  imbalance: number | null;
  /** Rows left out because a text is empty. */
  emptyTexts: number;
}

/** One mapping, ready to read rows. */
export interface MappingReading {
  /** All columns that it uses but the split's; none twice, each in the table. */
  columns: readonly string[];
  /** Those of them that are read as text. */
  textColumns: readonly string[];
  /** "`text` as the text and `label` as the label": goes after "We take". */
  inWords: string;
  /** Whether a row may have several classes, and classes that are there even when no row has them. */
  classes: { several: boolean; known: readonly string[] };
  /** Whether rows teach numbers. */
  numbers: boolean;
  /** Reads the cells of a row; the split's cell is not its business. */
  read(cells: readonly string[]): RowOutcome;
  health(facts: HealthFacts): LessonHealth;
}

/** All lessons as a data set sees them. */
export interface RowLessons {
  /** The likeliest mapping. */
  guess(first: FirstRows): Mapping;
  /** Throws `bad-config` when the mapping is of no known lesson or does not fit the columns. */
  reading(mapping: Mapping, table: Table): MappingReading;
}
