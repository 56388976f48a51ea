/**
 * Delimited text (CSV, TSV, `;`) read as a stream: RFC 4180 quoting, any line ending, and recovery from broken quotes.
 * papaparse is the yardstick in the tests; it cannot do the reading, because it gives up the rest of a file to one open
 * quote, knows no line numbers, and settles for one kind of line ending.
 */
import { must } from '../../base/assert';
import { TabtuneError } from '../../base/errors';
import { COLUMN_LIMIT } from '../records';
import type { RowSink } from '../records';
import { RECORD_LIMIT, countLines, recordTooLong } from './text-stream';
import type { TextReader } from './text-stream';

const QUOTE = 34;
const LF = 10;
const CR = 13;

/** One record, or why there is none yet. `end` is where the next record starts. */
export type RecordResult =
  | { kind: 'record'; cells: string[]; end: number; blank: boolean }
  /** More text is needed to know where the record ends. */
  | { kind: 'incomplete' }
  /** A quote opened at `openedAt` is never closed as it should be; reading can go on at `end`, the next line. */
  | { kind: 'broken'; openedAt: number; end: number };

/** Just behind the line that `from` is on; `text.length` when it is the last one. */
function nextLine(text: string, from: number): number {
  for (let i = from; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === LF) return i + 1;
    if (code === CR) return text.charCodeAt(i + 1) === LF ? i + 2 : i + 1;
  }
  return text.length;
}

/** The place behind the closing quote of a field that opens at `open`, or -1 when the text ends first. */
function closingQuote(text: string, open: number): number {
  let at = open + 1;
  for (;;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return -1;
    if (text.charCodeAt(quote + 1) !== QUOTE) return quote + 1;
    at = quote + 2;
  }
}

function isBreak(code: number): boolean {
  return code === LF || code === CR;
}

/**
 * Reads one record from `text` at `start`. `final` says that no text follows.
 * A field such as `"big" news` whose quotes close early is taken as it is written.
 */
export function readRecord(text: string, start: number, delimiter: string, final: boolean): RecordResult {
  const cells: string[] = [];
  const separator = delimiter.charCodeAt(0);
  let at = start;
  for (;;) {
    let from = at;
    let quoted: string | null = null;
    if (text.charCodeAt(at) === QUOTE) {
      const closed = closingQuote(text, at);
      // A quote that is the very last character may be the first half of a doubled one.
      if (closed < 0 || (closed === text.length && !final))
        return final ? { kind: 'broken', openedAt: at, end: nextLine(text, at) } : { kind: 'incomplete' };
      let after = closed;
      while (text.charCodeAt(after) === 32 && separator !== 32) after++;
      const code = text.charCodeAt(after);
      if (after >= text.length && !final) return { kind: 'incomplete' };
      if (after >= text.length || code === separator || isBreak(code)) {
        quoted = text.slice(at + 1, closed - 1).replaceAll('""', '"');
        at = after;
      } else if (countLines(text, at, closed) > 0) {
        return { kind: 'broken', openedAt: at, end: nextLine(text, at) };
      } else {
        at = closed;
      }
    }
    // Beyond any sensible number of cells the rest of the line is one more cell.
    const whole = cells.length >= COLUMN_LIMIT;
    if (quoted === null)
      while (at < text.length) {
        const code = text.charCodeAt(at);
        if ((code === separator && !whole) || isBreak(code)) break;
        at++;
      }
    if (at >= text.length && !final) return { kind: 'incomplete' };
    cells.push(quoted ?? text.slice(from, at));
    if (at < text.length && text.charCodeAt(at) === separator) {
      at++;
      continue;
    }
    const blank = cells.length === 1 && quoted === null && must(cells[0]).trim() === '';
    if (at >= text.length) return { kind: 'record', cells, end: at, blank };
    if (text.charCodeAt(at) === CR) {
      if (at + 1 >= text.length && !final) return { kind: 'incomplete' };
      from = text.charCodeAt(at + 1) === LF ? at + 2 : at + 1;
    } else from = at + 1;
    return { kind: 'record', cells, end: from, blank };
  }
}

