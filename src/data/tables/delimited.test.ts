/**
 * The delimited reader: quoting, line endings, ragged rows, broken quotes; checked against papaparse as an independent
 * reader.
 */
import fc from 'fast-check';
import Papa from 'papaparse';
import { describe, expect, it } from 'vitest';
import { DelimitedReader } from './delimited';
import { columnNames } from './header';
import type { RowTrouble } from '../records';
import { open } from '../../testing/data';

interface Read {
  columns: string[];
  rows: string[][];
  troubles: (RowTrouble & { index: number })[];
}

function read(text: string, size = text.length, delimiter = ',', hasHeader = true): Read {
  const out: Read = { columns: [], rows: [], troubles: [] };
  const reader = new DelimitedReader(
    { file: 'f.csv', delimiter, hasHeader },
    {
      column: (name) => out.columns.push(name) - 1,
      row: (cells, trouble) => {
        if (trouble) out.troubles.push({ index: out.rows.length, ...trouble });
        out.rows.push(cells);
      },
      warn: () => undefined,
    },
  );
  for (let at = 0; at < text.length; at += Math.max(1, size)) reader.push(text.slice(at, at + size));
  reader.end();
  return out;
}

const cell = fc.oneof(
  fc.string(),
  fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', ';', ' ', 'a', 'ü', '😀') }),
);
const table = fc
  .integer({ min: 2, max: 4 })
  .chain((width) => fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 8 }));

describe('round trips', () => {
  it.each([',', ';', '\t', '|'])('of any table written by papaparse with %j, in pieces of any size', (delimiter) => {
    fc.assert(
      fc.property(
        table,
        fc.constantFrom('\n', '\r\n', '\r'),
        fc.integer({ min: 1, max: 50 }),
        (rows, newline, size) => {
          const text = Papa.unparse(rows, { delimiter, newline, quotes: true });
          const { rows: got, troubles } = read(text, size, delimiter, false);
          expect(troubles).toEqual([]);
          expect(got).toEqual(rows);
        },
      ),
      { numRuns: 300 },
    );
  });

  it('of tables that quote only where they must', () => {
    fc.assert(
      fc.property(table, fc.integer({ min: 1, max: 7 }), (rows, size) => {
        const text = Papa.unparse(rows, { newline: '\n' });
        expect(read(text, size, ',', false).rows).toEqual(rows);
      }),
      { numRuns: 300 },
    );
  });

  it('gives the same rows and troubles for any text in pieces of 1 to 7 characters', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', ' ', 'a'), maxLength: 40 }),
        fc.integer({ min: 1, max: 7 }),
        (noise, size) => {
          const text = `a,b\n${noise}`;
          expect(read(text, size)).toEqual(read(text));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('rows that are not as they should be', () => {
  it('reports ragged rows with their line and keeps the others', () => {
    const { rows, troubles } = read('text,label\none,a\ntwo\nthree, with comma,c\n\nfour,d,\n');
    expect(rows).toEqual([['one', 'a'], ['two'], ['three', ' with comma,c'], ['four', 'd']]);
    expect(troubles).toMatchObject([
      { index: 1, problem: 'ragged', message: expect.stringContaining('Line 3 has 1 cell where 2 are expected') },
      { index: 2, problem: 'ragged', message: expect.stringContaining('Line 4 has 3 cells') },
    ]);
  });

  it('loses one row, not the rest, to a quote that is never closed', () => {
    const { rows, troubles } = read('text,label\n"fine",a\n"never closed,b\nnext,c\nlast,d\n');
    expect(rows).toEqual([['fine', 'a'], ['"never closed,b'], ['next', 'c'], ['last', 'd']]);
    expect(troubles).toMatchObject([
      { index: 1, problem: 'malformed', message: expect.stringContaining('opens on line 3') },
    ]);
  });

  it('notices a quote that closes at the next quoted text', () => {
    const { rows, troubles } = read('text,label\n"broken,a\n"good one",b\n"good two",c\n');
    expect(rows).toEqual([['"broken,a'], ['good one', 'b'], ['good two', 'c']]);
    expect(troubles).toMatchObject([{ index: 0, problem: 'malformed' }]);
  });

  it('takes quotes inside a text as they are', () => {
    expect(read('text,label\n"Big" news,a\nsay "hi",b\n5" pipe,c\n').rows).toEqual([
      ['"Big" news', 'a'],
      ['say "hi"', 'b'],
      ['5" pipe', 'c'],
    ]);
  });

  it('counts lines through quoted line breaks', () => {
    expect(read('text,label\r\n"one\r\ntwo\r\nthree",a\r\nlonely\r\n').troubles).toMatchObject([
      { message: expect.stringContaining('Line 5 ') },
    ]);
  });

  it('gives every column a name of its own', () => {
    expect(columnNames([' text ', '', 'text', 'text'])).toEqual(['text', 'column 2', 'text.1', 'text.2']);
  });

  it('refuses a quote in the header that is never closed, where quotes are no text', () => {
    expect(() => read('"text,label\na,b\n')).toThrow(
      expect.objectContaining({ code: 'bad-data', place: { file: 'f.csv', line: 1 } }),
    );
  });

  it('stops at a record of more than 16 million characters inside an open quote', () => {
    const piece = 'all of this is inside the quote\n'.repeat(1 << 15);
    const reader = (): void => void read(`text,label\nok,a\n"open,${piece.repeat(17)}`, 1 << 20);
    expect(reader).toThrow(expect.objectContaining({ code: 'bad-data', place: { file: 'f.csv', line: 3 } }));
  });
});

it('shows row numbers in issues as the table does', async () => {
  const dataset = await open('text,label\none,a\ntwo\nthree,b\nfour,a\n');
  expect(dataset.rows(0, 5, 'issues').rows[0]).toMatchObject({
    row: 2,
    cells: ['two', ''],
    issue: { row: 2, problem: 'ragged' },
  });
});
