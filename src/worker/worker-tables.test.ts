/** The real handlers asked through the client: tables of formats that are new, and of formats that are gone. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { must } from '../base/assert';
import { TABLE_FORMATS } from '../data/tables';
import type { Storage } from '../storage/storage';
import { memoryStorage } from '../storage/storage';
import { SETTINGS, csv, newClient } from '../testing/session';
import { toyFile, toyTable } from '../testing/toy-table';
import type { WorkerClient } from './link/client';

async function started(storage: Storage): Promise<WorkerClient> {
  const client = newClient(storage);
  await client.request('start', SETTINGS);
  return client;
}

describe('a binary format that only this test knows', () => {
  beforeEach(() => void TABLE_FORMATS.unshift(toyTable));
  afterEach(() => void TABLE_FORMATS.splice(0, TABLE_FORMATS.length, ...TABLE_FORMATS.filter((f) => f !== toyTable)));

  const rows = Array.from({ length: 50 }, (_, i) => [`text ${i}`, i % 5 ? 'common' : 'rare']);
  const file = new File([toyFile(['text', 'label'], rows)], 'rows.toy');

  it('is opened, mapped, split, paged, and there again after a reload', async () => {
    const storage = memoryStorage();
    const client = await started(storage);
    const opened = await client.request('openData', { kind: 'file', file });
    expect(opened).toMatchObject({
      name: 'rows.toy',
      rows: 50,
      usableRows: 50,
      source: { format: 'toy', records: 50 },
      sourceInWords: 'A toy table of 50 records.',
      mapping: { task: 'single-label', text: 'text', labels: ['label'] },
      labels: [
        { name: 'common', count: 40 },
        { name: 'rare', count: 10 },
      ],
      splitRows: { train: 40, validation: 5, test: 5 },
    });
    const info = await client.request('setSplit', { ...opened.split, train: 0.6, validation: 0.2, test: 0.2 });
    expect(info.splitRows).toEqual({ train: 30, validation: 10, test: 10 });
    const page = await client.request('rows', { from: 48, count: 5, filter: 'all' });
    expect(page.rows.map(({ row, cells }) => [row, ...cells])).toEqual([
      [49, 'text 48', 'common'],
      [50, 'text 49', 'common'],
    ]);

    const later = await started(storage);
    expect(await later.request('openData', { kind: 'stored', id: info.id })).toEqual(info);
    expect(await later.request('rows', { from: 48, count: 5, filter: 'all' })).toEqual(page);
  });

  it('can still be opened from storage where the format is gone', async () => {
    const storage = memoryStorage();
    const info = await (await started(storage)).request('openData', { kind: 'file', file });
    TABLE_FORMATS.shift();
    const later = await started(storage);
    expect(await later.request('openData', { kind: 'stored', id: info.id })).toEqual({
      ...info,
      sourceInWords: 'A table in the format “toy”.',
    });
    await expect(later.request('openData', { kind: 'file', file })).rejects.toMatchObject({ code: 'bad-data' });
  });
});

it.each([
  [{ format: 'csv', encoding: 'utf-8', delimiter: ',', hasHeader: true }, false, /^A CSV table in UTF-8, cells/],
  [{ format: 'csv', encoding: 'utf-8', delimiter: ';', hasHeader: false }, true, /semicolons; no row names/],
  [{ format: 'tsv', encoding: 'utf-16le', delimiter: '\t', hasHeader: true }, true, /^A tab-separated table in UTF-16/],
  [{ format: 'json', encoding: 'utf-8-bom' }, false, /^JSON in UTF-8 with/],
  [{ format: 'jsonl', encoding: 'utf-8' }, false, /^JSON Lines/],
  [{ format: 'text', encoding: 'utf-8' }, false, /^Plain text/],
])('a data set that an earlier version kept as %j is opened', async (source, decimalComma, words) => {
  const storage = memoryStorage();
  const info = await (await started(storage)).request('openData', csv(20));
  const record = must(await storage.dataset(info.id));
  await storage.putDataset({ ...record, state: { ...(record.state as object), version: 1, source } });
  expect(await (await started(storage)).request('openData', { kind: 'stored', id: info.id })).toEqual({
    ...info,
    source: { ...source, decimalComma },
    sourceInWords: expect.stringMatching(words),
  });
});

describe('a file that is read again as the person wants it', () => {
  const text = 'Fruit; Note\n1;good apple\n2;bad apple\n1;good pear\n';

  it('gives another table, keeps the wishes, and finds it by content again', async () => {
    const client = await started(memoryStorage());
    const found = await client.request('openData', { kind: 'text', name: 'notes.csv', text });
    expect(found).toMatchObject({ rows: 3, columns: ['Fruit', 'Note'], source: { hasHeader: true, delimiter: ';' } });
    const again = await client.request('readAgain', { hasHeader: false, firstLine: 2 });
    expect(again).toMatchObject({
      rows: 3,
      columns: ['column 1', 'column 2'],
      source: { hasHeader: false, firstLine: 2, wishes: { hasHeader: false, firstLine: 2 } },
    });
    expect(again.health.warnings).toContain('A line above the table was left out: “Fruit; Note”.');
    const third = await client.request('readAgain', { delimiter: ',' });
    expect(third.columns).toEqual(['Fruit; Note']);
    const last = await client.request('readAgain', {});
    expect({ ...last, id: found.id }).toEqual(found);
  });

  it('keeps mapping and split where the columns stay', async () => {
    const client = await started(memoryStorage());
    const latin = new File(
      [Uint8Array.from([...new TextEncoder().encode('text,label\n'), ...[0xc4, 0x2c, 0x78, 10]])],
      'a.csv',
    );
    const opened = await client.request('openData', { kind: 'file', file: latin });
    const split = { ...opened.split, train: 0.6, validation: 0.2, test: 0.2 };
    await client.request('setSplit', split);
    const info = await client.request('readAgain', { encoding: 'windows-1251' });
    expect(info).toMatchObject({ split, mapping: opened.mapping, source: { encoding: 'windows-1251' } });
    const { rows } = await client.request('rows', { from: 0, count: 1, filter: 'all' });
    expect(rows[0]?.cells).toEqual(['Д', 'x']);
  });

  it('has to be given again after a reload', async () => {
    const storage = memoryStorage();
    const info = await (await started(storage)).request('openData', { kind: 'text', name: 'notes.csv', text });
    const later = await started(storage);
    await later.request('openData', { kind: 'stored', id: info.id });
    await expect(later.request('readAgain', { hasHeader: false })).rejects.toMatchObject({ code: 'missing-file' });
    const { total } = await later.request('rows', { from: 0, count: 1, filter: 'all' });
    expect(total).toBe(3);
  });
});
