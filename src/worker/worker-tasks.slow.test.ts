/**
 * The real handlers asked through the client: every kind of task, models that bring their own head, and what outlives a
 * reload.
 */
import { describe, expect, it } from 'vitest';
import { blobSource } from '../base/bytes';
import type { ByteStore } from '../base/bytes';
import { SeededRandom } from '../base/random';
import { readZip } from '../formats/zip';
import { lookSchema } from '../lessons/classify/shared/asked';
import { memoryFiles, storageError } from '../storage/files';
import type { FileBox } from '../storage/files';
import { memoryRecords } from '../storage/records';
import { Storage, memoryStorage } from '../storage/storage';
import type { DataSource } from './link/protocol';
import { tinyModelFiles } from '../testing/model';
import { SETTINGS, cellRows, config, csv, evaluated, newClient, predicted, prepared } from '../testing/session';

const jsonl = (rows: readonly object[]): DataSource => ({
  kind: 'text',
  name: 'rows.jsonl',
  text: rows.map((row) => JSON.stringify(row)).join('\n'),
});

/** Sentences with a good or bad word for the film and for the food. */
function mixed<T>(count: number, row: (text: string, film: boolean, food: boolean) => T): T[] {
  const random = new SeededRandom(3, 'mixed');
  return Array.from({ length: count }, () => {
    const film = random.next() < 0.5;
    const food = random.next() < 0.5;
    return row(`the film was ${film ? 'great' : 'awful'} and the food was ${food ? 'lovely' : 'nasty'}`, film, food);
  });
}

describe('tasks', () => {
  it('trains and evaluates several labels a row', async () => {
    const rows = mixed(120, (text, film, food) => ({
      text,
      labels: [...(film ? ['film'] : []), ...(food ? ['food'] : [])],
    }));
    const { client, data, train } = await prepared(jsonl(rows));
    expect(data.mapping).toMatchObject({ task: 'multi-label', labelLayout: 'list' });
    await train('full', { epochs: 8 });
    const { tuned, baseline } = await evaluated(client);
    if (tuned.task !== 'multi-label' || baseline.metrics.task !== 'multi-label') throw new Error('wrong task');
    expect(tuned.microF1).toBeGreaterThan(Math.max(0.85, baseline.metrics.microF1));
    const { after } = await predicted(client, { text: 'the film was great and the food was lovely', textPair: null });
    expect(after.every((chance) => chance > 0.5)).toBe(true);
    const { replay } = await client.request('exportRun', { id: 'full' });
    expect(replay?.largestDifference).toBeLessThan(1e-4);
  });

  it('trains and evaluates a number', async () => {
    const rows = mixed(120, (text, film, food) => ({ text, score: 1 + (film ? 2 : 0) + (food ? 1.5 : 0) }));
    const { client, data, train, events } = await prepared(jsonl(rows));
    expect(data.mapping).toMatchObject({ lesson: 'classify', task: 'regression' });
    await train('full', { epochs: 30, learningRate: 5e-3 });
    const { tuned, baseline, mistakes } = await evaluated(client);
    if (tuned.task !== 'regression' || baseline.metrics.task !== 'regression') throw new Error('wrong task');
    expect(baseline.kind).toBe('mean-value');
    expect(tuned.r2).toBeGreaterThan(0.8);
    expect(tuned.mae).toBeLessThan(baseline.metrics.mae);
    expect(mistakes[0]?.confidence).toBeGreaterThanOrEqual(mistakes.at(-1)?.confidence ?? Infinity);
    expect(lookSchema.parse(events.filter((event) => event.type === 'look').at(-1)?.seen)[0]?.correct).toBeNull();
    const { replay } = await client.request('exportRun', { id: 'full' });
    expect(replay?.largestDifference).toBeLessThan(1e-4);
  });

  it('trains and evaluates pairs', async () => {
    const rows = mixed(160, (text, film, food) => ({
      sentence1: text,
      sentence2: `the day was ${film === food ? 'fine' : 'poor'}`,
      label: film === food ? 'same' : 'other',
    }));
    const { client, data, train } = await prepared(jsonl(rows));
    expect(data.mapping).toMatchObject({ task: 'single-label', text: 'sentence1', textPair: 'sentence2' });
    await train('full', { maxLength: 24, epochs: 6 });
    const { tuned } = await evaluated(client);
    if (tuned.task !== 'single-label') throw new Error('wrong task');
    expect(tuned.accuracy).toBeGreaterThan(0.9);
    const { replay } = await client.request('exportRun', { id: 'full' });
    expect(replay?.largestDifference).toBeLessThan(1e-4);
  });
});

describe('a model that brings its own head', () => {
  it.each(['full', 'head'] as const)('is what the %s run on the same labels is compared with', async (method) => {
    const first = await prepared(csv(200));
    await first.train(method);
    const { tuned } = await evaluated(first.client);
    const { blob, fileName } = await first.client.request('exportRun', {
      id: method === 'full' ? 'full' : 'sentence-transformers',
    });
    const zip = { kind: 'dropped', files: [{ path: fileName, file: new File([blob], fileName) }] } as const;
    const again = await prepared(csv(200), newClient(), { kind: 'dropped', files: [...zip.files] });
    await again.train(method, { epochs: 1, learningRate: 1e-6 });
    const report = await evaluated(again.client);
    expect(report.baseline.kind).toBe('checkpoint-head');
    expect(report.baseline.metrics).toEqual(tuned);
  });
});

