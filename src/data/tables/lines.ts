/** A text cut anywhere, line by line, with any line ending. */
import { RECORD_LIMIT, recordTooLong } from './text-stream';
import type { TextReader } from './text-stream';

const placeOf = (text: string, sign: string, from: number): number => {
  const at = text.indexOf(sign, from);
  return at < 0 ? Infinity : at;
};

export class LineReader implements TextReader {
  private rest = '';
  private line = 1;

  /** @param take gets each line with its number from 1; the last one too, also when it is empty */
  constructor(
    private readonly file: string,
    private readonly take: (line: string, number: number) => void,
    private readonly done: () => void = () => undefined,
    private readonly fix = 'Check that the file has line breaks between its rows.',
  ) {}

  push(text: string): void {
    const whole = this.rest + text;
    // A \r at the very end may be the first half of one line break.
    const usable = whole.endsWith('\r') ? whole.length - 1 : whole.length;
    const start = Math.max(0, this.rest.length - 1);
    let from = 0;
    let feed = placeOf(whole, '\n', start);
    let carriage = placeOf(whole, '\r', start);
    for (let at = Math.min(feed, carriage); at < usable; at = Math.min(feed, carriage)) {
      this.take(whole.slice(from, at), this.line++);
      from = at + (whole.startsWith('\r\n', at) ? 2 : 1);
      if (feed < from) feed = placeOf(whole, '\n', from);
      if (carriage < from) carriage = placeOf(whole, '\r', from);
    }
    this.rest = whole.slice(from);
    if (this.rest.length > RECORD_LIMIT) throw recordTooLong(this.file, this.line, this.fix);
  }

  end(): void {
    const { rest } = this;
    this.rest = '';
    this.take(rest.endsWith('\r') ? rest.slice(0, -1) : rest, this.line);
    this.done();
  }
}
