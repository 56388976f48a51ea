/** Rasa's training data: intents with their examples, in YAML (`nlu:`) or in its older Markdown (`## intent:greet`). */
import { TabtuneError } from '../../base/errors';
import { isObject } from '../../base/json';
import type { RowSink } from '../records';
import { FILE_TYPES } from './file-types';
import type { TableFormat } from './format';
import { encodingInWords, readText } from './text-stream';
import type { TextFound } from './text-stream';

type RasaFound = TextFound & { markup: 'yaml' | 'markdown' };

/** Largest file that is held in memory. */
const WHOLE_LIMIT = 32 << 20;

export const rasa: TableFormat<RasaFound> = {
  id: 'rasa',
  name: 'training data of Rasa, a row for each example',
  fileTypes: FILE_TYPES.rasa,
  detect({ text, wishes }) {
    const markup = text && markupOf(text.sample);
    return markup ? { format: 'rasa', encoding: text.encoding, decimalComma: false, markup, wishes } : null;
  },
  async read(source, sink, found) {
    const place = { file: source.name };
    if (source.size > WHOLE_LIMIT)
      throw new TabtuneError('bad-data', `Training data of Rasa are read up to ${WHOLE_LIMIT >> 20} MB.`, {
        place,
        fix: 'Give it in several files, or as CSV.',
      });
    const parts: string[] = [];
    const reader = { push: (text: string) => void parts.push(text), end: () => undefined };
    const encoding = await readText(source, sink, found, reader);
    if (encoding) return { ...found, encoding };
    const rows = new RasaRows(sink);
    const text = parts.join('');
    if (found.markup === 'markdown') readMarkdown(text, rows);
    else await readYaml(text, rows, source.name);
    rows.end();
    return null;
  },
  words: encodingInWords,
};

function markupOf(sample: string): RasaFound['markup'] | null {
  if (/^nlu:[ \t]*(#.*)?$/m.test(sample) && /^[ \t]*-[ \t]+intent:/m.test(sample)) return 'yaml';
  return /^##[ \t]*intent:\S/m.test(sample) && /^[-*][ \t]+\S/m.test(sample) ? 'markdown' : null;
}

/** Collects examples; `[Berlin](city)` and `[Berlin]{"entity": "city"}` in a text are read as Berlin. */
class RasaRows {
  private marked = 0;
  private readonly leftOut = new Map<string, number>();

  constructor(private readonly sink: RowSink) {
    sink.column('text');
    sink.column('intent');
  }

  add(example: string, intent: string): void {
    const text = example.replace(/\[([^[\]\n]*)\](?:\([^()\n]*\)|\{[^{}\n]*\})/g, '$1').trim();
    if (text !== example.trim()) this.marked++;
    if (text !== '') this.sink.row([text, intent]);
  }

  leave(kind: string): void {
    this.leftOut.set(kind, (this.leftOut.get(kind) ?? 0) + 1);
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
}

/** Throws `bad-data` with the line for what is no YAML. */
async function readYaml(text: string, rows: RasaRows, file: string): Promise<void> {
  const { YAMLParseError, parse } = await import('yaml');
  let document: unknown;
  try {
    document = parse(text, { logLevel: 'error' });
  } catch (cause) {
    const line = cause instanceof YAMLParseError ? cause.linePos?.[0].line : undefined;
    throw new TabtuneError(
      'bad-data',
      `The YAML cannot be read: ${cause instanceof Error ? cause.message : 'it is broken'}`,
      { place: { file, ...(line === undefined ? {} : { line }) }, fix: 'Check how far that line is set in.', cause },
    );
  }
  const nlu = isObject(document) && Array.isArray(document['nlu']) ? (document['nlu'] as unknown[]) : [];
  for (const entry of nlu) {
    if (!isObject(entry)) continue;
    const { intent, examples } = entry;
    if (typeof intent !== 'string') rows.leave(Object.keys(entry)[0] ?? 'nothing');
    else for (const example of examplesOf(examples)) rows.add(example, intent);
  }
}

/** `- hi` a line, or a list of texts or of objects with a text. */
function examplesOf(examples: unknown): string[] {
  if (typeof examples === 'string') return examples.split('\n').map((line) => line.replace(/^\s*-\s?/, ''));
  if (!Array.isArray(examples)) return [];
  const texts = (examples as unknown[]).map((one) => (isObject(one) ? one['text'] : one));
  return texts.filter((text) => typeof text === 'string');
}

function readMarkdown(text: string, rows: RasaRows): void {
  let intent: string | null = null;
  for (const line of text.split(/\r\n|\n|\r/)) {
    const heading = /^##\s*([a-z ]+):(.*)$/.exec(line);
    if (heading) {
      intent = heading[1] === 'intent' ? (heading[2] ?? '').trim() : null;
      if (intent === null) rows.leave(heading[1] ?? 'nothing');
    } else if (intent !== null && /^\s*[-*]\s/.test(line)) rows.add(line.replace(/^\s*[-*]\s/, ''), intent);
  }
}
