/** The real handlers asked through the client, from dropped files to a verified export, on the cpu backend with a tiny model. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { DatasetInfo } from '../domain/dataset';
import type { StepRecord, TrainEvent } from '../domain/run';
import type { TrainingConfig } from '../domain/training-config';
import { defaultConfig } from '../domain/training-config';
import { blobSource } from '../base/bytes';
import { readHfFolder } from '../formats/hf-folder';
import { readZip } from '../formats/zip';
import { memoryFiles } from '../storage/files';
import { memoryStorage } from '../storage/storage';
import type { Storage } from '../storage/storage';
import { WorkerClient } from './client';
import { createHandlers } from './handlers';
import { moodCsv, tinyModelFiles } from './test-model';
import { TestWorker } from './test-worker';

const noNetwork: typeof fetch = () => Promise.reject(new Error('The test must not use the network.'));
const NEEDED = { baseUrl: 'http://app.example/', hubUrl: 'http://hub.example', backendOverride: 'cpu' } as const;

function newClient(storage: Storage = memoryStorage()): WorkerClient {
  const modelFiles = memoryFiles();
  return new WorkerClient(
    () => new TestWorker(createHandlers({ openStorage: () => Promise.resolve(storage), openModelFiles: () => Promise.resolve(modelFiles), fetch: noNetwork, estimateStorage: () => Promise.resolve({}) })),
  );
}

const csv = (rows: number) => ({ kind: 'text', name: 'moods.csv', text: moodCsv(rows) }) as const;
const tiny = () => ({ kind: 'dropped', files: tinyModelFiles() }) as const;

function config(method: TrainingConfig['method'], some: Partial<TrainingConfig> = {}): TrainingConfig {
  const context = { method, hiddenSize: 16, trainExamples: 80, maxPositions: 32, linearModules: ['query', 'value'], headModules: ['classifier', 'pooler'], recipe: null };
  return { ...defaultConfig(context).config, maxLength: 16, epochs: 4, batchSize: 8, learningRate: method === 'head' ? 5e-2 : method === 'lora' ? 1e-2 : 3e-3, ...some };
}

async function prepared(rows = 100): Promise<{ client: WorkerClient; data: DatasetInfo; events: TrainEvent[]; train: (method: TrainingConfig['method'], some?: Partial<TrainingConfig>) => ReturnType<typeof trainNow> }> {
  const client = newClient();
  await client.request('start', NEEDED);
  const data = await client.request('openData', csv(rows));
  await client.request('loadModel', tiny());
  const events: TrainEvent[] = [];
  const trainNow = (method: TrainingConfig['method'], some: Partial<TrainingConfig> = {}) =>
    client.request('train', { config: config(method, some), runName: `moods ${method}` }, { onTrainEvent: (event) => events.push(event) });
  return { client, data, events, train: trainNow };
}

describe('data', () => {
  it('opens, maps, splits and pages, and is there again after a reload', async () => {
    const storage = memoryStorage();
    const first = newClient(storage);
    await first.request('start', NEEDED);
    const info = await first.request('openData', csv(50));
    expect(info).toMatchObject({ rows: 50, usableRows: 50, mapping: { task: 'single-label', text: 'text', labels: ['label'] } });
    const split = await first.request('setSplit', { ...info.split, train: 0.6, validation: 0.2, test: 0.2 });
    expect(split.splitRows).toEqual({ train: 30, validation: 10, test: 10 });
    const page = await first.request('rows', { from: 10, count: 5, filter: 'all' });
    expect(page.total).toBe(50);
    expect(page.rows.map((row) => row.row)).toEqual([11, 12, 13, 14, 15]);

    const second = newClient(storage);
    await second.request('start', NEEDED);
    expect(await second.request('openData', { kind: 'stored', id: info.id })).toEqual(split);
  });

  it('says what is missing when nothing is open', async () => {
    const client = newClient();
    await expect(client.request('rows', { from: 0, count: 1, filter: 'all' })).rejects.toMatchObject({ code: 'bad-data' });
    await expect(client.request('openData', { kind: 'stored', id: 'gone' })).rejects.toMatchObject({ code: 'not-found' });
    await expect(client.request('evaluate', null)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('leaves nothing behind when an import fails or is cancelled', async () => {
    const storage = memoryStorage();
    const client = newClient(storage);
    await client.request('start', NEEDED);
    await expect(client.request('openData', { kind: 'text', name: 'empty.csv', text: '' })).rejects.toMatchObject({ code: 'bad-data' });
    const abort = new AbortController();
    const pending = client.request('openData', csv(20_000), { signal: abort.signal });
    abort.abort();
    await expect(pending).rejects.toMatchObject({ code: 'cancelled' });
    expect(await storage.usage()).toEqual({ datasets: [], runs: [] });
  });

  it('keeps one copy of a file that is opened twice', async () => {
    const storage = memoryStorage();
    const client = newClient(storage);
    await client.request('start', NEEDED);
    await client.request('openData', csv(20));
    const again = await client.request('openData', csv(20));
    expect((await storage.datasets()).map((record) => record.id)).toEqual([again.id]);
    expect((await client.request('rows', { from: 0, count: 1, filter: 'all' })).total).toBe(20);
  });
});

describe('model', () => {
  it('loads a dropped folder and tokenizes with it', async () => {
    const { client } = await prepared(40);
    expect(await client.request('tokenView', { row: 1, maxLength: 6 })).toMatchObject({ truncated: true, tokens: [{ text: '[CLS]', special: true }, {}, {}, {}, {}, { text: '[SEP]' }] });
    const lengths = await client.request('tokenLengths', { maxLength: 9 });
    expect(lengths).toMatchObject({ counted: 40, overLong: 0, longest: 9 });
    expect(await client.request('tokenLengths', { maxLength: 8 })).toMatchObject({ overLong: 40 });
    expect((await client.request('estimate', config('full'))).steps).toBe(16);
  });

  it('refuses a folder without a config, and keeps the model that was there', async () => {
    const { client } = await prepared(40);
    const files = tinyModelFiles().filter(({ path }) => !path.endsWith('config.json'));
    await expect(client.request('loadModel', { kind: 'dropped', files })).rejects.toMatchObject({ code: 'missing-file' });
    expect(await client.request('tokenView', { row: 1, maxLength: 8 })).toBeTruthy();
  });
});

describe.each(['full', 'lora', 'head'] as const)('a run by the method %s', (method) => {
  let setUp: Awaited<ReturnType<typeof prepared>>;
  beforeAll(async () => {
    setUp = await prepared(200);
    await setUp.train(method, method === 'head' ? { epochs: 20 } : {});
  });

  it('reports every phase and learns', async () => {
    const { events } = setUp;
    expect(events[0]).toMatchObject({ type: 'phase', phase: 'tokenizing' });
    const steps = events.filter((event) => event.type === 'step').map((event) => event.record);
    expect(steps.length).toBe(steps[0]?.totalSteps);
    expect(meanLossOf(steps.slice(-10))).toBeLessThan(meanLossOf(steps.slice(0, 10)) * 0.7);
    expect(events.some((event) => event.type === 'validation')).toBe(true);
    expect(events.filter((event) => event.type === 'watched').at(-1)?.predictions).toHaveLength(6);
    expect(events.at(-1)).toMatchObject({ type: 'finished', reason: 'completed' });
  });

  it('beats the baseline on the test rows, and opens the cells of the matrix', async () => {
    const report = await setUp.client.request('evaluate', null);
    expect(report.testRows).toBe(setUp.data.splitRows.test);
    expect(report.baseline.kind).toBe('majority-class');
    if (report.tuned.task !== 'single-label' || report.baseline.metrics.task !== 'single-label') throw new Error('wrong task');
    expect(report.tuned.accuracy).toBeGreaterThan(report.baseline.metrics.accuracy);
    const cell = await setUp.client.request('cellRows', { actual: 0, predicted: 0 });
    expect(cell.length).toBe(report.tuned.confusion[0]?.[0]);
    expect(cell.every((row) => row.expected === 'happy' && row.predicted === 'happy' && row.confidence > 0.5)).toBe(true);
    const kept = await setUp.client.request('listRuns', null);
    expect(kept[0]?.evaluation).toEqual(report);
  });

  it('predicts before and after, the latest request only', async () => {
    const { client } = setUp;
    const older = client.request('predict', { text: 'the film was bad and sad', textPair: null });
    const newer = client.request('predict', { text: 'the film was good and fine', textPair: null });
    await expect(older).rejects.toMatchObject({ code: 'cancelled' });
    const pair = await newer;
    expect(pair.labels).toEqual(['happy', 'unhappy']);
    expect(pair.after[0]).toBeGreaterThan(0.5);
    expect(pair.after[0]).toBeGreaterThan(pair.before[0] ?? 1);
    expect((pair.after[0] ?? 0) + (pair.after[1] ?? 0)).toBeCloseTo(1, 5);
  });

  it('exports weights that give the same logits when they are read back', async () => {
    const kinds = { full: ['full'], lora: ['adapter', 'merged'], head: ['sentence-transformers'] } as const;
    for (const kind of kinds[method]) {
      const { replay, blob, fileName, files } = await setUp.client.request('exportRun', { kind });
      expect(replay?.rows).toBe(20);
      expect(replay?.largestDifference).toBeLessThan(1e-4);
      expect(fileName).toBe(`moods-${method}-${kind}.zip`);
      const inside = await readZip(blobSource(fileName, blob));
      expect(inside.map((file) => file.path).sort()).toEqual(files.map((file) => file.path).sort());
      expect(files.map((file) => file.path)).toContain('recipe.json');
      if (kind !== 'adapter') expect((await readHfFolder(inside)).config['id2label']).toEqual({ 0: 'happy', 1: 'unhappy' });
    }
    await expect(setUp.client.request('exportRun', { kind: method === 'full' ? 'adapter' : 'full' })).rejects.toMatchObject({ code: 'bad-config' });
  });

  it('exports the held-out predictions and the recipe', async () => {
    const predictions = await setUp.client.request('exportRun', { kind: 'predictions' });
    const lines = (await predictions.blob.text()).trim().split('\n').map((line) => JSON.parse(line) as { logits: number[]; expected: string });
    expect(lines).toHaveLength(setUp.data.splitRows.test);
    expect(lines[0]?.logits).toHaveLength(2);
    const recipe = await setUp.client.request('exportRun', { kind: 'recipe' });
    expect(await recipe.blob.text()).toContain(setUp.data.sha256);
  });

  it('gives the same answers after another device choice and after reopening', async () => {
    const { client } = setUp;
    const ask = () => client.request('predict', { text: 'a day is so nice and great', textPair: null });
    const before = await ask();
    await client.request('useBackend', { backend: 'cpu' });
    expect(await ask()).toEqual(before);
    const [kept] = await client.request('listRuns', null);
    await client.request('closeData', null);
    await client.request('closeModel', null);
    const opened = await client.request('openRun', { id: kept?.id ?? '' });
    expect(opened.dataset?.id).toBe(setUp.data.id);
    expect(await ask()).toEqual(before);
  });
});

const meanLossOf = (steps: readonly StepRecord[]): number => steps.reduce((sum, step) => sum + step.loss, 0) / steps.length;

describe('steering a run', () => {
  it('answers other requests while it trains, pauses and resumes within a step, and stops keeping what was learned', async () => {
    const { client, train, events } = await prepared();
    const running = train('full', { epochs: 1000 });
    await until(() => events.some((event) => event.type === 'step'));
    expect((await client.request('rows', { from: 0, count: 1, filter: 'all' })).total).toBe(100);
    await client.request('pause', null);
    await until(() => events.at(-1)?.type === 'paused');
    const stepsAtPause = events.filter((event) => event.type === 'step').length;
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(events.filter((event) => event.type === 'step').length).toBe(stepsAtPause);
    await client.request('resume', null);
    await until(() => events.filter((event) => event.type === 'step').length > stepsAtPause);
    await client.request('stopAndKeep', null);
    const { run, reason, unsaved } = await running;
    expect(reason).toBe('stopped');
    expect(unsaved).toBeNull();
    expect(run.steps.length).toBe(events.filter((event) => event.type === 'step').length);
    expect(await client.request('listRuns', null)).toHaveLength(1);
  });

  it('cancels, also while paused, and keeps nothing', async () => {
    const { client, events } = await prepared();
    const abort = new AbortController();
    const running = client.request('train', { config: config('full', { epochs: 1000 }), runName: 'x' }, { signal: abort.signal, onTrainEvent: (event) => events.push(event) });
    await until(() => events.some((event) => event.type === 'step'));
    await expect(client.request('train', { config: config('full'), runName: 'second' })).rejects.toMatchObject({ code: 'bad-config' });
    await client.request('pause', null);
    await until(() => events.at(-1)?.type === 'paused');
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(await client.request('listRuns', null)).toEqual([]);
    await expect(client.request('evaluate', null)).rejects.toMatchObject({ code: 'not-found' });
  });

  it('refuses settings that cannot work before anything starts', async () => {
    const { train } = await prepared(40);
    await expect(train('full', { learningRate: -1 })).rejects.toMatchObject({ code: 'bad-config' });
    await expect(train('full', { maxLength: 64 })).rejects.toMatchObject({ code: 'bad-config', message: expect.stringContaining('32') as string });
  });

  it('stops with a plain error when the loss is not a number, and the run before it stays', async () => {
    const { client, train } = await prepared();
    await train('full', { epochs: 1 });
    await client.request('loadModel', { kind: 'dropped', files: tinyModelFiles('food') });
    await expect(train('full')).rejects.toMatchObject({ code: 'numbers', message: expect.stringContaining('step') as string });
    expect(await client.request('listRuns', null)).toHaveLength(1);
    expect((await client.request('predict', { text: 'good', textPair: null })).after).toHaveLength(2);
  });
});

async function until(holds: () => boolean): Promise<void> {
  const deadline = performance.now() + 30_000;
  while (!holds()) {
    if (performance.now() > deadline) throw new Error('It did not happen within 30 s.');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
