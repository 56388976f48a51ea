/** Finds the format of a table by its content: JSON, JSON lines, or delimited text with its delimiter and header. */
import { must } from '../base/assert';
import type { FileFormat } from '../domain/dataset';
import { readRecord } from './csv';
import { KNOWN_NAMES, isNumeric } from './columns';

/** How JSON rows are laid out: inside an array, one after the other, or in an array inside an outer object. */
export type JsonLayout = 'array' | 'sequence' | 'wrapped';

export interface DetectedFormat {
  format: FileFormat;
  delimiter?: string;
  hasHeader?: boolean;
  /** Whether the first line is Excel's `sep=;`, which names the delimiter. */
  namesDelimiter?: boolean;
  jsonLayout?: JsonLayout;
}

/** Candidates, the less ambiguous first: a tab or a semicolon is rarer inside texts than a comma. */
const DELIMITERS = ['\t', ';', ',', '|'] as const;
const RECORDS_LOOKED_AT = 200;

/** The format of a text by its first characters. `whole` says that `sample` is all there is. */
export function detectFormat(sample: string, whole: boolean): DetectedFormat {
  return detectJson(sample, whole) ?? detectDelimited(sample, whole);
}

/** Share of lines that have to agree on their columns before a text file is taken for a table. */
const TABLE_CONSISTENCY = 0.9;

/**
 * Whether a file of this name holds text to read rather than rows: Markdown that is no JSON, or a text file whose lines
 * do not agree on any columns.
 */
export function isPlainText(sample: string, whole: boolean, file: string): boolean {
  if (!/\.(txt|text|md|markdown)$/i.test(file) || detectJson(sample, whole)) return false;
  if (/\.(md|markdown)$/i.test(file)) return true;
  return DELIMITERS.every((delimiter) => {
    const records = firstRecords(sample, delimiter, whole);
    return records.length < 2 || consistency(records).score < TABLE_CONSISTENCY;
  });
}

function parses(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

function detectJson(sample: string, whole: boolean): DetectedFormat | null {
  const text = sample.trimStart();
  if (text.startsWith('[')) {
    const array = /^\[\s*($|[{[\]"\d-]|true|false|null)/.test(text);
    // `[deleted],spam` and `["a", "b"],x` are delimited text: there the first line goes on behind the bracket.
    const firstLine = must(text.split(/\r?\n/, 1)[0]);
    const cellFirst = /^\[.*\]\s*[,;\t]/.test(firstLine) && !/^\[\s*\[/.test(firstLine) && !/^\[\s*\{/.test(firstLine);
    return array && !cellFirst ? { format: 'json', jsonLayout: 'array' } : null;
  }
  if (!/^\{\s*("|\}|$)/.test(text)) return null;
  const lines = text.split(/\r?\n/);
  if (parses(must(lines[0]))) return { format: 'jsonl' };
  if (/^\{\s*"(?:[^"\\]|\\.)*"\s*:\s*\[\s*\{/.test(text) && !laterLineParses(lines, whole))
    return { format: 'json', jsonLayout: 'wrapped' };
  return laterLineParses(lines, whole) || lines.length === 1
    ? { format: 'jsonl' }
    : { format: 'json', jsonLayout: 'sequence' };
}

/** Whether another whole line is a JSON object, as when only the first line of a JSONL file is broken. */
function laterLineParses(lines: readonly string[], whole: boolean): boolean {
  const complete = whole ? lines : lines.slice(0, -1);
  return complete.slice(1, 20).some((line) => line.startsWith('{') && parses(line));
}

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
function consistency(records: readonly string[][]): { score: number; width: number } {
  const widths = new Map<number, number>();
  for (const record of records) widths.set(record.length, (widths.get(record.length) ?? 0) + 1);
  let [width, most] = [1, 0];
  for (const [candidate, count] of widths) if (count > most) [width, most] = [candidate, count];
  if (width < 2 || records.length === 0) return { score: 0, width: 1 };
  const agrees = must(records[0]).length === width;
  return { score: (most / records.length) * (agrees ? 1 : 0.4), width };
}

function detectDelimited(sample: string, whole: boolean): DetectedFormat {
  const named = /^sep=([,;\t|])\r?\n/i.exec(sample);
  if (named) {
    const delimiter = must(named[1]);
    const hasHeader = detectHeader(firstRecords(sample.slice(named[0].length), delimiter, whole));
    return { format: delimiter === '\t' ? 'tsv' : 'csv', delimiter, hasHeader, namesDelimiter: true };
  }
  let best = { delimiter: ',', score: 0.3, records: firstRecords(sample, ',', whole) };
  for (const delimiter of DELIMITERS) {
    const records = firstRecords(sample, delimiter, whole);
    const { score } = consistency(records);
    const header = records[0]?.filter((cell) => KNOWN_NAMES.has(cell.trim().toLowerCase())).length ?? 0;
    const rated = score === 0 ? 0 : score + (header > 0 && must(records[0]).length > 1 ? 0.5 : 0);
    if (rated > best.score + 1e-9) best = { delimiter, score: rated, records };
  }
  return {
    format: best.delimiter === '\t' ? 'tsv' : 'csv',
    delimiter: best.delimiter,
    hasHeader: detectHeader(best.records),
  };
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
