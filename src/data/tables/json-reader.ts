/** Reads JSON rows from a stream: in lists at known places, or one after the other. */
import { isList, isObject } from '../../base/json';
import { pythonLiteral } from '../../base/python-literal';
import type { RowSink } from '../records';
import { parseSplit } from '../columns';
import type { RowList } from './json-layout';
import { splitPart } from './json-layout';
import { cellOf, entriesOf, excerpt, parseJson } from './json-values';
import { Shaper } from './shapes';
import type { Entries } from './shapes';
import { RECORD_LIMIT, countLines, recordTooLong } from './text-stream';
import type { TextReader } from './text-stream';

/** What every row of a list has beside its own cells. */
export interface Beside {
  column: string;
  value: string;
}

/** Hands JSON texts to a sink: an object as a row, a list as a row of numbered columns, all else as malformed. */
export class JsonRows {
  private readonly shaper = new Shaper();
  /** Rows that were no JSON but what Python prints of a dict. */
  private printed = 0;

  constructor(private readonly sink: RowSink) {}

  /** @param beside what the list that it stands in is called */
  text(text: string, line: number, beside: Beside | null = null): void {
    let value: unknown;
    try {
      value = parseJson(text);
    } catch (error) {
      const printed = /^\s*\{\s*'/.test(text) ? pythonLiteral(text) : undefined;
      if (isObject(printed)) {
        this.printed++;
        return this.row(this.withBeside(this.shaper.shape(entriesOf(printed)), beside));
      }
      const reason = error instanceof Error ? error.message : String(error);
      return this.malformed(text, `The JSON on line ${line} cannot be read: ${reason}.`);
    }
    const entries = this.entries(value, beside !== null);
    if (!entries) return this.malformed(text, `Line ${line} holds no object such as {"text": "…", "label": "…"}.`);
    this.row(this.withBeside(entries, beside));
  }

  private withBeside(entries: Entries, beside: Beside | null): Entries {
    return beside ? [...entries.filter(([key]) => key !== beside.column), [beside.column, beside.value]] : entries;
  }

  row(entries: readonly (readonly [string, unknown])[]): void {
    const cells: string[] = [];
    for (const [key, entry] of entries) {
      const column = this.sink.column(key);
      while (cells.length < column) cells.push('');
      cells[column] = cellOf(entry);
    }
    this.sink.row(cells);
  }

  /** Says what was left out of the rows. */
  end(): void {
    const { printed } = this;
    if (printed > 0)
      this.sink.warn(
        `${printed.toLocaleString('en')} ${printed === 1 ? 'row is' : 'rows are'} written as Python prints them, not ` +
          'as JSON, and were read so.',
      );
    for (const sentence of this.shaper.words()) this.sink.warn(sentence);
  }

  private entries(value: unknown, inNamedList: boolean): Entries | null {
    if (isObject(value)) return this.shaper.shape(entriesOf(value));
    if (isList(value)) return this.shaper.shapeList(value);
    return inNamedList && typeof value === 'string' ? [['value', value]] : null;
  }

  private malformed(text: string, message: string): void {
    this.sink.row([excerpt(text)], { problem: 'malformed', message });
  }
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13) || code === 0xfeff;
}

/** Where the rows are: in lists (their names go to `column`), or nowhere but one after the other. */
export type RowPlaces = { layout: 'lists'; lists: readonly RowList[]; column: string | null } | { layout: 'sequence' };

/**
 * Finds the elements of lists (or a run of objects) by their brackets and quotes alone and parses each by itself.
 */
export class JsonReader implements TextReader {
  private buffer = '';
  private at = 0;
  private start = -1;
  private depth = 0;
  private inString = false;
  /** Characters before the buffer. */
  private before = 0;
  /** The line that `counted` is on. */
  private line = 1;
  private counted = 0;
  /** Lists that were begun, and whether the last of them has ended. */
  private begun = 0;
  private closed = true;
  /** Arrays that followed the first. */
  private arrays = 0;
  /** Whether something follows the closing bracket of a list that is all there is. */
  private followed = false;
  private readonly rows: JsonRows;
  private readonly lists: readonly RowList[];

  constructor(
    private readonly options: RowPlaces & { file: string },
    private readonly sink: RowSink,
  ) {
    this.rows = new JsonRows(sink);
    this.lists = options.layout === 'lists' ? options.lists : [];
    if (options.layout === 'sequence') this.closed = false;
  }

