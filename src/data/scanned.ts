/** What a pass over the rows of a data set found. */
import type { RowProblem, TargetSummary } from '../domain/dataset';
import type { DuplicateList } from './duplicates';
import type { RowLabels } from './labels';

/** What the pass found. Memory is a few bytes a row, whatever the texts. */
export interface Scan {
  /** Per row 1 when it cannot be used, else 0. */
  unusable: Uint8Array;
  /** Per row the split code that a column names; null without such a column. */
  given: Uint8Array | null;
  labels: RowLabels;
  duplicates: DuplicateList;
  conflicts: number;
  usable: number;
  /** Rows that cannot be used, by what is wrong with them, as they came. */
  byProblem: Map<RowProblem, number>;
  longestCharacters: number;
  totalCharacters: number;
  /** Texts that are JSON rather than prose. */
  structured: number;
  target: TargetSummary | null;
  /** What the lesson noticed in rows, usable or not, by name: how many, and the first that shows it. */
  marks: Map<string, { count: number; example: string }>;
}
