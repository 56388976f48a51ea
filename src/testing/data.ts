/** What the tests of this folder share: data sets opened from text or bytes in memory. */
import { bytesSource, memoryStore } from '../base/bytes';
import { TabtuneError } from '../base/errors';
import type { TextEncodingName } from '../domain/dataset';
import { Dataset } from '../data/dataset';
import type { DatasetStores } from '../data/row-store';

export function memoryStores(): DatasetStores {
  return { rows: memoryStore(), index: memoryStore() };
}

/** Opens bytes or UTF-8 text as a data set in memory. */
export function open(content: string | Uint8Array, name = 'data.csv'): Promise<Dataset> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return Dataset.import(bytesSource(name, bytes), 'test', memoryStores(), { durable: false });
}

/** Opens rows, each an object of its own line. */
export const openRows = (rows: readonly unknown[]): Promise<Dataset> =>
  open(rows.map((row) => JSON.stringify(row)).join('\n'), 'rows.jsonl');

/** The error that an import ends with; fails when it ends well. */
export async function openingError(content: string | Uint8Array, name = 'data.csv'): Promise<TabtuneError> {
  try {
    await open(content, name);
  } catch (error) {
    if (error instanceof TabtuneError) return error;
    throw error;
  }
  throw new Error('the import was expected to fail');
}

/** Text as bytes in one of the encodings that are read. */
export function encode(text: string, encoding: TextEncodingName, mark = true): Uint8Array {
  if (encoding === 'utf-8') return new TextEncoder().encode(text);
  if (encoding === 'utf-8-bom') return new TextEncoder().encode(`\ufeff${text}`);
  const marked = mark ? `\ufeff${text}` : text;
  const out = new DataView(new ArrayBuffer(marked.length * 2));
  for (let i = 0; i < marked.length; i++) out.setUint16(i * 2, marked.charCodeAt(i), encoding === 'utf-16le');
  return new Uint8Array(out.buffer);
}
