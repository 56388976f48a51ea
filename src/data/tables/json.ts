/** JSON read as a stream: an array of objects, or objects one after the other; never the whole file at once. */
import { must } from '../../base/assert';
import { isObject } from '../../base/json';
import type { RowSink } from '../records';
import type { TableFormat } from './format';
import { RECORD_LIMIT, countLines, encodingInWords, readText, recordTooLong } from './text-stream';
import type { TextFound, TextReader } from './text-stream';

/** How JSON rows are laid out: inside an array, one after the other, or in an array inside an outer object. */
type JsonLayout = 'array' | 'sequence' | 'wrapped';

export const json: TableFormat<TextFound & { layout: JsonLayout }> = {
  id: 'json',
  name: 'a JSON array of objects',
  fileTypes: ['.json', 'application/json'],
  detect({ text, whole }) {
    const layout = text && jsonLayout(text.sample, whole);
    if (!layout || layout === 'lines') return null;
    return { format: 'json', encoding: text.encoding, decimalComma: false, layout };
  },
  read: (source, sink, found) =>
    readText(source, sink, found, new JsonReader({ file: source.name, layout: found.layout }, sink)),
  words: encodingInWords,
};

/** How JSON is laid out, also as one object a line; null for what is no JSON. `whole` says that `sample` is all. */
export function jsonLayout(sample: string, whole: boolean): JsonLayout | 'lines' | null {
  const text = sample.trimStart();
  if (text.startsWith('[')) {
    const array = /^\[\s*($|[{[\]"\d-]|true|false|null)/.test(text);
    // `[deleted],spam` and `["a", "b"],x` are delimited text: there the first line goes on behind the bracket.
    const firstLine = must(text.split(/\r?\n/, 1)[0]);
    const cellFirst = /^\[.*\]\s*[,;\t]/.test(firstLine) && !/^\[\s*\[/.test(firstLine) && !/^\[\s*\{/.test(firstLine);
    return array && !cellFirst ? 'array' : null;
  }
  if (!/^\{\s*("|\}|$)/.test(text)) return null;
  const lines = text.split(/\r?\n/);
  if (parses(must(lines[0])) || laterLineParses(lines, whole)) return 'lines';
  if (/^\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\[\s*\{/.test(text)) return 'wrapped';
  return lines.length === 1 ? 'lines' : 'sequence';
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** Whether another whole line is a JSON object, as when only the first line of a JSONL file is broken. */
function laterLineParses(lines: readonly string[], whole: boolean): boolean {
  const complete = whole ? lines : lines.slice(0, -1);
  return complete.slice(1, 20).some((line) => line.startsWith('{') && parses(line));
}

/** A JSON value as a cell: text as it is, null as empty, anything nested as JSON text. */
export function cellOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return value === null || value === undefined ? '' : JSON.stringify(value);
}

/** Hands one JSON text to the sink: an object as a row, everything else as a malformed row. */
export function sinkJson(sink: RowSink, text: string, line: number): void {
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
  if (!isObject(value))
    return sink.row([excerpt(text)], {
      problem: 'malformed',
      message: `Line ${line} holds no object such as {"text": "…", "label": "…"}.`,
    });
  const cells: string[] = [];
  // Object.entries lists a key named __proto__ like any other, because JSON.parse makes it an own property.
  for (const [key, entry] of Object.entries(value)) {
    const column = sink.column(key);
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
export class JsonReader implements TextReader {
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
    private readonly options: { file: string; layout: JsonLayout },
    private readonly sink: RowSink,
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
    sinkJson(this.sink, this.buffer.slice(this.start, end), this.line);
    this.start = -1;
  }

  private countTo(place: number): void {
    this.line += countLines(this.buffer, this.counted, place);
    this.counted = place;
  }
}
