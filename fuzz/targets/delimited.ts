/**
 * CSV and TSV: the same rows wherever the text is cut, and papaparse's rows for every text that it takes without a
 * complaint.
 */
import fc from 'fast-check';
import Papa from 'papaparse';
import { DelimitedReader } from '../../src/data/tables/delimited';
import { agree, fuzzTarget, holds, outcomeOf } from '../target';
import type { Outcome } from '../target';
import { spoiltText } from '../hostile';
import { collect } from './collect';
import type { Collected } from './collect';

const DELIMITERS = [',', ';', '\t', '|'] as const;
type Delimiter = (typeof DELIMITERS)[number];

const pieces = [
  '"',
  '""',
  '"a"',
  ',',
  ';',
  '\t',
  '|',
  '\n',
  '\r',
  '\r\n',
  ' ',
  'a',
  'é',
  '😀',
  '\u0000',
  '\ufeff',
  '\u2028',
];
const cell = fc.oneof(
  fc.string({ unit: fc.constantFrom('a', 'b', ' ', '"', ',', ';', '\t', '|', '\n', '\r', 'é', '😀'), maxLength: 6 }),
  fc.string({ maxLength: 8 }),
);
const table = fc
  .integer({ min: 1, max: 4 })
  .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 6 }));
const text = (delimiter: Delimiter): fc.Arbitrary<string> =>
  fc.oneof(
    spoiltText(
      fc
        .tuple(table, fc.constantFrom('\n' as const, '\r\n' as const), fc.boolean())
        .map(([rows, newline, quotes]) => Papa.unparse(rows, { delimiter, newline, quotes })),
      pieces,
    ),
    fc.string({ unit: fc.constantFrom('"', delimiter, '\n', '\r', ' ', 'a'), maxLength: 40 }),
  );
const input = fc
  .constantFrom(...DELIMITERS)
  .chain((delimiter) =>
    fc.record({ delimiter: fc.constant(delimiter), text: text(delimiter), size: fc.integer({ min: 1, max: 9 }) }),
  );

const read = (whole: string, delimiter: string, size: number): Promise<Outcome<Collected>> =>
  outcomeOf(() =>
    collect((sink) => new DelimitedReader({ file: 'f.csv', delimiter, hasHeader: false }, sink), whole, size),
  );

/**
 * The rows of a text that keeps to RFC 4180 to the letter (quotes only around whole cells), without blank lines; null
 * for all others.
 */
function strictRows(whole: string, delimiter: string): string[][] | null {
  const field = new RegExp(`("(?:[^"]|"")*"|[^"${delimiter}\\r\\n]*)([${delimiter}]|\\r\\n|\\n|\\r|$)`, 'y');
  const rows: string[][] = [];
  let row: string[] = [];
  let blank = true;
  while (field.lastIndex < whole.length || row.length > 0) {
    const [, cell, separator] = field.exec(whole) ?? [];
    if (cell === undefined || separator === undefined) return null;
    blank &&= row.length === 0 && cell.trim() === '';
    row.push(cell.startsWith('"') ? cell.slice(1, -1).replaceAll('""', '"') : cell);
    if (separator === delimiter) {
      blank = false;
      continue;
    }
    if (!blank) rows.push(row);
    row = [];
    blank = true;
  }
  return rows;
}

/**
 * papaparse's rows; it settles for one kind of line ending, so texts that mix them are left out, as are blank lines,
 * which it takes for rows.
 */
function paparows(whole: string, delimiter: string): string[][] | null {
  const newline = whole.includes('\r\n') ? '\r\n' : '\n';
  if (/[\r\n]/.test(whole.replaceAll(newline, '')) || whole.charCodeAt(0) === 0xfeff) return null;
  const { data, errors } = Papa.parse<string[]>(whole, { delimiter, newline });
  return errors.length > 0 || data.some((row) => row.length === 1 && row[0]?.trim() === '') ? null : data;
}

export const delimited = fuzzTarget('CSV and TSV', input, async ({ delimiter, text: whole, size }) => {
  const ours = await read(whole, delimiter, Math.max(1, whole.length));
  agree(await read(whole, delimiter, size), ours, 'the pieces change what is read');
  if (!ours.ok) return false;
  const { rows, troubles } = ours.value;
  holds(
    troubles.every(({ message }) => message.endsWith('.')),
    'a trouble is no sentence',
  );
  const strict = strictRows(whole, delimiter);
  if (strict && troubles.length === 0) agree(rows.map(trimmedEnd), strict.map(trimmedEnd), 'RFC 4180 reads other rows');
  const papa = strict && paparows(whole, delimiter);
  if (papa && troubles.length === 0) agree(rows.map(trimmedEnd), papa.map(trimmedEnd), 'papaparse reads other rows');
  return troubles.length === 0;
});

/** Empty cells at the end of a row count for nothing. */
function trimmedEnd(row: readonly string[]): string[] {
  const kept = [...row];
  while (kept.length > 1 && kept.at(-1) === '') kept.pop();
  return kept;
}
