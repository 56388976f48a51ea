/**
 * The store on a worker in the test's hands: a run starts, is stopped, dies with its worker, and comes back after a
 * reload.
 */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { TabtuneError } from '../base/errors';
import type { DatasetInfo } from '../domain/dataset';
import type { ModelInfo } from '../domain/model';
import type { RunSummary, StepRecord, TrainEvent } from '../domain/run';
import type { TrainingConfig } from '../domain/training-config';
import type { Traffic } from '../worker/link/client';
import type { TrainResult } from '../worker/link/protocol';
import { follow, hear } from './boot';
import { fakeBrowser, fakeWorker, MapStorage } from './fakes';
import { makeStore } from './make-store';
import { FLUSH_MS } from './training';

// What the page knows of them is of no importance here but for these fields.
const dataset = { id: 'd1', name: 'topics.csv', rows: 60, usableRows: 60, mapping: { lesson: 'classify' } };
const info = dataset as unknown as DatasetInfo;
const model = { name: 'tiny', head: { modules: [], labels: null } } as unknown as ModelInfo;
const modelSource = { kind: 'embedded', id: 'tiny' } as const;
const config = { method: 'full', batchSize: 16, gradientAccumulation: 1 } as unknown as TrainingConfig;
const record = (step: number): StepRecord => ({ step, totalSteps: 9, loss: 1 / step }) as unknown as StepRecord;
const stepped = (step: number): TrainEvent => ({ type: 'step', record: record(step) });
const run = {
  id: 'r1',
  name: 'topics.csv · Thorough',
  model,
  modelSource,
  reason: 'completed',
  steps: [record(1), record(2)],
  validations: [],
  evaluation: null,
} as unknown as RunSummary;
const result: TrainResult = { run, reason: 'completed', problem: null, unsaved: null };
const report = { testRows: 6 };

const REPORT = { backends: [], chosen: 'wasm' } as never;

/** A store whose worker knows data, model and runs; training waits for the test. */
function given({
  storage = new MapStorage(),
  answers = {},
}: { storage?: MapStorage; answers?: Parameters<typeof fakeWorker>[0] } = {}) {
  const worker = fakeWorker({
    start: () => REPORT,
    setTuning: () => null,
    access: () => ({ writable: true }),
    openData: () => info,
    loadModel: () => ({ info: model, source: modelSource }),
    listRuns: () => [run],
    listUnfinished: () => [],
    evaluate: () => report,
    saveNow: () => null,
    pause: () => null,
    stopAndKeep: () => null,
    closeData: () => null,
    ...answers,
  });
  const browser = fakeBrowser(storage);
  const store = makeStore({ ask: worker.ask, browser });
  const crashes = new Set<(error: TabtuneError) => void>();
  const connection = {
    onCrash: (told: (error: TabtuneError) => void) => {
      crashes.add(told);
      return () => crashes.delete(told);
    },
    onTraffic: (told: (traffic: Traffic) => void) => {
      told({ sentBytes: 0, receivedBytes: 0 });
      return () => undefined;
    },
  };
  const ends = [follow(store), hear(store, connection)];
  const crash = (): void => {
    const error = new TabtuneError('internal', 'The background worker stopped unexpectedly.');
    for (const told of crashes) told(error);
    worker.pending('train').fail(error.toPlain());
  };
  return { store, worker, browser, crash, crashes, end: () => ends.forEach((stop) => stop()) };
}

