/**
 * Plain text and Markdown: a row for each paragraph, that is for each run of lines without a blank line between them.
 */
import type { RowSink } from '../records';
import { agreesOnColumns } from './dialect';
import { FILE_TYPES } from './file-types';
import type { TableFormat } from './format';
import { RECORD_LIMIT, encodingInWords, readText, recordTooLong } from './text-stream';
import type { TextFound, TextReader } from './text-stream';

export const plainText: TableFormat<TextFound> = {
  id: 'text',
  name: 'plain text, a row for each paragraph',
  fileTypes: FILE_TYPES.text,
  detect: ({ source, text, whole, wishes }) =>
    text &&
    (/\.(md|markdown)$/i.test(source.name) ||
      (/\.(txt|text)$/i.test(source.name) && !agreesOnColumns(text.sample, whole)))
      ? { format: 'text', encoding: text.encoding, decimalComma: false, wishes }
      : null,
  async read(source, sink, found) {
    const encoding = await readText(source, sink, found, new PlainTextReader({ file: source.name }, sink));
    return encoding && { ...found, encoding };
  },
  words: encodingInWords,
};

export class PlainTextReader implements TextReader {
  private rest = '';
  private lines: string[] = [];
  private characters = 0;
  private line = 1;

  constructor(
    private readonly options: { file: string },
    private readonly sink: RowSink,
  ) {
    sink.column('text');
  }

  push(text: string): void {
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      this.take(this.rest + text.slice(from, at));
      this.rest = '';
      from = at + 1;
    }
    this.rest += text.slice(from);
    if (this.rest.length > RECORD_LIMIT)
      throw recordTooLong(this.options.file, this.line, 'Break the text into lines and paragraphs.');
  }

  end(): void {
    this.take(this.rest);
    this.finish();
  }

  private take(raw: string): void {
    const line = raw.endsWith('\r') ? raw.slice(0, -1) : raw;
    this.line++;
    if (line.trim() === '') return this.finish();
    this.lines.push(line);
    this.characters += line.length + 1;
    if (this.characters > RECORD_LIMIT)
      throw recordTooLong(this.options.file, this.line - this.lines.length, 'Put a blank line between paragraphs.');
  }

  private finish(): void {
    if (this.lines.length > 0) this.sink.row([this.lines.join('\n')]);
    this.lines = [];
    this.characters = 0;
  }
}