describe('a model that comes with a LoRA adapter', () => {
  it('goes on where the adapter ended, as it was made whatever the form says, or works it into the base', async () => {
    const first = await prepared(csv(200));
    await first.train('lora');
    const { tuned } = await evaluated(first.client);
    const { blob, fileName } = await first.client.request('exportRun', { id: 'adapter' });
    const inside = await readZip(blobSource(fileName, blob));
    const files = inside.filter((file) => file.path.startsWith('adapter'));
    const adapter = await Promise.all(
      files.map(async (file) => ({
        path: `tiny/${file.path}`,
        file: new File([new Uint8Array(await file.bytes())], file.path),
      })),
    );
    expect(adapter).toHaveLength(2);
    const again = await prepared(csv(200), newClient(), { kind: 'dropped', files: [...tinyModelFiles(), ...adapter] });
    await again.train('lora', { epochs: 1, learningRate: 1e-7 });
    expect((await evaluated(again.client)).baseline).toMatchObject({ kind: 'checkpoint-head', metrics: tuned });
    const { run } = await again.train('lora', {
      epochs: 1,
      learningRate: 1e-7,
      lora: { ...config('lora').lora, rank: 4, alpha: 99 },
    });
    expect(run.config).toMatchObject({ lora: { rank: 8, alpha: 16 } });
    expect((await evaluated(again.client)).baseline).toMatchObject({ kind: 'checkpoint-head', metrics: tuned });
    // Worked in, it begins anew: the base's config.json names no labels that the adapter's head could stand for.
    await again.train('full', { epochs: 1, learningRate: 1e-7 });
    expect((await evaluated(again.client)).baseline.kind).toBe('majority-class');
  });
});

describe('what outlives a reload', () => {
  it('is a finished run with its data set, model, weights and figures', async () => {
    const storage = memoryStorage();
    const modelFiles = memoryFiles();
    const first = await prepared(csv(100), newClient(storage, modelFiles));
    await first.train('lora');
    const evaluation = await evaluated(first.client);
    const said = await predicted(first.client, { text: 'good food', textPair: null });

    const second = newClient(storage, modelFiles);
    await second.request('start', SETTINGS);
    const [kept] = await second.request('listRuns', null);
    const { run, dataset } = await second.request('openRun', { id: kept?.id ?? '' });
    expect(run.evaluation).toEqual(evaluation);
    expect(dataset).toEqual(first.data);
    expect(await predicted(second, { text: 'good food', textPair: null })).toEqual(said);
    expect((await cellRows(second, { actual: 0, predicted: 0 })).length).toBeGreaterThan(0);
    const report = await second.request('storage', null);
    expect(report.runs).toHaveLength(1);
    expect(report.modelCacheBytes).toBeGreaterThan(0);
  });

  it('is enough to prove an export after the data set has been deleted', async () => {
    const { client, data, train } = await prepared();
    await train('full');
    const [kept] = await client.request('listRuns', null);
    await client.request('closeModel', null);
    await client.request('deleteDataset', { id: data.id });
    const again = await client.request('openRun', { id: kept?.id ?? '' });
    expect(again.dataset).toBeNull();
    expect((await client.request('exportRun', { id: 'full' })).replay).toMatchObject({ rows: 10 });
  });

  it('is nothing after everything has been deleted', async () => {
    const { client, train } = await prepared();
    await train('full', { epochs: 1 });
    await client.request('clearEverything', null);
    expect(await client.request('storage', null)).toMatchObject({ datasets: [], runs: [], modelCacheBytes: 0 });
    await expect(predicted(client, { text: 'x', textPair: null })).rejects.toMatchObject({ code: 'not-found' });
    await expect(client.request('rows', { from: 0, count: 1, filter: 'all' })).rejects.toMatchObject({
      code: 'bad-data',
    });
  });
});

describe('full storage', () => {
  const raise = (path: string): never => {
    throw storageError(Object.assign(new Error('full'), { name: 'QuotaExceededError' }), path);
  };

  it('does not cost a finished run: it can be used and exported, and the answer says that it was not kept', async () => {
    const files = memoryFiles();
    const storage = new Storage({ ...files, write: async (path) => raise(path) }, memoryRecords());
    const { client, train } = await prepared(csv(100), newClient(storage));
    const { unsaved } = await train('full');
    expect(unsaved).toMatchObject({ code: 'storage', message: 'The browser’s storage is full.' });
    expect(await client.request('listRuns', null)).toEqual([]);
    await client.request('useBackend', { backend: 'cpu' });
    expect((await evaluated(client)).testRows).toBe(10);
    expect((await client.request('exportRun', { id: 'full' })).replay?.largestDifference).toBeLessThan(1e-4);
  });

  it('stops an import with a plain error and removes what was written', async () => {
    const files = memoryFiles();
    const refusing: FileBox = {
      ...files,
      open: async (path) => {
        const store = await files.open(path);
        return Object.assign(Object.create(store) as ByteStore, { append: () => raise(path) });
      },
    };
    const storage = new Storage(refusing, memoryRecords());
    const client = newClient(storage);
    await client.request('start', SETTINGS);
    await expect(client.request('openData', csv(2000))).rejects.toMatchObject({ code: 'storage' });
    expect(await files.list()).toEqual([]);
  });
});
