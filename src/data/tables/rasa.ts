/**
 * Rasa's training data: intents with their examples, in YAML (`nlu:`) or in its older Markdown (`## intent:greet`),
 * line by line. Of YAML only what Rasa's own files are made of is known; libraries for all of it take minutes over a
 * hostile file of some hundred kilobytes.
 */
import type { RowSink } from '../records';
import { FILE_TYPES } from './file-types';
import type { TableFormat } from './format';
import { LineReader } from './lines';
import { encodingInWords, readText } from './text-stream';
import type { TextFound } from './text-stream';

export const rasa: TableFormat<TextFound> = {
  id: 'rasa',
  name: 'training data of Rasa, a row for each example',
  fileTypes: FILE_TYPES.rasa,
  detect: ({ text, wishes }) =>
    text && isRasa(text.sample) ? { format: 'rasa', encoding: text.encoding, decimalComma: false, wishes } : null,
  async read(source, sink, found) {
    const rows = new RasaRows(sink);
    const reader = new LineReader(
      source.name,
      (line) => rows.line(line),
      () => rows.end(),
    );
    const encoding = await readText(source, sink, found, reader);
    return encoding && { ...found, encoding };
  },
  words: encodingInWords,
};

const isRasa = (sample: string): boolean =>
  (/^nlu:[ \t]*(#.*)?$/m.test(sample) && /^[ \t]*-[ \t]+intent:/m.test(sample)) ||
  (/^##[ \t]*intent:\S/m.test(sample) && /^[-*][ \t]+\S/m.test(sample));

/** A plain value of YAML without the quotes around it. */
const unquoted = (text: string): string => /^(["'])(.*)\1$/.exec(text.trim())?.[2] ?? text.trim();

/** Collects examples; `[Berlin](city)` and `[Berlin]{"entity": "city"}` in a text are read as Berlin. */
class RasaRows {
  private intent: string | null = null;
  /** Whether lines are texts as they stand, as below `examples: |`, or values of YAML. */
  private literal = true;
  /** Whether the next line is a text by itself, as below `- text: |`. */
  private textFollows = false;
  private marked = 0;
  private readonly leftOut = new Map<string, number>();

  constructor(private readonly sink: RowSink) {
    sink.column('text');
    sink.column('intent');
  }

  line(line: string): void {
    const heading = /^(?:##\s*|\s*-\s+)(intent|synonym|regex|lookup|rule|story)\s?:(.*)$/.exec(line);
    const [, kind, name] = heading ?? [];
    if (kind !== undefined) return this.begin(kind, name ?? '');
    if (/^[A-Za-z_]+:/.test(line)) this.intent = null;
    if (this.intent === null) return;
    if (this.textFollows && line.trim() !== '') return this.add(line);
    const examples = /^\s+examples:(.*)$/.exec(line);
    const item = /^\s*[-*]\s(.*)$/.exec(line)?.[1];
    if (examples) this.literal = /^\s*[|>]/.test(examples[1] ?? '');
    else if (item !== undefined) this.item(item);
  }

  end(): void {
    if (this.marked > 0)
      this.sink.warn(
        `${this.marked.toLocaleString('en')} ${this.marked === 1 ? 'text has' : 'texts have'} marks of entities, ` +
          'which were taken out: [Berlin](city) is read as Berlin.',
      );
    if (this.leftOut.size > 0)
      this.sink.warn(
        `What is no intent was not read: ${[...this.leftOut].map(([kind, count]) => `${count} × ${kind}`).join(', ')}.`,
      );
  }

  private begin(kind: string, name: string): void {
    this.intent = kind === 'intent' ? unquoted(name) : null;
    this.literal = true;
    if (kind !== 'intent') this.leftOut.set(kind, (this.leftOut.get(kind) ?? 0) + 1);
  }

  private item(item: string): void {
    const text = this.literal ? null : /^text:(.*)$/.exec(item.trim());
    if (text && /^\s*[|>]/.test(text[1] ?? '')) this.textFollows = true;
    else this.add(this.literal ? item : unquoted(text?.[1] ?? item));
  }

  private add(example: string): void {
    this.textFollows = false;
    const text = example.replace(/\[([^[\]]*)\](?:\([^()]*\)|\{[^{}]*\})/g, '$1').trim();
    if (text !== example.trim()) this.marked++;
    if (text !== '') this.sink.row([text, this.intent ?? '']);
  }
}