async function opened() {
  const all = given();
  await all.store.data.getState().open({ kind: 'stored', id: 'd1' });
  await all.store.model.getState().load(modelSource);
  return all;
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe('a run', () => {
  it('starts, is followed in batches, finishes and is tried', async () => {
    const { store, worker, browser } = await opened();
    const { training } = store;
    store.safety.getState().setKeepAwake(true);
    const lengths: number[] = [];
    training.subscribe(({ steps }, before) => steps !== before.steps && lengths.push(steps.length));
    const trained = training.getState().start(config);
    expect(training.getState()).toMatchObject({ status: 'preparing', ran: config });
    const { params, options, answer } = worker.pending('train');
    expect(params).toEqual({ config, runName: 'topics.csv · Thorough' });

    for (const step of [1, 2, 3]) options.onTrainEvent?.(stepped(step));
    expect(training.getState().steps).toHaveLength(0);
    await vi.advanceTimersByTimeAsync(FLUSH_MS);
    options.onTrainEvent?.(stepped(4));
    answer(result);
    expect(await trained).toBe(true);
    expect(lengths).toEqual([3, 4]);
    expect(training.getState()).toMatchObject({ status: 'finished', reason: 'completed', error: null });
    await vi.advanceTimersByTimeAsync(0);
    expect(store.results.getState()).toMatchObject({ run: { id: 'r1' }, evaluation: report });
    expect(store.session.read()).toMatchObject({ runId: 'r1', datasetId: 'd1', modelSource });
    expect(store.ui.getState().announcement).toBe('Training has finished.');
    expect(browser.asked).toEqual(['persist', 'lock the screen', 'release the screen']);
  });

  it('is stopped, and keeps what it learned', async () => {
    const { store, worker } = await opened();
    const { training } = store;
    const trained = training.getState().start(config);
    worker.pending('train').options.onTrainEvent?.(stepped(1));
    const stopped = training.getState().stopAndKeep();
    expect(training.getState().status).toBe('finishing');
    await stopped;
    expect(worker.asked).toContain('stopAndKeep');
    worker.pending('train').answer({ ...result, reason: 'stopped' });
    expect(await trained).toBe(true);
    expect(training.getState()).toMatchObject({ status: 'finished', reason: 'stopped' });
    expect(training.getState().steps).toHaveLength(1);
  });

  it('is cancelled, and keeps nothing', async () => {
    const { store } = await opened();
    const trained = store.training.getState().start(config);
    store.training.getState().cancel();
    expect(await trained).toBe(false);
    expect(store.training.getState()).toMatchObject({ status: 'cancelled', error: null });
    expect(store.results.getState().run).toBeNull();
  });

  it('is one at a time, and its state is kept when the page is hidden', async () => {
    const { store, worker } = await opened();
    await store.training.getState().keepNow();
    expect(worker.asked).not.toContain('saveNow');
    void store.training.getState().start(config);
    expect(await store.training.getState().start(config)).toBe(false);
    await store.training.getState().keepNow();
    expect(worker.asked.filter((name) => name === 'train' || name === 'saveNow')).toEqual(['train', 'saveNow']);
  });

  it('begins again with fewer rows at once', async () => {
    const { store, worker } = await opened();
    store.training.getState().setMethod('full');
    const first = store.training.getState().start(config);
    worker.pending('train').fail({ code: 'out-of-memory', message: 'Too large.' });
    expect(await first).toBe(false);
    void store.training.getState().startSmaller();
    expect(worker.pending('train').params).toMatchObject({ config: { batchSize: 8, gradientAccumulation: 2 } });
    expect(store.session.read().changes).toEqual({ 'classify.full': { batchSize: 8, gradientAccumulation: 2 } });
  });

  it('takes its curves with it when it is put aside', async () => {
    const { store, worker, end } = await opened();
    const trained = store.training.getState().start(config);
    worker.pending('train').options.onTrainEvent?.(stepped(1));
    worker.pending('train').answer(result);
    await trained;
    await store.data.getState().close();
    expect(store.results.getState().run).toBeNull();
    expect(store.training.getState()).toMatchObject({ status: 'idle', steps: [] });
    end();
    store.results.getState().show(run);
    store.training.getState().adopt(run.steps, [], 'completed');
    store.results.getState().putAside();
    expect(store.training.getState().status).toBe('finished');
  });
});

describe('a worker that dies while it trains', () => {
  it('is said, and nothing of what it held is shown as open', async () => {
    const { store, worker, crash, crashes, end } = await opened();
    const trained = store.training.getState().start(config);
    worker.pending('train').options.onTrainEvent?.(stepped(1));
    crash();
    expect(await trained).toBe(false);
    expect(store.training.getState()).toMatchObject({ status: 'failed', error: { code: 'internal' } });
    expect(store.training.getState().steps).toHaveLength(1);
    expect(store.device.getState()).toMatchObject({ measuring: false, error: { code: 'internal' } });
    expect([store.data.getState().info, store.model.getState().info, store.results.getState().run]).toEqual([
      null,
      null,
      null,
    ]);
    // The names of what was open are kept, so that it is opened again by the start of the next worker.
    await store.boot.getState().start();
    expect(store.data.getState().info?.id).toBe('d1');
    expect(store.model.getState().info?.name).toBe('tiny');
    end();
    expect(crashes.size).toBe(0);
  });
});

describe('a reload', () => {
  const kept = async () => {
    const { store, worker, browser } = await opened();
    store.training.getState().setMethod('full');
    store.training.getState().change({ epochs: 2, lora: { rank: 4 } });
    store.training.getState().change({ lora: { alpha: 8 } });
    const trained = store.training.getState().start(config);
    worker.pending('train').answer(result);
    await trained;
    return browser.storage;
  };

  it('opens the run again with its data, model, curves and settings', async () => {
    const storage = await kept();
    const { store, worker } = given({ storage, answers: { openRun: () => ({ run, dataset: info }) } });
    expect(store.boot.getState().restoring).toBe(true);
    await store.boot.getState().start();
    expect(store.boot.getState()).toMatchObject({ restoring: false, lost: null });
    expect(store.results.getState()).toMatchObject({ run: { id: 'r1' }, runs: [{ id: 'r1' }] });
    expect(store.data.getState().info?.id).toBe('d1');
    expect(store.model.getState()).toMatchObject({ info: { name: 'tiny' }, source: modelSource });
    expect(store.training.getState()).toMatchObject({
      status: 'finished',
      method: 'full',
      changes: { 'classify.full': { epochs: 2, lora: { rank: 4, alpha: 8 } } },
    });
    expect(store.training.getState().steps).toHaveLength(2);
    expect(worker.asked).not.toContain('openData');
  });

  it('says what is lost, opens the rest, and does not look for it again', async () => {
    const storage = await kept();
    const gone = (what: string) => () => {
      throw new TabtuneError('storage', `The ${what} is not here any more.`);
    };
    const { store, worker } = given({ storage, answers: { openRun: gone('run'), openData: gone('data set') } });
    await store.boot.getState().start();
    expect(worker.asked.filter((name) => name.startsWith('open') || name === 'loadModel')).toEqual([
      'openRun',
      'openData',
      'loadModel',
    ]);
    expect(store.boot.getState().lost).toBe(
      'The last run could not be opened again: The run is not here any more. ' +
        'The last data set could not be opened again: The data set is not here any more.',
    );
    expect([store.data.getState().error, store.results.getState().run]).toEqual([null, null]);
    expect(store.session.read()).toMatchObject({ runId: null, datasetId: null, modelSource });
    store.boot.getState().dismiss();
    expect(store.boot.getState().lost).toBeNull();
  });

  it('only reads where another tab writes', async () => {
    const storage = await kept();
    const { store } = given({
      storage,
      answers: { access: () => ({ writable: false }), openRun: () => ({ run, dataset: info }) },
    });
    await store.boot.getState().start();
    expect(store.safety.getState()).toMatchObject({ reading: true, free: false });
    store.results.getState().putAside();
    expect(store.session.read().runId).toBe('r1');
  });

  it('with nothing kept starts at once', () => {
    expect(given().store.boot.getState().restoring).toBe(false);
  });
});
