/**
 * CSV, TSV and other delimited text: every text that no other format takes. Delimiter and header are found by
 * content.
 */
import { must } from '../../base/assert';
import type { SourceFormat } from '../../domain/dataset';
import { KNOWN_NAMES, isNumeric } from '../columns';
import { DelimitedReader, readRecord } from './delimited';
import type { HeadText, TableFormat } from './format';
import { encodingInWords, readText } from './text-stream';
import type { TextFound } from './text-stream';

export interface Delimited extends TextFound {
  delimiter: string;
  /** Whether the first record names the columns. */
  hasHeader: boolean;
  /** Whether the first line is Excel's `sep=;`, which names the delimiter. */
  namesDelimiter: boolean;
}

const DELIMITER_WORDS: Readonly<Record<string, string>> = {
  ',': 'commas',
  ';': 'semicolons',
  '\t': 'tabs',
  '|': 'vertical bars',
};

export const csv = delimitedFormat('csv', 'a CSV table', ['.csv', 'text/csv']);
export const tsv = delimitedFormat('tsv', 'a tab-separated table', ['.tsv']);

function delimitedFormat(id: 'csv' | 'tsv', name: string, fileTypes: readonly string[]): TableFormat<Delimited> {
  return {
    id,
    name,
    fileTypes,
    detect({ text, whole }) {
      const found = text && detectDelimited(text, whole);
      return found?.format === id ? found : null;
    },
    read(source, sink, found) {
      return readText(source, sink, found, new DelimitedReader({ file: source.name, ...found }, sink));
    },
    words: delimitersInWords,
  };
}

/** Such as "in UTF-8, cells separated by commas; the first row names the columns". */
function delimitersInWords(source: SourceFormat): string {
  const { delimiter, hasHeader } = source;
  const cells = delimiter ? `, cells separated by ${DELIMITER_WORDS[delimiter] ?? `“${delimiter}”`}` : '';
  const header = hasHeader ? 'the first row names the columns' : 'no row names the columns, so they are numbered';
  return `${encodingInWords(source)}${cells}${hasHeader === undefined ? '' : `; ${header}`}`;
}

/** Candidates, the less ambiguous first: a tab or a semicolon is rarer inside texts than a comma. */
const DELIMITERS = ['\t', ';', ',', '|'] as const;
const RECORDS_LOOKED_AT = 200;

/** The first records of a sample as one delimiter reads them, without blank lines. */
function firstRecords(sample: string, delimiter: string, whole: boolean): string[][] {
  const records: string[][] = [];
  for (let at = 0; at < sample.length && records.length < RECORDS_LOOKED_AT;) {
    let result = readRecord(sample, at, delimiter, whole);
    // A sample without a single whole record is judged by what there is.
    if (result.kind === 'incomplete' && records.length === 0) result = readRecord(sample, at, delimiter, true);
    if (result.kind === 'incomplete') break;
    if (result.kind === 'record' && !result.blank) records.push(result.cells);
    at = result.end;
  }
  return records;
}

/** Share of records with the commonest width, lowered when the first record has another width. */
function consistency(records: readonly string[][]): number {
  const widths = new Map<number, number>();
  for (const record of records) widths.set(record.length, (widths.get(record.length) ?? 0) + 1);
  let [width, most] = [1, 0];
  for (const [candidate, count] of widths) if (count > most) [width, most] = [candidate, count];
  if (width < 2 || records.length === 0) return 0;
  const agrees = must(records[0]).length === width;
  return (most / records.length) * (agrees ? 1 : 0.4);
}

/** Share of records that have to agree on their columns before a text file is taken for a table. */
const TABLE_CONSISTENCY = 0.9;

/** Whether the records of a text agree on their columns, with any delimiter. */
export const agreesOnColumns = (sample: string, whole: boolean): boolean =>
  DELIMITERS.some((delimiter) => {
    const records = firstRecords(sample, delimiter, whole);
    return records.length >= 2 && consistency(records) >= TABLE_CONSISTENCY;
  });

/** How a text is read as a table. `whole` says that the sample is all there is. */
export function detectDelimited({ encoding, sample }: HeadText, whole: boolean): Delimited {
  const named = /^sep=([,;\t|])\r?\n/i.exec(sample);
  const { delimiter, records } = named
    ? { delimiter: must(named[1]), records: firstRecords(sample.slice(named[0].length), must(named[1]), whole) }
    : likeliestDelimiter(sample, whole);
  return {
    format: delimiter === '\t' ? 'tsv' : 'csv',
    encoding,
    delimiter,
    hasHeader: detectHeader(records),
    namesDelimiter: named !== null,
    // Numbers with a decimal comma are at home in files whose delimiter is not the comma.
    decimalComma: delimiter === ';' || delimiter === '\t',
  };
}

function likeliestDelimiter(sample: string, whole: boolean): { delimiter: string; records: string[][] } {
  let best = { delimiter: ',', score: 0.3, records: firstRecords(sample, ',', whole) };
  for (const delimiter of DELIMITERS) {
    const records = firstRecords(sample, delimiter, whole);
    const score = consistency(records);
    const header = records[0]?.filter((cell) => KNOWN_NAMES.has(cell.trim().toLowerCase())).length ?? 0;
    const rated = score === 0 ? 0 : score + (header > 0 && must(records[0]).length > 1 ? 0.5 : 0);
    if (rated > best.score + 1e-9) best = { delimiter, score: rated, records };
  }
  return best;
}

/** Whether the first record names the columns rather than being a row itself. */
export function detectHeader(records: readonly string[][]): boolean {
  const [first, ...rest] = records;
  if (!first) return false;
  const names = first.map((cell) => cell.trim());
  if (new Set(names).size < names.length || names.some((name) => name.length > 80 || isNumeric(name))) return false;
  if (names.filter((name) => name === '').length > 1) return false;
  if (names.some((name) => KNOWN_NAMES.has(name.toLowerCase()))) return true;
  if (rest.length === 0) return false;
  let evidence = 0;
  names.forEach((name, column) => {
    const cells = rest.map((record) => record[column] ?? '').filter((cell) => cell !== '');
    if (cells.length === 0) return;
    const mean = cells.reduce((sum, cell) => sum + cell.length, 0) / cells.length;
    if (cells.includes(must(first[column]))) evidence -= 3;
    else if (cells.every(isNumeric)) evidence += 2;
    else if (name.length * 2.5 < mean) evidence += 1;
    else if (name.length > mean) evidence -= 1;
    if (/[.!?]$|\s\S+\s\S+\s/.test(name)) evidence -= 2;
    if (/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(name)) evidence += 0.5;
  });
  return evidence > 0.5;
}
