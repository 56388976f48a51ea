/**
 * The seam of formats: a binary format that is read from its end, registered here alone, goes the whole way; what all
 * formats have in common holds for it as well.
 */
import { createHash } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bytesSource } from '../../base/bytes';
import type { ByteSource } from '../../base/bytes';
import type { SourceFormat } from '../../domain/dataset';
import { exampleOf, memoryStores, open, openingError, rowLessons } from '../../testing/data';
import { toyFile, toyTable } from '../../testing/toy-table';
import { Dataset } from '../dataset';
import { TABLE_FORMATS, sourceInWords } from '.';

const rows = Array.from({ length: 40 }, (_, i) => [`Größe ${i} 😀`, i % 4 ? 'often' : 'seldom']);
const file = toyFile(['text', 'label'], rows);

/** Notes every read. */
function watched(bytes: Uint8Array): { source: ByteSource; reads: [number, number][] } {
  const source = bytesSource('rows.toy', bytes);
  const reads: [number, number][] = [];
  return { source: { ...source, read: (from, to) => (reads.push([from, to]), source.read(from, to)) }, reads };
}

describe('a binary format with its index at the end', () => {
  beforeAll(() => void TABLE_FORMATS.unshift(toyTable));
  afterAll(() => void TABLE_FORMATS.splice(TABLE_FORMATS.indexOf(toyTable), 1));

  it('gives rows, mapping, labels and split, and says what was found', async () => {
    const dataset = await open(file, 'rows.toy');
    const { info } = dataset;
    expect(info).toMatchObject({
      name: 'rows.toy',
      bytes: file.length,
      rows: 40,
      usableRows: 40,
      columns: ['text', 'label'],
      source: { format: 'toy', decimalComma: true, records: 40 },
      sourceInWords: 'A toy table of 40 records.',
      mapping: { task: 'single-label', text: 'text', labels: ['label'] },
      splitRows: { train: 32, validation: 4, test: 4 },
      issues: { total: 0 },
    });
    expect(info.labels.map(({ name, count }) => [name, count])).toEqual([
      ['often', 30],
      ['seldom', 10],
    ]);
    expect(dataset.rows(0, 40, 'all').rows.map(({ row, cells }) => [row, ...cells])).toEqual(
      rows.map((cells, i) => [i + 1, ...cells]),
    );
    expect(exampleOf(dataset, 1)).toEqual({ row: 1, text: 'Größe 0 😀', label: 1 });
  });

  it('is read from its end, hashed as it lies in the file, and says how far it is', async () => {
    const big = toyFile(
      ['text', 'label'],
      rows.map(([text, label]) => [`${text} ${'long '.repeat(2000)}`, `${label}`]),
    );
    const { source, reads } = watched(big);
    const progress: number[] = [];
    const { info } = await Dataset.import(source, 'id', memoryStores(), rowLessons, {
      durable: false,
      onProgress: (done, total) => progress.push(done / total),
    });
    expect(info.rows).toBe(40);
    expect(reads.slice(0, 2)).toEqual([
      [0, 1 << 18],
      [big.length - 12, big.length],
    ]);
    expect(info.sha256).toBe(createHash('sha256').update(big).digest('hex'));
    expect(progress).toHaveLength(40);
    expect(progress).toEqual(progress.toSorted((a, b) => a - b));
    expect(progress.at(-1)).toBe(1);
  });

  it('states that its numbers may have a decimal comma', async () => {
    const scores = ['1,5', '-2,25', '0,125'];
    const dataset = await open(
      toyFile(
        ['text', 'score'],
        scores.map((score, i) => [`text ${i}`, score]),
      ),
    );
    expect(dataset.info.mapping).toMatchObject({ task: 'regression' });
    expect([1, 2, 3].map((row) => exampleOf(dataset, row)?.label)).toEqual([1.5, -2.25, 0.125]);
    expect(dataset.info.health.warnings).toContain('The number of records is odd.');
  });

  it('lists rows that are not as they should be', async () => {
    const dataset = await open(toyFile(['text', 'label'], [['a', 'x'], ['lonely'], ['b', 'y']]));
    expect(dataset.rows(0, 9, 'issues').rows).toMatchObject([
      { row: 2, cells: ['lonely', ''], issue: { problem: 'ragged', message: 'Record 2 has 1 cells.' } },
    ]);
  });

  it.each([
    ['no rows', toyFile(['text', 'label'], []), 'No rows could be read: there is only the line of column names'],
    ['broken rows alone', toyFile(['text', 'label'], [['a']]), 'No rows could be read: Record 1 has 1 cells'],
    [
      'more columns than are accepted',
      toyFile(
        Array.from({ length: 4097 }, (_, i) => `c${i}`),
        [],
      ),
      'There are more than 4,096 columns',
    ],
    ['an index that points out of it', file.with(file.length - 13, 0xff), 'The file refers to bytes'],
  ])('a file with %s is refused', async (_name, bytes, message) => {
    const error = await openingError(bytes, 'rows.toy');
    expect(error).toMatchObject({ code: 'bad-data', place: { file: 'rows.toy' } });
    expect(error.message).toContain(message);
    expect(error.fix).toBeTruthy();
  });

  it('can be cancelled in the middle, and a file that ends early is noticed', async () => {
    const controller = new AbortController();
    let last = 0;
    const importing = Dataset.import(bytesSource('rows.toy', file), 'id', memoryStores(), rowLessons, {
      durable: false,
      signal: controller.signal,
      onProgress: (done, total) => {
        last = done / total;
        if (last > 0.5) controller.abort();
      },
    });
    await expect(importing).rejects.toMatchObject({ code: 'cancelled' });
    expect(last).toBeLessThan(0.6);
    const short: ByteSource = { ...bytesSource('rows.toy', file.subarray(0, 100)), size: file.length };
    await expect(Dataset.import(short, 'id', memoryStores(), rowLessons, { durable: false })).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('ended at byte 100'),
    });
  });

  it('opens from its stored rows, also where the format is no longer known', async () => {
    const stores = memoryStores();
    const dataset = await Dataset.import(bytesSource('rows.toy', file), 'id', stores, rowLessons, { durable: true });
    expect((await Dataset.reopen(dataset.state(), stores, rowLessons)).info).toEqual(dataset.info);
    TABLE_FORMATS.splice(TABLE_FORMATS.indexOf(toyTable), 1);
    const later = await Dataset.reopen(dataset.state(), stores, rowLessons).finally(() =>
      TABLE_FORMATS.unshift(toyTable),
    );
    expect(later.info).toEqual({ ...dataset.info, sourceInWords: 'A table in the format “toy”.' });
  });
});

