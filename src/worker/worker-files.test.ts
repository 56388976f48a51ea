/** The real handlers asked through the client: several files, folders and archives at once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync, strToU8, unzipSync, zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { memoryStorage } from '../storage/storage';
import { SETTINGS, csv, newClient } from '../testing/session';
import type { WorkerClient } from './link/client';

const dropped = (files: Readonly<Record<string, string | Uint8Array<ArrayBuffer>>>) => ({
  kind: 'files' as const,
  files: Object.entries(files).map(([path, content]) => ({ path, file: new File([content], path) })),
});

async function started(): Promise<WorkerClient> {
  const client = newClient(memoryStorage());
  await client.request('start', SETTINGS);
  return client;
}

const TRAIN = 'text,label\nplay a song,music\nbook a table,food\nwhat a day,weather\n';
const TEST = 'label,text\nfood,lunch please\nmusic,some jazz\n';

describe('several files', () => {
  it('are one data set, split by their names', async () => {
    const client = await started();
    const info = await client.request('openData', dropped({ 'test.csv': TEST, 'train.csv': TRAIN }));
    expect(info).toMatchObject({
      name: 'train.csv and test.csv',
      rows: 5,
      columns: ['text', 'label', 'split'],
      mapping: { task: 'single-label', text: 'text', labels: ['label'], split: 'split' },
      splitRows: { train: 3, validation: 0, test: 2 },
    });
    const { rows } = await client.request('rows', { from: 3, count: 1, filter: 'all' });
    expect(rows[0]?.cells).toEqual(['lunch please', 'food', 'test']);
  });

  it('in folders are texts with their folder as the label', async () => {
    const client = await started();
    const folder = { 'r/food/2.txt': 'two', 'r/food/10.txt': 'ten', 'r/music/1.txt': 'one', 'r/README.md': 'about' };
    const info = await client.request('openData', dropped(folder));
    expect(info).toMatchObject({ name: 'r', rows: 3, columns: ['text', 'label', 'file'] });
    const { rows } = await client.request('rows', { from: 0, count: 3, filter: 'all' });
    expect(rows.map(({ cells }) => cells)).toEqual([
      ['two', 'food', 'food/2.txt'],
      ['ten', 'food', 'food/10.txt'],
      ['one', 'music', 'music/1.txt'],
    ]);
    expect(info.health.warnings.join(' ')).toMatch(/README\.md/);
  });
});

describe('an archive', () => {
  const zip = zipSync({ 'data/train.csv': strToU8(TRAIN), 'data/test.csv': strToU8(TEST), 'data/a.png': strToU8('x') });

  it('is read as the folder that it holds', async () => {
    const client = await started();
    const info = await client.request('openData', dropped({ 'all.zip': zip }));
    expect(info).toMatchObject({ name: 'all.zip', rows: 5, splitRows: { train: 3, validation: 0, test: 2 } });
    expect(info.source.leftOut).toEqual([{ why: 'images', count: 1, names: ['data/a.png'] }]);
  });

  it('of one table is that table, byte by byte', async () => {
    const client = await started();
    const plain = await client.request('openData', { kind: 'text', name: 'train.csv', text: TRAIN });
    const packed = gzipSync(strToU8(TRAIN));
    const info = await client.request('openData', dropped({ 'train.csv.gz': packed }));
    expect(info).toMatchObject({ name: 'train.csv', sha256: plain.sha256, rows: 3 });
  });

  it('that is damaged is named, and what was open stays', async () => {
    const client = await started();
    const before = await client.request('openData', csv(20));
    const packed = gzipSync(strToU8(TRAIN)).slice(0, -6);
    await expect(client.request('openData', dropped({ 'train.csv.gz': packed }))).rejects.toMatchObject({
      code: 'bad-data',
      place: { file: 'train.csv.gz' },
    });
    expect((await client.request('rows', { from: 0, count: 1, filter: 'all' })).total).toBe(before.rows);
  });
});

describe('files as people have them', () => {
  const caseOf = (name: string) => new Uint8Array(readFileSync(join(import.meta.dirname, 'data/cases', name)));
  const reviews = {
    rows: 36,
    usableRows: 36,
    mapping: { task: 'single-label', text: 'text', labels: ['label'], split: null },
    labels: [
      { name: 'food', count: 12 },
      { name: 'music', count: 12 },
      { name: 'sport', count: 12 },
    ],
  };

  it('a folder a class, dropped or packed', async () => {
    const client = await started();
    const folder = unzipSync(caseOf('reviews.zip')) as Record<string, Uint8Array<ArrayBuffer>>;
    const { sha256, ...info } = await client.request('openData', dropped(folder));
    expect(info).toMatchObject({ ...reviews, name: 'reviews' });
    const packed = await client.request('openData', dropped({ 'reviews.zip': caseOf('reviews.zip') }));
    expect(packed).toMatchObject({ ...reviews, name: 'reviews.zip', sha256 });
  });

  it('train.csv and test.csv together', async () => {
    const client = await started();
    const files = dropped({ 'test.csv': caseOf('test.csv'), 'train.csv': caseOf('train.csv') });
    const info = await client.request('openData', files);
    expect(info).toMatchObject({
      name: 'train.csv and test.csv',
      mapping: { split: 'split' },
      splitFromColumn: true,
      source: { parts: [{ file: 'train.csv', rows: info.splitRows.train }, { file: 'test.csv' }] },
    });
    expect(info.splitRows.train + info.splitRows.test).toBe(info.rows);
    expect(info.usableRows).toBe(info.rows);
  });

  it('a table in a zip is that table', async () => {
    const client = await started();
    const info = await client.request('openData', {
      kind: 'file',
      file: new File([caseOf('archive.zip')], 'archive.zip'),
    });
    expect(info).toMatchObject({ name: 'train.csv', usableRows: info.rows, bytes: 1922 });
  });

  it('a row that is left out names its file and its place in it, also after a reload', async () => {
    const storage = memoryStorage();
    const first = newClient(storage);
    await first.request('start', SETTINGS);
    const files = dropped({ 'train.csv': TRAIN, 'test.csv': 'text,label\nfine,food\n,music\n' });
    const { id } = await first.request('openData', files);
    const later = newClient(storage);
    await later.request('start', SETTINGS);
    await later.request('openData', { kind: 'stored', id });
    const { rows } = await later.request('rows', { from: 0, count: 9, filter: 'issues' });
    expect(rows).toMatchObject([{ row: 5, issue: { file: 'test.csv', row: 2, problem: 'empty-text' } }]);
  });

  it('are read again as the person wants them', async () => {
    const client = await started();
    const files = dropped({ 'train.csv': TRAIN, 'test.csv': 'text,label\nfine,food\n' });
    const info = await client.request('openData', files);
    const again = await client.request('readAgain', { hasHeader: false });
    expect(again).toMatchObject({ rows: info.rows + 2, columns: ['column 1', 'column 2', 'split'] });
    const back = await client.request('readAgain', {});
    expect({ ...back, id: info.id }).toEqual(info);
  });
});
