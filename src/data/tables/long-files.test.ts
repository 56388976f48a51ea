/** Files that go on behind what is looked at first: what comes later may contradict it, and is then read anew. */
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../base/bytes';
import { memoryStores, open, openingError, rowLessons } from '../../testing/data';
import { Dataset } from '../dataset';
import { NO_ROWS } from './dialect';
import { readWholeTable } from './json-table';

const labels = ['food', 'sport', 'music'];
const lines = (count: number, line: (i: number) => string): string =>
  Array.from({ length: count }, (_, i) => line(i)).join('\n');
const plain = (i: number): string => `Note ${i}: the soup and the bread were fine today\t${labels[i % 3]}`;

describe('quotes that are text first come far into a long TSV', () => {
  const texts = (i: number): string => (i > 9000 && i % 50 === 0 ? `"${plain(i)}` : plain(i));

  it('no line is swallowed, and it is said that quotes are text', async () => {
    const dataset = await open(`text\tlabel\n${lines(10_000, texts)}\n`, 'long.tsv');
    expect(dataset.info).toMatchObject({ rows: 10_000, columns: ['text', 'label'], source: { quoting: 'none' } });
    expect(dataset.rows(9050, 1, 'all').rows[0]?.cells).toEqual(texts(9050).split('\t'));
    expect(dataset.rows(0, 1, 'issues').total).toBe(0);
    expect(dataset.info.sourceInWords).toContain('quotes are text');
    // What the first reading had delivered is gone.
    expect(dataset.info.labels.map(({ count }) => count).reduce((a, b) => a + b)).toBe(10_000);
  });

  it('but what the person asked for is done, and its cost is shown', async () => {
    const bytes = new TextEncoder().encode(`text\tlabel\n${lines(10_000, texts)}\n`);
    const options = { durable: false, wishes: { quoting: 'quotes' as const } };
    const { info } = await Dataset.import(bytesSource('long.tsv', bytes), 'id', memoryStores(), rowLessons, options);
    expect(info.source.quoting).toBe('quotes');
    expect(info.issues.total).toBeGreaterThan(10);
  });
});

it('backslashes before quotes first come far into a long CSV', async () => {
  const line = (i: number): string =>
    `"Note ${i}, ${i > 9000 ? 'he said \\"hi, you\\" again' : 'as ever'}",${labels[i % 3]}`;
  const dataset = await open(`text,label\n${lines(10_000, line)}\n`);
  expect(dataset.info).toMatchObject({ rows: 10_000, usableRows: 10_000, source: { quoting: 'backslash' } });
  expect(dataset.rows(9999, 1, 'all').rows[0]?.cells).toEqual(['Note 9999, he said "hi, you" again', 'food']);
});

it('a CSV that is right is kept, however odd its texts are', async () => {
  const line = (i: number): string =>
    `"Dear ${i},\nthank you, bye",${labels[i % 3]}${i % 1000 === 999 ? ',too,many' : ''}`;
  const dataset = await open(`text,label\n${lines(10_000, line)}\n`);
  expect(dataset.info).toMatchObject({ rows: 10_000, usableRows: 9990, source: { quoting: 'quotes' } });
});

it('objects that do not keep to lines first come far into a JSONL file', async () => {
  const row = (i: number): object => ({ text: `note ${i}`, label: labels[i % 3] });
  const text = lines(10_000, (i) => JSON.stringify(row(i), null, i > 9000 ? 1 : 0));
  const dataset = await open(text, 'rows.jsonl');
  expect(dataset.info).toMatchObject({ rows: 10_000, usableRows: 10_000 });
  expect(dataset.rows(9999, 1, 'all').rows[0]?.cells).toEqual(['note 9999', 'food']);
});

describe('long JSON documents', () => {
  const rows = Array.from({ length: 10_000 }, (_, i) => ({ text: `note ${i} about soup`, label: labels[i % 3] }));

  it.each([
    ['splits', { train: rows.slice(0, 9000), test: rows.slice(9000) }, ['text', 'label', 'split']],
    ['a list behind others', { info: { licence: 'x' }, ids: rows.map((_, i) => i), data: rows }, ['text', 'label']],
    ['columns', { text: rows.map(({ text }) => text), label: rows.map(({ label }) => label) }, ['text', 'label']],
    ['named rows', Object.fromEntries(rows.map((row, i) => [`r${i}`, row])), ['text', 'label']],
  ])('%s give all rows', async (_name, value, columns) => {
    const dataset = await open(JSON.stringify(value), 'long.json');
    expect(dataset.info).toMatchObject({ rows: 10_000, columns });
    expect(dataset.rows(9999, 1, 'all').rows[0]?.cells.slice(0, 2)).toEqual(['note 9999 about soup', 'food']);
  });

  it('that are tables by columns have a bound, and it is said what to do', async () => {
    const source = { ...bytesSource('wide.json', new Uint8Array(0)), size: 2 ** 28 };
    const found = { format: 'json', decimalComma: false, encoding: 'utf-8' as const, orientation: 'columns' as const };
    await expect(readWholeTable(source, { ...NO_ROWS, progress: async () => undefined }, found)).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('more than 128 MB'),
      fix: expect.stringContaining('lines=True'),
    });
  });
});

it('brackets within brackets without end are refused soon', async () => {
  const error = await openingError('{"a":'.repeat(5000), 'deep.json');
  expect(error).toMatchObject({ code: 'bad-data', message: expect.stringContaining('brackets within each other') });
});
