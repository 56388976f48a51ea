/** The formats of tables: a new one is added to the list, and nowhere else. */
import type { SourceFormat } from '../../domain/dataset';
import { csv, tsv } from './csv';
import { fastText } from './fasttext';
import type { TableFormat } from './format';
import { json } from './json';
import { jsonLines } from './jsonl';
import { rasa } from './rasa';
import { plainText } from './text';

/** In the order in which they may take a file. CSV takes every text that is left, so binary formats go first. */
export const TABLE_FORMATS: TableFormat[] = [json, jsonLines, fastText, rasa, plainText, tsv, csv];

/** How a file was read, in a sentence such as "A CSV table in UTF-8, cells separated by commas." */
export function sourceInWords(source: SourceFormat): string {
  const format = TABLE_FORMATS.find(({ id }) => id === source.format);
  // Another version of the app may have read it.
  const words = format
    ? `${format.name} ${format.words(source)}`.trimEnd()
    : `a table in the format “${source.format}”`;
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}.`;
}
