/** Delimited text (CSV, TSV, `;`) read as a stream: each record goes to the sink, and what is odd is counted. */
import { must } from '../../base/assert';
import { TabtuneError } from '../../base/errors';
import { isNumeric } from '../columns';
import type { RowSink } from '../records';
import { columnNames, isComment, visibleName } from './header';
import { nextLine, readRecord } from './record';
import type { Dialect } from './record';
import { RECORD_LIMIT, countLines, recordTooLong } from './text-stream';
import type { TextReader } from './text-stream';

/** How delimited text is read. What is not given is as in RFC 4180. */
export interface DelimitedOptions extends Partial<Omit<Dialect, 'delimiter'>> {
  delimiter: string;
  hasHeader: boolean;
  /** The line, from 1, where the table begins. */
  firstLine?: number;
  /** Whether the line above the table is Excel's `sep=;`. */
  namesDelimiter?: boolean;
  /** Whether the header lacks a name for the first column. */
  rowNames?: boolean;
  comment?: string;
  /** Whether the person named the sign of comments; else only lines of another width are taken for such. */
  commentAsked?: boolean;
}

/** What speaks against a reading. */
export interface Doubts {
  rows: number;
  /** Lines that made no row, or made one of a wrong number of cells. */
  lost: number;
  /** Lines inside a cell that look like rows of their own. */
  swallowed: number;
  /** Quotes where the reading has no use for them, and cells in quotes that are kept as text. */
  misplaced: number;
  wrapped: number;
  /** Cells that could not have been written without their quotes. */
  needed: number;
}

/** Text that may be read a second time because of broken quotes, before reading is given up. */
const RESCAN_LIMIT = 4 * RECORD_LIMIT;
/** Rows whose cells are kept to tell whether a line inside a cell looks like a row. */
const KNOWN_ROWS = 500;
/** Lines of one cell that are looked at for that. */
const INNER_LINES = 50;

const list = (items: readonly string[]): string =>
  `${items.slice(0, 5).join(', ')}${items.length > 5 ? ` and ${items.length - 5} more` : ''}`;
const times = (count: number): string => (count === 1 ? 'once' : `${count.toLocaleString('en')} times`);

/** A reader of delimited text; rows of another width are marked as ragged. */
export class DelimitedReader implements TextReader {
  readonly doubts: Doubts = { rows: 0, lost: 0, swallowed: 0, misplaced: 0, wrapped: 0, needed: 0 };
  private buffer = '';
  private line = 1;
  private columns = 0;
  private header: readonly string[] | null = null;
  private rescanned = 0;
  private readonly dialect: Dialect;
  private readonly above: string[] = [];
  private readonly counts = { comments: 0, headers: 0, short: 0 };
  private readonly seen: Set<string>[] = [];

  constructor(
    private readonly options: DelimitedOptions & { file: string },
    private readonly sink: RowSink,
  ) {
    const { delimiter, quoting = 'quotes', skipSpace = false } = options;
    this.dialect = { delimiter, quoting, skipSpace };
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
    for (const sentence of this.words()) this.sink.warn(sentence);
  }

  private drain(final: boolean): void {
    let at = this.skipAbove(final);
    while (at < this.buffer.length && this.line >= (this.options.firstLine ?? 1)) {
      const result = readRecord(this.buffer, at, this.dialect, final);
      if (result.kind === 'incomplete') break;
      if (result.kind === 'broken') this.broken(at, result.openedAt, result.end, final);
      else if (!result.blank) {
        this.doubts.misplaced += result.misplaced;
        this.doubts.wrapped += result.wrapped;
        this.doubts.needed += result.needed;
        this.record(result.cells, at, result.end);
      }
      this.line += countLines(this.buffer, at, result.end);
      at = result.end;
    }
    this.buffer = this.buffer.slice(at);
  }

  /** Passes over the lines above the table; returns where the rest begins. */
  private skipAbove(final: boolean): number {
    let at = 0;
    while (this.line < (this.options.firstLine ?? 1) && at < this.buffer.length) {
      const end = nextLine(this.buffer, at);
      const broken = /[\r\n]/.test(this.buffer[end - 1] ?? '');
      if (!final && (!broken || (end === this.buffer.length && this.buffer.endsWith('\r')))) break;
      const text = this.buffer.slice(at, end).trim();
      if (text !== '' && !(this.options.namesDelimiter && this.line === 1)) this.above.push(text.slice(0, 60));
      this.line++;
      at = end;
    }
    return at;
  }

  private record(cells: string[], start: number, end: number): void {
    const { comment = '', commentAsked } = this.options;
    if (comment && (commentAsked ? must(cells[0]).startsWith(comment) : isComment(cells, comment, this.columns))) {
      this.counts.comments++;
      return;
    }
    if (this.columns === 0 && this.begin(cells)) return;
    while (cells.length > this.columns && cells[cells.length - 1] === '') cells.pop();
    const lines = countLines(this.buffer, start, end);
    if (this.header && lines <= 1 && cells.length > 1 && this.repeatsHeader(cells)) {
      this.counts.headers++;
      return;
    }
    if (lines > 1) this.doubts.swallowed += this.swallowed(this.buffer.slice(start, end));
    else if (this.doubts.rows < KNOWN_ROWS) this.remember(cells);
    this.doubts.rows++;
    // Empty cells at the end may be left out, as pandas takes it; a lone cell is rather a text that was broken.
    if (cells.length < this.columns && cells.length > 1) this.counts.short++;
    else if (cells.length !== this.columns) return this.ragged(cells, lines);
    this.sink.row(cells);
  }

