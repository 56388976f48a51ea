/** JSON lines: one object a line; a broken line costs one row, not the file. */
import type { RowSink } from '../records';
import type { TableFormat } from './format';
import { jsonLayout, sinkJson } from './json';
import { RECORD_LIMIT, encodingInWords, readText, recordTooLong } from './text-stream';
import type { TextFound, TextReader } from './text-stream';

export const jsonLines: TableFormat<TextFound> = {
  id: 'jsonl',
  name: 'JSON Lines, one object a line',
  fileTypes: ['.jsonl', '.ndjson'],
  detect: ({ text, whole }) =>
    text && jsonLayout(text.sample, whole) === 'lines'
      ? { format: 'jsonl', encoding: text.encoding, decimalComma: false }
      : null,
  read: (source, sink, found) => readText(source, sink, found, new JsonLinesReader({ file: source.name }, sink)),
  words: encodingInWords,
};

export class JsonLinesReader implements TextReader {
  private rest = '';
  private line = 1;

  constructor(
    private readonly options: { file: string },
    private readonly sink: RowSink,
  ) {}

  push(text: string): void {
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      this.take(this.rest + text.slice(from, at));
      this.rest = '';
      from = at + 1;
      this.line++;
    }
    this.rest += text.slice(from);
    if (this.rest.length > RECORD_LIMIT)
      throw recordTooLong(this.options.file, this.line, 'Put each object on a line of its own.');
  }

  end(): void {
    this.take(this.rest);
    this.rest = '';
  }

  private take(line: string): void {
    if (line.trim() !== '') sinkJson(this.sink, line, this.line);
  }
}