  push(text: string): void {
    this.buffer += text;
    this.scan();
    let used = this.start >= 0 ? this.start : Math.min(this.at, this.buffer.length);
    // A \r at the very end may be the first half of one line break.
    if (used > 0 && used === this.buffer.length && this.buffer.endsWith('\r')) used--;
    this.countTo(used);
    this.buffer = this.buffer.slice(used);
    this.at -= used;
    this.before += used;
    this.counted = 0;
    if (this.start >= 0) this.start = 0;
    if (this.buffer.length > RECORD_LIMIT)
      throw recordTooLong(this.options.file, this.line, 'A bracket or a quote may not be closed near there.');
  }

  end(): void {
    this.cutOff();
    if (this.arrays > 0) this.sink.warn(`${this.arrays + 1} arrays stand one after the other; all were read.`);
    this.rows.end();
  }

  private cutOff(): void {
    const sequence = this.options.layout === 'sequence';
    if (this.start >= 0) {
      if (sequence && this.depth === 0) return this.finish(this.buffer.length);
      const text = this.buffer.slice(this.start);
      this.sink.row([excerpt(text)], {
        problem: 'malformed',
        message:
          `The record that starts on line ${this.line} is never closed: a bracket or a quote is missing, or ` +
          'the file was cut off.',
      });
      this.sink.warn(
        `Reading stopped inside the record that starts on line ${this.line}; what follows it was not read.`,
      );
    } else if (!sequence && !this.closed) {
      this.sink.warn('The file ends before its closing bracket: it may have been cut off.');
    } else if (this.followed) {
      this.sink.warn('There is more text behind the closing bracket of the list; it was not read.');
    }
  }

  private scan(): void {
    const { buffer } = this;
    for (; this.at < buffer.length; this.at++) {
      if (this.closed && !this.toNextList()) break;
      const code = buffer.charCodeAt(this.at);
      if (this.inString) this.inside(code);
      else if (this.start < 0) this.between(code);
      else this.element(code);
    }
  }

  /** Goes to just behind the next list's opening bracket; false when it is not in the buffer. */
  private toNextList(): boolean {
    const next = this.lists[this.begun];
    const { buffer } = this;
    if (!next) {
      // What follows a list inside an object belongs to that object.
      const alone = this.lists.length === 1 && this.lists[0]?.name === '';
      while (alone && !this.followed && this.at < buffer.length && isSpace(buffer.charCodeAt(this.at))) this.at++;
      // Arrays one after the other, as where files were put together, are one table.
      if (alone && !this.followed && buffer[this.at] === '[') return this.another();
      this.followed ||= alone && this.at < buffer.length;
      this.at = buffer.length;
      return false;
    }
    this.at = Math.max(this.at, next.at - this.before + 1);
    if (this.at > buffer.length) return false;
    this.begun++;
    this.closed = false;
    return this.at < buffer.length;
  }

  private another(): boolean {
    this.arrays++;
    this.closed = false;
    return ++this.at < this.buffer.length;
  }

  /** Between elements: white space, commas, the closing bracket, or the first character of an element. */
  private between(code: number): void {
    if (isSpace(code) || code === 44) return;
    if (code === 93 && this.options.layout === 'lists') {
      this.closed = true;
      return;
    }
    this.start = this.at;
    this.depth = 0;
    this.element(code);
  }

  private element(code: number): void {
    if (code === 34) this.inString = true;
    else if (code === 123 || code === 91) this.depth++;
    else if (this.depth === 0 && (code === 44 || code === 93)) {
      this.finish(this.at);
      this.closed = code === 93 && this.options.layout === 'lists';
    } else if ((code === 125 || code === 93) && --this.depth === 0) this.finish(this.at + 1);
  }

  private inside(code: number): void {
    if (code === 92) this.at++;
    else if (code === 34) this.inString = false;
  }

  private finish(end: number): void {
    this.countTo(this.start);
    this.rows.text(this.buffer.slice(this.start, end), this.line, this.beside());
    this.start = -1;
  }

  private beside(): Beside | null {
    if (this.options.layout !== 'lists' || this.options.column === null) return null;
    const name = this.lists[this.begun - 1]?.name ?? '';
    const { column } = this.options;
    return { column, value: column === 'split' ? (parseSplit(splitPart(name)) ?? name) : name };
  }

  private countTo(place: number): void {
    this.line += countLines(this.buffer, this.counted, place);
    this.counted = place;
  }
}
