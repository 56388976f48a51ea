/** What every reader of rows delivers to: rows and their troubles, columns, and warnings. */
import type { RowProblem } from '../domain/dataset';

/** Most columns that are accepted: one-hot labels fit, an object used as a dictionary does not. */
export const COLUMN_LIMIT = 4096;

/** What is wrong with a row that could not be read as it should. */
export interface RowTrouble {
  problem: RowProblem;
  message: string;
}

export interface RowSink {
  /** Cells in the order of the columns; missing ones at the end are empty. */
  row(cells: string[], trouble?: RowTrouble): void;
  /** The index of the column with this name; a new one is appended, also after the first rows. */
  column(name: string): number;
  /** Something about the whole file that the person should know. */
  warn(message: string): void;
}
