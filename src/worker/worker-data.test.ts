/** The real handlers asked through the client: data sets and models. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Dataset } from '../data/dataset';
import { memoryFiles } from '../storage/files';
import { memoryStorage } from '../storage/storage';
import type { Mapping } from '../domain/dataset';
import { keptReaders } from '../lessons/records';
import { tinyModelFiles } from '../testing/model';
import { SETTINGS, config, csv, newClient, prepared } from '../testing/session';

describe('data', () => {
  it('opens, maps, splits and pages, and is there again after a reload', async () => {
    const storage = memoryStorage();
    const first = newClient(storage);
    await first.request('start', SETTINGS);
    const info = await first.request('openData', csv(50));
    expect(info).toMatchObject({
      rows: 50,
      usableRows: 50,
      mapping: { task: 'single-label', text: 'text', labels: ['label'] },
    });
    const split = await first.request('setSplit', { ...info.split, train: 0.6, validation: 0.2, test: 0.2 });
    expect(split.splitRows).toEqual({ train: 30, validation: 10, test: 10 });
    const page = await first.request('rows', { from: 10, count: 5, filter: 'all' });
    expect(page.total).toBe(50);
    expect(page.rows.map((row) => row.row)).toEqual([11, 12, 13, 14, 15]);

    const second = newClient(storage);
    await second.request('start', SETTINGS);
    expect(await second.request('openData', { kind: 'stored', id: info.id })).toEqual(split);
  });

  it('says what is missing when nothing is open', async () => {
    const client = newClient();
    await expect(client.request('rows', { from: 0, count: 1, filter: 'all' })).rejects.toMatchObject({
      code: 'bad-data',
    });
    await expect(client.request('openData', { kind: 'stored', id: 'gone' })).rejects.toMatchObject({
      code: 'not-found',
    });
    await expect(client.request('evaluate', null)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('leaves nothing behind when an import fails or is cancelled', async () => {
    const storage = memoryStorage();
    const client = newClient(storage);
    await client.request('start', SETTINGS);
    await expect(client.request('openData', { kind: 'text', name: 'empty.csv', text: '' })).rejects.toMatchObject({
      code: 'bad-data',
    });
    const abort = new AbortController();
    const pending = client.request('openData', csv(20_000), { signal: abort.signal });
    abort.abort();
    await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
    expect(await storage.usage()).toEqual({ datasets: [], runs: [] });
  });

  it('keeps one copy of a file that is opened twice', async () => {
    const storage = memoryStorage();
    const client = newClient(storage);
    await client.request('start', SETTINGS);
    await client.request('openData', csv(20));
    const again = await client.request('openData', csv(20));
    expect((await storage.datasets()).map((record) => record.id)).toEqual([again.id]);
    expect((await client.request('rows', { from: 0, count: 1, filter: 'all' })).total).toBe(20);
  });
});

describe('the data set of a kept run', () => {
  afterEach(() => vi.restoreAllMocks());

  it('is read once when the run is opened after a reload, also when it was read otherwise meanwhile', async () => {
    const storage = memoryStorage(keptReaders);
    const modelFiles = memoryFiles();
    const { client, data, train } = await prepared(csv(40), newClient(storage, modelFiles));
    const { run } = await train('head', { epochs: 1 });
    // Each reading of all rows goes through here.
    const reads = vi.spyOn(Dataset.prototype, 'setMapping');
    const openAgain = async (): Promise<number> => {
      const again = newClient(storage, modelFiles);
      await again.request('start', SETTINGS);
      const before = reads.mock.calls.length;
      const { dataset } = await again.request('openRun', { id: run.id });
      expect(dataset).toEqual(data);
      await again.request('openRun', { id: run.id });
      return reads.mock.calls.length - before;
    };
    expect(await openAgain()).toBe(1);
    await client.request('setMapping', { ...data.mapping, text: 'label', labels: ['text'] } as Mapping);
    await client.request('setSplit', { ...data.split, seed: 7 });
    expect(await openAgain()).toBe(1);
  });
});

describe('model', () => {
  it('loads a dropped folder and tokenizes with it', async () => {
    const { client } = await prepared(csv(40));
    expect(await client.request('rowSeen', { row: 1, config: config('full', { maxLength: 6 }) })).toMatchObject({
      truncated: true,
      tokens: [{ text: '[CLS]', special: true }, {}, {}, {}, {}, { text: '[SEP]' }],
    });
    const lengths = await client.request('tokenLengths', config('full', { maxLength: 9 }));
    expect(lengths).toMatchObject({ counted: 40, overLong: 0, longest: 9 });
    expect(await client.request('tokenLengths', config('full', { maxLength: 8 }))).toMatchObject({ overLong: 40 });
    expect((await client.request('estimate', config('full'))).steps).toBe(16);
  });

  it('refuses a folder without a config, and keeps the model that was there', async () => {
    const { client } = await prepared(csv(40));
    const files = tinyModelFiles().filter(({ path }) => !path.endsWith('config.json'));
    await expect(client.request('loadModel', { kind: 'dropped', files })).rejects.toMatchObject({
      code: 'missing-file',
    });
    expect(await client.request('rowSeen', { row: 1, config: config('full', { maxLength: 8 }) })).toBeTruthy();
  });
});
