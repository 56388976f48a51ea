/**
 * JSON: rows in lists or one after the other, which are read as they stream by, and tables by columns as pandas writes
 * them, which are held in memory.
 */
import type { ByteSource } from '../../base/bytes';
import { isObject } from '../../base/json';
import type { SourceFormat, TextEncodingName } from '../../domain/dataset';
import { StreamDecoder } from './decode';
import { FILE_TYPES } from './file-types';
import type { FileHead, TableFormat } from './format';
import { documentLayout } from './json-layout';
import type { DocumentLayout, RowList } from './json-layout';
import { Outline, laterLineParses } from './json-outline';
import { JsonReader } from './json-reader';
import { readWholeTable } from './json-table';
import { parses } from './json-values';
import { encodingInWords, readText } from './text-stream';
import type { TextFound } from './text-stream';

/** How JSON lies in a file: objects one after the other, or a document. */
export type JsonLayout = { layout: 'sequence' } | DocumentLayout;

type JsonFound = TextFound & JsonLayout;

export const json: TableFormat<JsonFound> = {
  id: 'json',
  name: 'JSON',
  fileTypes: FILE_TYPES.json,
  async detect(head) {
    const layout = await jsonLayout(head);
    if (!head.text || layout === null || layout === 'lines') return null;
    return { format: 'json', encoding: head.text.encoding, decimalComma: false, ...layout, wishes: head.wishes };
  },
  async read(source, sink, found) {
    if (found.layout === 'whole') {
      await readWholeTable(source, sink, found);
      return null;
    }
    if (found.layout === 'lists' && found.others.length > 0)
      sink.warn(`The file holds other lists, which were not read: ${found.others.slice(0, 5).join(', ')}.`);
    const encoding = await readText(source, sink, found, new JsonReader({ file: source.name, ...found }, sink));
    return encoding && { ...found, encoding };
  },
  words: (source) => `${layoutInWords(source)}${encodingInWords(source)}`,
};

/** Such as "as a table by columns, "; nothing for what an earlier version read. */
function layoutInWords(source: SourceFormat): string {
  const { layout, lists, column } = source;
  if (layout === 'sequence') return 'as objects one after the other, ';
  if (layout === 'whole') return 'as a table by columns or named rows, ';
  const names = Array.isArray(lists) ? lists.filter(isObject).map(({ name }) => String(name)) : [];
  if (names.length === 0) return '';
  if (names.length === 1) return names[0] === '' ? 'as an array of objects, ' : `as a list of rows in “${names[0]}”, `;
  return `as ${names.length} lists of rows (${names.slice(0, 4).join(', ')}), named in “${String(column)}”, `;
}

const PIECE_BYTES = 1 << 20;

/** Takes the outline of the first value of a file, as far as it goes. */
async function outlineOf(source: ByteSource, encoding: TextEncodingName): Promise<Outline> {
  const outline = new Outline(source.name);
  const decoder = new StreamDecoder(encoding);
  for (let at = 0; at < source.size && !outline.followed;) {
    const bytes = await source.read(at, Math.min(at + PIECE_BYTES, source.size));
    outline.push(decoder.push(bytes));
    at += bytes.length;
  }
  return outline;
}

/**
 * How JSON is laid out, also as one value a line; null for what is no JSON. Where the first value goes on behind the
 * head of the file, the file is gone through to its end.
 */
export async function jsonLayout({ text: head, whole, source }: FileHead): Promise<JsonLayout | 'lines' | null> {
  if (!head) return null;
  const text = head.sample.trimStart();
  // What Python prints of a dict, one a line.
  if (/^\{\s*'[^']*'\s*:.*\}\s*$/.test(firstLine(text))) return 'lines';
  if (text.startsWith('[') ? !isArray(text) : !/^\{\s*("|\}|$)/.test(text)) return null;
  let outline = new Outline(source.name);
  outline.push(head.sample);
  if (text.startsWith('[')) return arrayLayout(text, outline);
  if (!outline.followed && !whole) outline = await outlineOf(source, head.encoding);
  const { root, ended, followed } = outline;
  if (ended && followed) {
    // One object a line, or objects in any other way one after the other.
    const line = firstLine(text);
    return parses(line) || (line.length >= text.length && !whole && startsLine(head.sample, outline))
      ? 'lines'
      : laterLineParses(head.sample, whole)
        ? 'lines'
        : { layout: 'sequence' };
  }
  if (!ended && laterLineParses(head.sample, whole)) return 'lines';
  const table = root && documentLayout(root);
  // One row with lists looks like a table by columns or under keys: the name of the file decides.
  const wraps = table?.layout === 'lists' && table.column !== 'key';
  if (table && !wraps && /\.(jsonl|ndjson)$/i.test(source.name) && parses(text.trim())) return 'lines';
  return table ?? (/[\r\n]/.test(text.trim()) ? { layout: 'sequence' } : 'lines');
}

const firstLine = (text: string): string => text.split(/\r\n|\n|\r/, 1)[0] ?? '';

/** Whether the first object, which is longer than the sample, has no line break in it, as far as can be seen. */
const startsLine = (sample: string, outline: Outline): boolean => outline.end > sample.length;

/** `[deleted],spam` and `["a", "b"],x` are delimited text: there the first line goes on behind the bracket. */
function isArray(text: string): boolean {
  if (!/^\[\s*($|[{[\]"\d-]|true|false|null|NaN)/.test(text)) return false;
  const line = firstLine(text);
  return !(/^\[.*\]\s*[,;\t]/.test(line) && !/^\[\s*[[{]/.test(line));
}

function arrayLayout(text: string, { ended, followed, root }: Outline): JsonLayout | 'lines' {
  // A list a line, as in `["a text", "a label"]`.
  if (ended && followed && parses(firstLine(text)) && !root?.items.has('object')) return 'lines';
  const list: RowList = { at: root?.at ?? 0, name: '' };
  return { layout: 'lists', lists: [list], column: null, others: [] };
}