/** Text that may be read a second time because of broken quotes, before reading is given up. */
const RESCAN_LIMIT = 4 * RECORD_LIMIT;

/** Names for the columns: trimmed, never empty, never twice. */
export function columnNames(header: readonly string[]): string[] {
  const used = new Set<string>();
  return header.map((cell, i) => {
    const base = cell.trim() || `column ${i + 1}`;
    let name = base;
    for (let n = 2; used.has(name); n++) name = `${base} (${n})`;
    used.add(name);
    return name;
  });
}

/** A reader of delimited text that hands each record to the sink; rows of another width are marked as ragged. */
export class DelimitedReader implements TextReader {
  private buffer = '';
  private line = 1;
  private columns = 0;
  private rescanned = 0;
  private skipNext: boolean;

  constructor(
    private readonly options: { file: string; delimiter: string; hasHeader: boolean; namesDelimiter?: boolean },
    private readonly sink: RowSink,
  ) {
    this.skipNext = options.namesDelimiter ?? false;
  }

  push(text: string): void {
    // An open record can only end behind a line break or a quote: without one there is nothing to look for again.
    const stillOpen = this.buffer !== '' && !/["\r]$/.test(this.buffer) && !/["\r\n]/.test(text);
    this.buffer += text;
    if (!stillOpen) this.drain(false);
    if (this.buffer.length > RECORD_LIMIT) this.tooLong();
  }

  end(): void {
    this.drain(true);
  }

  private drain(final: boolean): void {
    let at = 0;
    while (at < this.buffer.length) {
      const result = readRecord(this.buffer, at, this.options.delimiter, final);
      if (result.kind === 'incomplete') break;
      if (result.kind === 'broken') this.broken(at, result.openedAt, result.end, final);
      else if (!result.blank && !this.skipNext) this.record(result.cells);
      this.skipNext = false;
      this.line += countLines(this.buffer, at, result.end);
      at = result.end;
    }
    this.buffer = this.buffer.slice(at);
  }

  private record(cells: string[]): void {
    if (this.columns === 0) {
      const names = columnNames(this.options.hasHeader ? cells : cells.map(() => ''));
      for (const name of names) this.sink.column(name);
      this.columns = names.length;
      if (this.options.hasHeader) return;
    }
    while (cells.length > this.columns && cells[cells.length - 1] === '') cells.pop();
    if (cells.length === this.columns) return this.sink.row(cells);
    const message =
      `Line ${this.line} has ${cells.length === 1 ? '1 cell' : `${cells.length} cells`} where ` +
      `${this.columns === 1 ? '1 is' : `${this.columns} are`} expected. A text that contains the delimiter ` +
      'has to be put in quotes.';
    if (cells.length > this.columns) cells.push(cells.splice(this.columns - 1).join(this.options.delimiter));
    this.sink.row(cells, { problem: 'ragged', message });
  }

  private broken(start: number, openedAt: number, end: number, final: boolean): void {
    const line = this.line + countLines(this.buffer, start, openedAt);
    this.rescanned += final ? this.buffer.length - end : 0;
    if (this.columns === 0 || this.rescanned > RESCAN_LIMIT) throw unclosed(this.options.file, line);
    this.sink.row([this.buffer.slice(start, end).trimEnd()], {
      problem: 'malformed',
      message: `A quote that opens on line ${line} is never closed. Reading went on with the next line.`,
    });
  }

  private tooLong(): void {
    const opened = readRecord(this.buffer, 0, this.options.delimiter, true);
    if (opened.kind === 'broken')
      throw unclosed(this.options.file, this.line + countLines(this.buffer, 0, opened.openedAt));
    throw recordTooLong(this.options.file, this.line, 'Check that the file has line breaks between its rows.');
  }
}

function unclosed(file: string, line: number): TabtuneError {
  return new TabtuneError('bad-data', `A quote that opens on line ${line} is never closed.`, {
    place: { file, line },
    fix: 'Close the quote, or double quotes that belong to the text ("").',
  });
}
