/** JSON arrays, runs of objects, wrapped arrays and JSON lines, cut anywhere, and what happens to broken ones. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toPlainError } from '../../base/errors';
import { JsonReader } from './json-reader';
import { JsonLinesReader } from './jsonl';
import type { RowSink, RowTrouble } from '../records';
import type { TextReader } from './text-stream';
import { exampleOf, open, openingError } from '../../testing/data';

interface Read {
  rows: Record<string, string>[];
  troubles: (RowTrouble & { index: number })[];
  warnings: string[];
}

function read(make: (sink: RowSink) => TextReader, text: string, size: number): Read {
  const columns: string[] = [];
  const out: Read = { rows: [], troubles: [], warnings: [] };
  const reader = make({
    column: (name) => (columns.includes(name) ? columns.indexOf(name) : columns.push(name) - 1),
    row: (cells, trouble) => {
      if (trouble) out.troubles.push({ index: out.rows.length, ...trouble });
      out.rows.push(Object.fromEntries(cells.map((cell, i) => [columns[i] ?? '', cell])));
    },
    warn: (message) => out.warnings.push(message),
  });
  for (let at = 0; at < text.length; at += size) reader.push(text.slice(at, at + size));
  reader.end();
  return out;
}

const array = (text: string, size = 1 << 20): Read =>
  read(
    (sink) =>
      new JsonReader({ file: 'f', layout: 'lists', lists: [{ at: text.indexOf('['), name: '' }], column: null }, sink),
    text,
    size,
  );
const lines = (text: string, size = 1 << 20): Read =>
  read((sink) => new JsonLinesReader({ file: 'f' }, sink), text, size);

const objects = fc.array(
  fc.record({
    text: fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', '\n', 'ü', '😀', 'a') }),
    label: fc.string(),
  }),
  { minLength: 1, maxLength: 6 },
);

describe('streams cut anywhere', () => {
  it('give the objects of an array, indented or not', () => {
    fc.assert(
      fc.property(
        objects,
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom(undefined, 2, '\t'),
        (rows, size, indent) => {
          expect(array(JSON.stringify(rows, null, indent), size)).toEqual({ rows, troubles: [], warnings: [] });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('give the objects of JSON lines with any line ending', () => {
    fc.assert(
      fc.property(
        objects,
        fc.integer({ min: 1, max: 7 }),
        fc.constantFrom('\n', '\r\n', '\n\n'),
        (rows, size, newline) => {
          expect(lines(rows.map((row) => JSON.stringify(row)).join(newline), size)).toEqual({
            rows,
            troubles: [],
            warnings: [],
          });
        },
      ),
      { numRuns: 300 },
    );
  });

  it('never throw anything but our own errors on any text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: fc.constantFrom('"', '\\', '{', '}', '[', ']', ',', ':', '1', ' ', '\n') }),
        fc.integer({ min: 1, max: 5 }),
        (noise, size) => {
          expect(array(`[${noise}`, size)).toEqual(array(`[${noise}`));
        },
      ),
      { numRuns: 1000 },
    );
  });
});

describe('broken JSON', () => {
  it('costs one row where brackets still match', () => {
    const { rows, troubles } = array(
      '[{"text": "a", "label": "x"},\n {"text": oops},\n 7,\n {"text": "b", "label": "y"}]',
    );
    expect(rows).toHaveLength(4);
    expect(troubles).toMatchObject([
      { index: 1, problem: 'malformed', message: expect.stringContaining('line 2') },
      { index: 2, message: expect.stringContaining('Line 3 holds no object') },
    ]);
  });

  it('says so when the file is cut off inside a record or before the closing bracket', () => {
    expect(array('[{"text": "a"}, {"text": "b')).toMatchObject({
      troubles: [{ index: 1 }],
      warnings: [expect.stringContaining('stopped inside')],
    });
    expect(array('[{"text": "a"},')).toMatchObject({ troubles: [], warnings: [expect.stringContaining('cut off')] });
  });

  it(
    'says so when something follows the closing bracket, but not when it belongs to the object around the ' + 'list',
    () => {
      expect(array('[{"text": "a"}]\n {"text": "lost"}', 3)).toMatchObject({
        rows: [{ text: 'a' }],
        warnings: [expect.stringContaining('not read')],
      });
      expect(array('[{"text": "a"}]\n ')).toMatchObject({ rows: [{ text: 'a' }], warnings: [] });
      const wrapped = read(
        (sink) => new JsonReader({ file: 'f', layout: 'lists', lists: [{ at: 9, name: 'rows' }], column: null }, sink),
        '{"rows": [{"text": "a"}], "n": 1}',
        3,
      );
      expect(wrapped).toMatchObject({ rows: [{ text: 'a' }], warnings: [] });
    },
  );

  it.each([1, 2, 3, 100])('counts a line break of two characters once, in pieces of %i', (size) => {
    expect(array('\r\n[\r\n7,\r\n8]', size).troubles.map(({ message }) => message)).toEqual([
      expect.stringContaining('Line 3 '),
      expect.stringContaining('Line 4 '),
    ]);
  });

  it('costs one row of JSON lines', async () => {
    const dataset = await open(
      '{"text": "a", "label": "x"}\n{"text": "b", "label": \n{"text": "c", "label": "y"}\n',
      'd.jsonl',
    );
    expect(dataset.info).toMatchObject({
      rows: 3,
      usableRows: 2,
      source: { format: 'jsonl' },
      issues: { byProblem: { malformed: 1 } },
    });
    expect(dataset.rows(0, 3, 'issues').rows[0]).toMatchObject({
      row: 2,
      issue: { message: expect.stringContaining('line 2') },
    });
  });

  it.each([
    ['an array of numbers', '[1, 2, 3]'],
    ['an array of strings', '["a", "b"]'],
    ['an empty array', '[]'],
    ['an empty object', '{}'],
    ['an array of arrays', '[["a", "b"], ["c", "d"]]'],
  ])('%s is refused or has nothing to train on', async (_name, text) => {
    const blocker = await open(text, 'd.json').then(
      (dataset) => dataset.info.health.blocker,
      (error: unknown) => toPlainError(error).code,
    );
    expect(blocker).toBeTruthy();
    expect(blocker).not.toBe('internal');
  });
});

describe('layouts', () => {
  const rows = [
    { text: 'one', label: 'a' },
    { text: 'two', label: 'b' },
  ];

  it.each([
    ['an array', JSON.stringify(rows), 'json'],
    ['an indented array', JSON.stringify(rows, null, 2), 'json'],
    ['lines', rows.map((row) => JSON.stringify(row)).join('\n'), 'jsonl'],
    ['one line', JSON.stringify(rows[0]), 'jsonl'],
    ['indented objects one after the other', rows.map((row) => JSON.stringify(row, null, 2)).join('\n'), 'json'],
    ['an array inside an object', `{"data": ${JSON.stringify(rows, null, 1)}, "version": 1}`, 'json'],
  ])('%s is found by content, whatever the name', async (_name, text, format) => {
    const dataset = await open(text, 'data.txt');
    expect(dataset.info.source.format).toBe(format);
    expect(dataset.info.columns).toEqual(['text', 'label']);
    expect(exampleOf(dataset, 1)?.text ?? dataset.rows(0, 1, 'all').rows[0]?.cells[0]).toBe('one');
  });

  it.each([
    ['a row with lists of words', '{"words": ["a", "b"], "tags": ["x", "y"]}', 'lines.jsonl', 1],
    ['the same as a table by columns', '{"words": ["a", "b"], "tags": ["x", "y"]}', 'table.json', 2],
    ['a row of turns', '{"prompt": [{"role": "user"}], "chosen": [{"role": "assistant"}]}', 'lines.jsonl', 1],
    ['the same under another name', '{"prompt": [{"role": "user"}], "chosen": [{"role": "assistant"}]}', 'a.json', 1],
    ['rows in a wrapper', '{"data": [{"text": "a"}, {"text": "b"}]}', 'lines.jsonl', 2],
  ])('one object alone: %s', async (_name, text, name, count) => {
    expect((await open(text, name)).info.rows).toBe(count);
  });

  it('keeps nested values as JSON, null as empty, numbers and booleans as text; columns may come late', async () => {
    const dataset = await open(
      '[{"text":"a","n":1.50,"b":true,"x":null},{"text":"b","n":2,"late":{"k":[1,"é"]}}]',
      'd.json',
    );
    expect(dataset.info.columns).toEqual(['text', 'n', 'b', 'x', 'late']);
    expect(dataset.rows(0, 2, 'all').rows.map((row) => row.cells)).toEqual([
      ['a', '1.5', 'true', '', ''],
      ['b', '2', '', '', '{"k":[1,"é"]}'],
    ]);
  });

  it('refuses an object that is a dictionary rather than a row', async () => {
    const wide = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`key ${i}`, i]));
    expect(await openingError(JSON.stringify([wide]), 'd.json')).toMatchObject({ code: 'bad-data' });
  });
});