it('without its format a binary file is refused', async () => {
  expect(await openingError(file, 'rows.toy')).toMatchObject({
    code: 'bad-data',
    message: 'This is a binary file, not a table of text.',
  });
});

it.each([
  ['csv', `text,label\n${`${'some words '.repeat(30)},a\n`.repeat(10_000)}`],
  ['jsonl', `{"text":"${'some words '.repeat(30)}","label":"b"}\n`.repeat(10_000)],
])('a text file (%s) is read once, and hashed on the way', async (_format, text) => {
  const { source, reads } = watched(new TextEncoder().encode(text));
  const { info } = await Dataset.import(source, 'id', memoryStores(), rowLessons, { durable: false });
  expect(info.sha256).toBe(createHash('sha256').update(text).digest('hex'));
  // The head, by which the format is found; then each byte once, in order.
  expect(reads[0]).toEqual([0, 1 << 18]);
  const pieces = reads.slice(1);
  expect(pieces.length).toBe(4);
  expect(pieces.map(([from]) => from)).toEqual([0, ...pieces.slice(0, -1).map(([, to]) => to)]);
  expect(pieces.at(-1)?.[1]).toBe(source.size);
});

describe('what was found, in words', () => {
  it.each([
    ['a.csv', 'text,label\na,b\n', 'A CSV table in UTF-8, cells separated by commas; the first row names the columns.'],
    [
      'a.csv',
      '\ufefffirst text here;x\nsecond text here;y\nthird text here;x\n',
      'A CSV table in UTF-8 with a byte-order mark, cells separated by semicolons; no row names the columns, so they ' +
        'are numbered.',
    ],
    [
      'a.tsv',
      'text\tlabel\na\tb\n',
      'A tab-separated table in UTF-8, cells separated by tabs; the first row names the columns.',
    ],
    ['a.json', '[{"text":"a","label":"b"}]', 'JSON as an array of objects, in UTF-8.'],
    ['a.jsonl', '{"text":"a","label":"b"}\n', 'JSON Lines, one object a line in UTF-8.'],
    ['a.md', 'Once upon a time', 'Plain text, a row for each paragraph in UTF-8.'],
  ])('%s %j', async (name, text, words) => {
    expect((await open(text, name)).info.sourceInWords).toBe(words);
  });

  it('every format finds words for what it may have kept, however little that is', () => {
    for (const { id, name } of TABLE_FORMATS) {
      const source: SourceFormat = { format: id, decimalComma: false };
      expect(sourceInWords(source).toLowerCase()).toBe(`${name.toLowerCase()}.`);
    }
    expect(new Set(TABLE_FORMATS.map(({ id }) => id)).size).toBe(TABLE_FORMATS.length);
  });
});
