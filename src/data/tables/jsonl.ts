/** JSON lines: one object a line; a broken line costs one row, not the file. */
import { sinkJson } from './json';
import { RECORD_LIMIT, recordTooLong } from './records';
import type { RecordReader, RecordSink } from './records';

export class JsonLinesReader implements RecordReader {
  private rest = '';
  private line = 1;

  constructor(
    private readonly options: { file: string },
    private readonly sink: RecordSink,
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
    if (line.trim() !== '') sinkJson(this.sink, this.options.file, line, this.line);
  }
}
