/**
 * One record of delimited text: RFC 4180 quoting or one of its relatives, any line ending, and recovery from broken
 * quotes. papaparse is the yardstick in the tests; it cannot do the reading, because it gives up the rest of a file to
 * one open quote, knows no line numbers, and settles for one kind of line ending.
 */
import type { Quoting } from '../../domain/dataset';
import { COLUMN_LIMIT } from '../records';
import { countLines } from './text-stream';

const QUOTE = 34;
const LF = 10;
const CR = 13;
const BACKSLASH = 92;

/** How cells are told apart. */
export interface Dialect {
  /** A single character. */
  delimiter: string;
  quoting: Quoting;
  /** Whether blanks behind a delimiter do not belong to the cell. */
  skipSpace: boolean;
}

export interface ReadRecord {
  kind: 'record';
  cells: string[];
  /** Where the next record starts. */
  end: number;
  blank: boolean;
  /** Quotes where this dialect has no use for them: each speaks against it. */
  misplaced: number;
  /** Cells that stand in quotes from end to end though quotes are text here. */
  wrapped: number;
  /** Cells that could not have been written without their quotes. */
  needed: number;
}

/** One record, or why there is none yet. */
export type RecordResult =
  | ReadRecord
  /** More text is needed to know where the record ends. */
  | { kind: 'incomplete' }
  /** A quote opened at `openedAt` is never closed as it should be; reading can go on at `end`, the next line. */
  | { kind: 'broken'; openedAt: number; end: number };

/** Just behind the line that `from` is on; `text.length` when it is the last one. */
export function nextLine(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === LF) return i + 1;
    if (code === CR) return text.charCodeAt(i + 1) === LF ? i + 2 : i + 1;
  }
  return text.length;
}

/** The place behind the closing quote of a field that opens at `open`, or -1 when the text ends first. */
function closingQuote(text: string, open: number, escapes: boolean): number {
  for (let at = open + 1; ;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return -1;
    if (escapes) {
      let backslash = at;
      while (backslash < quote && text.charCodeAt(backslash) !== BACKSLASH) backslash++;
      if (backslash < quote) {
        at = backslash + 2;
        continue;
      }
    }
    if (text.charCodeAt(quote + 1) !== QUOTE) return quote + 1;
    at = quote + 2;
  }
}

const isBreak = (code: number): boolean => code === LF || code === CR;
const unescaped = (text: string): string => text.replace(/\\([^])/g, '$1');

/** A cell that was read, or why the record ends here. */
type CellResult =
  { kind: 'cell'; text: string; at: number; quoted: boolean; misplaced: boolean } | Exclude<RecordResult, ReadRecord>;

/** Reads records of one dialect. */
class Cells {
  private readonly separator: number;
  private readonly escapes: boolean;

  constructor(
    private readonly text: string,
    private readonly dialect: Dialect,
    /** Whether no text follows. */
    private readonly final: boolean,
  ) {
    this.separator = dialect.delimiter.charCodeAt(0);
    this.escapes = dialect.quoting === 'backslash';
  }

  /** The cell at `start`; with `rest` it is all that is left of the line. */
  read(start: number, rest: boolean): CellResult {
    const { text, dialect, final } = this;
    let at = start;
    if (dialect.skipSpace && this.separator !== 32) while (text.charCodeAt(at) === 32) at++;
    if (text.charCodeAt(at) !== QUOTE || dialect.quoting === 'none') return this.plain(at, at, rest);
    const closed = closingQuote(text, at, this.escapes);
    // A quote that is the very last character may be the first half of a doubled one.
    if (closed < 0 || (closed === text.length && !final))
      return final ? { kind: 'broken', openedAt: at, end: nextLine(text, at) } : { kind: 'incomplete' };
    let after = closed;
    while (text.charCodeAt(after) === 32 && this.separator !== 32) after++;
    if (after >= text.length && !final) return { kind: 'incomplete' };
    const code = text.charCodeAt(after);
    if (after >= text.length || code === this.separator || isBreak(code)) {
      const inside = text.slice(at + 1, closed - 1).replaceAll('""', '"');
      return {
        kind: 'cell',
        text: this.escapes ? unescaped(inside) : inside,
        at: after,
        quoted: true,
        misplaced: false,
      };
    }
    if (countLines(text, at, closed) > 0) return { kind: 'broken', openedAt: at, end: nextLine(text, at) };
    // A field such as `"big" news` whose quotes close early is taken as it is written.
    return this.plain(at, closed, rest);
  }

  private plain(from: number, start: number, rest: boolean): CellResult {
    const { text } = this;
    let at = start;
    let quotes = start > from;
    while (at < text.length) {
      const code = text.charCodeAt(at);
      if ((code === this.separator && !rest) || isBreak(code)) break;
      quotes ||= code === QUOTE;
      if (code === BACKSLASH && this.escapes) at++;
      at++;
    }
    at = Math.min(at, text.length);
    if (at >= text.length && !this.final) return { kind: 'incomplete' };
    const cell = text.slice(from, at);
    return { kind: 'cell', text: this.escapes ? unescaped(cell) : cell, at, quoted: false, misplaced: quotes };
  }
}

const needsQuotes = (cell: string, delimiter: string): boolean => /["\r\n]/.test(cell) || cell.includes(delimiter);

/** Reads one record from `text` at `start`. `final` says that no text follows. */
export function readRecord(text: string, start: number, dialect: Dialect, final: boolean): RecordResult {
  const reader = new Cells(text, dialect, final);
  const cells: string[] = [];
  let [misplaced, wrapped, needed] = [0, 0, 0];
  for (let at = start; ; at++) {
    // Beyond any sensible number of cells the rest of the line is one more cell.
    const cell = reader.read(at, cells.length >= COLUMN_LIMIT);
    if (cell.kind !== 'cell') return cell;
    cells.push(cell.text);
    at = cell.at;
    if (cell.misplaced && dialect.quoting !== 'none') misplaced++;
    else if (cell.misplaced && /^"[^]*"$/.test(cell.text)) wrapped++;
    if (cell.quoted && needsQuotes(cell.text, dialect.delimiter)) needed++;
    if (at < text.length && text[at] === dialect.delimiter) continue;
    const blank = cells.length === 1 && !cell.quoted && cell.text.trim() === '';
    const record = { kind: 'record' as const, cells, blank, misplaced, wrapped, needed };
    if (at >= text.length) return { ...record, end: at };
    if (text.charCodeAt(at) !== CR) return { ...record, end: at + 1 };
    if (at + 1 >= text.length && !final) return { kind: 'incomplete' };
    return { ...record, end: text.charCodeAt(at + 1) === LF ? at + 2 : at + 1 };
  }
}
