/** What tests of data share: data sets opened from text or bytes in memory, and what their rows teach. */
import { bytesSource, memoryStore } from '../base/bytes';
import { TabtuneError } from '../base/errors';
import { Dataset } from '../data/dataset';
import type { DatasetStores } from '../data/row-store';
import type { LanguageExample } from '../domain/conversation';
import type { Mapping, TextEncodingName } from '../domain/dataset';
import type { Example, SplitName } from '../domain/task';
import * as answer from '../lessons/answer/shared';
import * as classify from '../lessons/classify/shared';
import { lessonOf, rowLessons } from '../lessons/index';
import * as prefer from '../lessons/prefer/shared';

export { rowLessons };

export function memoryStores(): DatasetStores {
  return { rows: memoryStore(), index: memoryStore() };
}

/** Opens bytes or UTF-8 text as a data set in memory. */
export function open(content: string | Uint8Array, name = 'data.csv'): Promise<Dataset> {
  const bytes = typeof content === 'string' ? new TextEncoder().encode(content) : content;
  return Dataset.import(bytesSource(name, bytes), 'test', memoryStores(), rowLessons, { durable: false });
}

/** Opens rows, each an object of its own line. */
export const openRows = (rows: readonly unknown[]): Promise<Dataset> =>
  open(rows.map((row) => JSON.stringify(row)).join('\n'), 'rows.jsonl');

/** A mapping with its lesson's own fields. */
export const given = (mapping: Mapping & Readonly<Record<string, unknown>>): Mapping => mapping;

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

type Reader<E> = (row: number, cells: readonly string[]) => E | null;
const nothing: Reader<never> = () => null;

/** Reads rows of a data set that is mapped for labels; of any other, none. */
function labelReader({ info }: Dataset): Reader<Example> {
  const mapping = classify.mappingSchema.safeParse(info.mapping);
  return mapping.success ? classify.exampleReader(mapping.data, info) : nothing;
}

/** Reads rows of a data set that is mapped for writing; of any other, none. */
function writingReader({ info }: Dataset): Reader<LanguageExample> {
  const answers = answer.mappingSchema.safeParse(info.mapping);
  if (answers.success) return answer.exampleReader(answers.data, info);
  const pairs = prefer.mappingSchema.safeParse(info.mapping);
  return pairs.success ? prefer.exampleReader(pairs.data, info) : nothing;
}

function one<E>(dataset: Dataset, row: number, read: Reader<E>): E | null {
  const cells = dataset.cells(row);
  return cells && read(row, cells);
}

const all = <E>(dataset: Dataset, split: SplitName, read: Reader<E>): E[] =>
  [...dataset.cellsOf(split)].flatMap(([row, cells]) => read(row, cells) ?? []);

/** What a row (from 1) teaches a model that gives labels, or null. */
export const exampleOf = (dataset: Dataset, row: number): Example | null => one(dataset, row, labelReader(dataset));
export const examplesOf = (dataset: Dataset, split: SplitName): Example[] => all(dataset, split, labelReader(dataset));
/** What a row (from 1) teaches a model that writes, or null. */
export const conversationOf = (dataset: Dataset, row: number): LanguageExample | null =>
  one(dataset, row, writingReader(dataset));
export const conversationsOf = (dataset: Dataset, split: SplitName): LanguageExample[] =>
  all(dataset, split, writingReader(dataset));

/** What a mapping teaches, in the words of the sample cards. */
export function kindOf(mapping: Mapping): string {
  const labels = classify.mappingSchema.safeParse(mapping);
  return labels.success ? classify.TASK_WORDS[labels.data.task].name : lessonOf(mapping).words.name;
}
