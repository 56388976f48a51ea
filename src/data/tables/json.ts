/** JSON read as a stream: an array of objects, or objects one after the other; never the whole file at once. */
import { TabtuneError } from '../base/errors';
import { COLUMN_LIMIT, RECORD_LIMIT, countLines, recordTooLong } from './records';
import type { RecordReader, RecordSink } from './records';

/** A JSON value as a cell: text as it is, null as empty, anything nested as JSON text. */
export function cellOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

/** Hands one JSON text to the sink: an object as a row, everything else as a malformed row. */
export function sinkJson(sink: RecordSink, file: string, text: string, line: number): void {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return sink.row([excerpt(text)], {
      problem: 'malformed',
      message: `The JSON on line ${line} cannot be read: ${reason}.`,
    });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return sink.row([excerpt(text)], {
      problem: 'malformed',
      message: `Line ${line} holds no object such as {"text": "…", "label": "…"}.`,
    });
  const cells: string[] = [];
  // Object.entries lists a key named __proto__ like any other, because JSON.parse makes it an own property.
  for (const [key, entry] of Object.entries(value)) {
    const column = sink.column(key);
    if (column >= COLUMN_LIMIT)
      throw new TabtuneError('bad-data', `The objects have more than ${COLUMN_LIMIT} different keys.`, {
        place: { file, line },
        fix: 'Each object should be one row with the same keys, such as {"text": "…", "label": "…"}.',
      });
    while (cells.length < column) cells.push('');
    cells[column] = cellOf(entry);
  }
  sink.row(cells);
}

/** The beginning of a broken record, enough to recognise it in the table. */
export function excerpt(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > 500 ? `${trimmed.slice(0, 500)}…` : trimmed;
}

function isSpace(code: number): boolean {
  return code === 32 || (code >= 9 && code <= 13);
}

/**
 * Finds the elements of a JSON array (or a run of objects) by their brackets and quotes alone and parses each by
 * itself. `start` is where elements begin: inside the file's outer array, or inside the first array of an outer object.
 */
export class JsonReader implements RecordReader {
  private buffer = '';
  private at = 0;
  private start = -1;
  private depth = 0;
  private inString = false;
  /** The line that `counted` is on. */
  private line = 1;
  private counted = 0;
  private closed = false;
  /** Whether something follows the array's closing bracket. */
  private followed = false;
  private opened: boolean;

  constructor(
    private readonly options: { file: string; layout: 'array' | 'sequence' | 'wrapped' },
    private readonly sink: RecordSink,
  ) {
    this.opened = options.layout === 'sequence';
  }

  push(text: string): void {
    this.buffer += text;
    this.scan();
    let used = this.start >= 0 ? this.start : this.at;
    // A \r at the very end may be the first half of one line break.
    if (used > 0 && used === this.buffer.length && this.buffer.endsWith('\r')) used--;
    this.countTo(used);
    this.buffer = this.buffer.slice(used);
    this.at -= used;
    this.counted = 0;
    if (this.start >= 0) this.start = 0;
    if (this.buffer.length > RECORD_LIMIT)
      throw recordTooLong(this.options.file, this.line, 'A bracket or a quote may not be closed near there.');
  }

  end(): void {
    if (this.start >= 0) {
      if (this.options.layout === 'sequence' && this.depth === 0) return this.finish(this.buffer.length);
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
    } else if (this.options.layout !== 'sequence' && !this.closed) {
      this.sink.warn('The file ends before its closing bracket: it may have been cut off.');
    } else if (this.followed) {
      this.sink.warn('There is more text behind the closing bracket of the list; it was not read.');
    }
  }

  private scan(): void {
    const { buffer } = this;
    for (; this.at < buffer.length && !this.closed; this.at++) {
      const code = buffer.charCodeAt(this.at);
      if (!this.opened) this.opened = code === 91;
      else if (this.inString) this.inside(code);
      else if (this.start < 0) this.between(code);
      else this.element(code);
    }
    if (!this.closed) return;
    // What follows the list inside an outer object belongs to that object.
    this.followed ||= this.options.layout === 'array' && buffer.slice(this.at).trim() !== '';
    this.at = buffer.length;
  }

  /** Between elements: white space, commas, the closing bracket, or the first character of an element. */
  private between(code: number): void {
    if (isSpace(code) || code === 44) return;
    if (code === 93 && this.options.layout !== 'sequence') {
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
      this.closed = code === 93;
    } else if ((code === 125 || code === 93) && --this.depth === 0) this.finish(this.at + 1);
  }

  private inside(code: number): void {
    if (code === 92) this.at++;
    else if (code === 34) this.inString = false;
  }

  private finish(end: number): void {
    this.countTo(this.start);
    sinkJson(this.sink, this.options.file, this.buffer.slice(this.start, end), this.line);
    this.start = -1;
  }

  private countTo(place: number): void {
    this.line += countLines(this.buffer, this.counted, place);
    this.counted = place;
  }
}