  /** Takes the first record; whether it was the header. */
  private begin(cells: string[]): boolean {
    const { hasHeader, rowNames } = this.options;
    const names = hasHeader ? (rowNames ? ['', ...cells] : cells) : cells.map(() => '');
    for (const name of columnNames(names)) this.sink.column(name);
    this.columns = names.length;
    if (hasHeader) this.header = names;
    return hasHeader;
  }

  private repeatsHeader(cells: readonly string[]): boolean {
    const { header } = this;
    return header !== null && cells.length === header.length && cells.every((cell, i) => cell === header[i]);
  }

  private remember(cells: readonly string[]): void {
    cells.forEach((cell, i) => {
      if (cell !== '' && cell.length <= 64) (this.seen[i] ??= new Set()).add(cell);
    });
  }

  /** Lines inside the cells of one record that look like rows: each has as many cells, and one that is known. */
  private swallowed(text: string): number {
    const lines = text.split(/\r\n|\n|\r/).filter((line) => line !== '');
    const plain: Dialect = { ...this.dialect, quoting: 'none' };
    const likeRows = lines.slice(0, INNER_LINES).every((line) => {
      const record = readRecord(line, 0, plain, true);
      return record.kind === 'record' && record.cells.length === this.columns && record.cells.some(this.isFamiliar);
    });
    return likeRows && this.columns > 1 ? lines.length - 1 : 0;
  }

  private readonly isFamiliar = (cell: string, column: number): boolean => {
    const seen = this.seen[column];
    if (!seen || cell === '') return false;
    return seen.has(cell) || (isNumeric(cell) && [...seen].every(isNumeric));
  };

  private ragged(cells: string[], lines: number): void {
    this.doubts.lost += Math.max(1, lines);
    const message =
      `Line ${this.line} has ${cells.length === 1 ? '1 cell' : `${cells.length} cells`} where ` +
      `${this.columns === 1 ? '1 is' : `${this.columns} are`} expected. A text that contains the delimiter ` +
      'has to be put in quotes.';
    if (cells.length > this.columns) cells.push(cells.splice(this.columns - 1).join(this.dialect.delimiter));
    this.sink.row(cells, { problem: 'ragged', message });
  }

  private broken(start: number, openedAt: number, end: number, final: boolean): void {
    const line = this.line + countLines(this.buffer, start, openedAt);
    this.rescanned += final ? this.buffer.length - end : 0;
    if (this.columns === 0 || this.rescanned > RESCAN_LIMIT) throw unclosed(this.options.file, line);
    this.doubts.lost++;
    this.sink.row([this.buffer.slice(start, end).trimEnd()], {
      problem: 'malformed',
      message: `A quote that opens on line ${line} is never closed. Reading went on with the next line.`,
    });
  }

  private tooLong(): void {
    const opened = readRecord(this.buffer, 0, this.dialect, true);
    if (opened.kind === 'broken')
      throw unclosed(this.options.file, this.line + countLines(this.buffer, 0, opened.openedAt));
    throw recordTooLong(this.options.file, this.line, 'Check that the file has line breaks between its rows.');
  }

  /** What the person should know of it, in sentences. */
  private words(): string[] {
    const { above, counts, header } = this;
    const out: string[] = [];
    if (above.length > 0)
      out.push(
        `${above.length === 1 ? 'A line above the table was' : `${above.length} lines above the table were`} ` +
          `left out: “${list(above)}”.`,
      );
    if (counts.comments > 0)
      out.push(
        `${counts.comments.toLocaleString('en')} ${counts.comments === 1 ? 'line that begins' : 'lines that begin'} ` +
          `with “${this.options.comment}” ${counts.comments === 1 ? 'was' : 'were'} taken for comments and left out.`,
      );
    if (counts.headers > 0)
      out.push(`The row of column names came again ${times(counts.headers)} inside the file, and was left out there.`);
    if (counts.short > 0)
      out.push(
        `${counts.short.toLocaleString('en')} ${counts.short === 1 ? 'row has' : 'rows have'} fewer cells than there ` +
          'are columns; the missing ones are taken as empty.',
      );
    if (header) out.push(...renamed(header));
    return out;
  }
}

/** Which names were changed, in sentences. */
function renamed(header: readonly string[]): string[] {
  const names = columnNames(header);
  const twice = names.filter((name, i) => header[i]?.trim() !== '' && name !== visibleName(must(header[i])));
  const unnamed = names.filter((_, i) => visibleName(must(header[i])) === '');
  return [
    ...(twice.length > 0 ? [`Some columns have the same name; they are called ${list(twice)} here.`] : []),
    ...(unnamed.length > 0 ? [`Columns without a name are called ${list(unnamed)} here.`] : []),
  ];
}

function unclosed(file: string, line: number): TabtuneError {
  return new TabtuneError('bad-data', `A quote that opens on line ${line} is never closed.`, {
    place: { file, line },
    fix: 'Close the quote, or double quotes that belong to the text ("").',
  });
}
