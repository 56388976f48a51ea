/**
 * What every reader of a file format has in common: text goes in, in pieces of any size; rows and their troubles come
 * out.
 */
import { TabtuneError } from '../base/errors';
import type { RowProblem } from '../domain/dataset';

/** Longest record that is accepted, in characters; it bounds memory when a quote or a bracket is never closed. */
export const RECORD_LIMIT = 16 * 1024 * 1024;

/** Most columns that are accepted: one-hot labels fit, an object used as a dictionary does not. */
export const COLUMN_LIMIT = 4096;

/** What is wrong with a row that could not be read as it should. */
export interface RowTrouble {
  problem: RowProblem;
  message: string;
}

/** Where a reader delivers. `line` counts from 1 and is where the record starts. */
export interface RecordSink {
  /** Cells in the order of `columns`; missing ones at the end are empty. */
  row(cells: string[], trouble?: RowTrouble): void;
  /** Columns may grow while a JSON file is read. */
  column(name: string): number;
  /** Something about the whole file that the person should know. */
  warn(message: string): void;
}

/** Reads one format incrementally. `push` takes decoded text cut anywhere; `end` reads what is left. */
export interface RecordReader {
  push(text: string): void;
  end(): void;
}

export function recordTooLong(file: string, line: number, fix: string): TabtuneError {
  return new TabtuneError(
    'bad-data',
    `The record that starts on line ${line} is longer than ${RECORD_LIMIT / 1024 / 1024} million characters.`,
    { place: { file, line }, fix },
  );
}

/** Line breaks in `text` between two places; `\r\n` counts once. */
export function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) lines++;
  }
  return lines;
}
