/**
 * The real handlers asked through the client: an interrupted run goes on to the same bits, and what is kept of it on
 * the way.
 */
import { describe, expect, it } from 'vitest';
import type { StepRecord } from '../domain/run';
import type { TrainingConfig } from '../domain/training-config';
import type { FileBox } from '../storage/files';
import { storageError } from '../storage/files';
import { Storage } from '../storage/storage';
import type { DataSource } from './link/protocol';
import type { Browser } from '../testing/browser';
import { ALWAYS, killedWhen, NEVER, newBrowser, openTab, photograph, resume, weightsOf } from '../testing/browser';
import { newClient, prepared, SETTINGS, tiny, until } from '../testing/session';

/** What must be equal of a step: everything but the clock's and the memory's figures. */
const timeless = ({ step, totalSteps, epoch, loss, learningRate, gradientNorm }: StepRecord) => ({
  step,
  totalSteps,
  epoch,
  loss,
  learningRate,
  gradientNorm,
});

/** A kill right after the checkpoint of a step was acknowledged. */
const killedAt = (
  step: number,
  method: TrainingConfig['method'],
  settings: Partial<TrainingConfig>,
): Promise<Browser> =>
  killedWhen(newBrowser(), method, settings, (event) => event.type === 'checkpoint' && event.step === step);

const SETTINGS_OF: Record<TrainingConfig['method'], Partial<TrainingConfig>> = {
  full: { epochs: 2, gradientAccumulation: 2, validateEverySteps: 3, dropout: 0.1 },
  lora: { epochs: 2, gradientAccumulation: 3, dropout: 0.1 },
  head: { epochs: 6, validateEverySteps: 4 },
};

describe.each([
  ['full', [1, 4, 9]],
  ['lora', [2, 7]],
  ['head', [13, 41]],
] as const)('an interrupted run by the method %s', (method, stops) => {
  it(`goes on from steps ${stops.join(', ')} to the same weights and figures as the run that never stopped`, async () => {
    const settings = SETTINGS_OF[method];
    const whole = newBrowser();
    const { run } = await (await openTab(whole, NEVER)).train(method, settings);
    const expected = await weightsOf(whole, run.id);
    for (const stop of stops) {
      const browser = await killedAt(stop, method, settings);
      const { client, found, events, answer } = await resume(browser);
      expect(found).toMatchObject({
        start: { name: `moods ${method}`, config: run.config },
        totalSteps: run.steps.length,
      });
      const resumed = await answer;
      expect(await weightsOf(browser, resumed.run.id), `weights after a stop at step ${stop}`).toBe(expected);
      expect(resumed.run.steps.map(timeless)).toEqual(run.steps.map(timeless));
      expect(resumed.run.validations).toEqual(run.validations);
      expect(resumed.run).toMatchObject({
        bestStep: run.bestStep,
        reason: run.reason,
        createdAt: found?.start.createdAt,
      });
      const restored = events.find((event) => event.type === 'restored');
      expect(restored?.type === 'restored' && restored.steps.length).toBe(found?.step);
      expect(events.filter((event) => event.type === 'step')).toHaveLength(run.steps.length - (found?.step ?? 0));
      expect(await client.request('listUnfinished', null)).toEqual([]);
      expect(
        (await browser.files.list()).map(({ path }) => path).filter((path) => path.startsWith('checkpoints/')),
      ).toEqual([]);
    }
  });
});

describe('what is kept of a run on its way', () => {
  it('is its state when it is paused, or when the page is about to be hidden', async () => {
    const browser = newBrowser();
    const { client, train, events } = await openTab(browser, NEVER);
    const running = train('full', { epochs: 1000 });
    const checkpoints = (): number[] => events.flatMap((event) => (event.type === 'checkpoint' ? [event.step] : []));
    await until(() => events.some((event) => event.type === 'step'));
    await client.request('saveNow', null);
    await until(() => checkpoints().length === 1);
    await client.request('pause', null);
    await until(() => events.at(-1)?.type === 'paused');
    expect(checkpoints()).toHaveLength(2);
    expect(await client.request('listUnfinished', null), 'the run under way is not offered').toEqual([]);
    await expect(client.request('resumeRun', { id: 'any' })).rejects.toMatchObject({ code: 'bad-config' });
    const left = await photograph(browser);
    const { found } = await resume(left);
    expect(found?.step).toBe(checkpoints()[1]);
    await client.request('stopAndKeep', null);
    expect((await running).reason).toBe('stopped');
  });

  it('is nothing after a cancel, nor after a deletion', async () => {
    const browser = await killedAt(2, 'full', {});
    const { client, found } = await resume(await photograph(browser));
    await expect(client.request('resumeRun', { id: found?.start.id ?? '' })).rejects.toMatchObject({
      code: 'bad-config',
    });
    const other = newClient(new Storage(browser.files, browser.records), browser.modelFiles);
    await other.request('start', SETTINGS);
    const [unfinished] = await other.request('listUnfinished', null);
    expect((await other.request('storage', null)).unfinished).toMatchObject([
      { id: unfinished?.start.id, bytes: unfinished?.bytes },
    ]);
    await other.request('deleteUnfinished', { id: unfinished?.start.id ?? '' });
    expect(await other.request('listUnfinished', null)).toEqual([]);
    await expect(other.request('resumeRun', { id: unfinished?.start.id ?? '' })).rejects.toMatchObject({
      code: 'not-found',
    });
  });

  it('is the earlier checkpoint when storage is full, and the run goes on', async () => {
    const browser = newBrowser();
    const held = browser.files;
    let refuse = false;
    const full = (path: string) => storageError(Object.assign(new Error('full'), { name: 'QuotaExceededError' }), path);
    const files: FileBox = {
      ...held,
      write: (path, bytes) =>
        refuse && path.startsWith('checkpoints/') ? Promise.reject(full(path)) : held.write(path, bytes),
    };
    const { train, events } = await openTab({ ...browser, files }, ALWAYS);
    let left: Browser | null = null;
    const running = train('full', { epochs: 1 });
    await until(() => events.some((event) => event.type === 'checkpoint' && event.step === 2));
    refuse = true;
    await until(() => events.some((event) => event.type === 'checkpoint' && event.problem !== null));
    left = await photograph(browser);
    const failed = events.find((event) => event.type === 'checkpoint' && event.problem !== null);
    expect(failed).toMatchObject({ problem: { code: 'storage', message: 'The browser’s storage is full.' } });
    const { run, unsaved } = await running;
    expect(unsaved).toBeNull();
    expect(run.steps).toHaveLength(10);
    const resumed = await resume(left);
    expect(resumed.found?.step).toBeGreaterThanOrEqual(2);
    await resumed.answer;
    expect(await weightsOf(left, (await resumed.answer).run.id)).toBe(await weightsOf(browser, run.id));
  });

  it('is the data set it learns from, which opening the same file again leaves alone', async () => {
    const browser = await killedAt(2, 'head', {});
    const { client } = await openTab(browser, NEVER);
    const [unfinished] = await client.request('listUnfinished', null);
    const { dataset } = await client.request('openUnfinished', { id: unfinished?.start.id ?? '' });
    expect(dataset.id).toBe(unfinished?.start.datasetId);
    await client.request('deleteDataset', { id: dataset.id });
    await expect(client.request('resumeRun', { id: unfinished?.start.id ?? '' })).rejects.toMatchObject({
      code: 'bad-data',
      message: expect.stringContaining('moods.csv') as string,
    });
    expect(await client.request('listUnfinished', null)).toHaveLength(1);
  });

  it('is the last good step when a later one gives no number, with the step and its rows named', async () => {
    const rows = Array.from(
      { length: 60 },
      (_, i) => `the film was ${i === 41 ? 'not' : ''} ${i % 2 ? 'bad' : 'good'},${i % 2 ? 'no' : 'yes'}`,
    );
    const source: DataSource = { kind: 'text', name: 'poisoned.csv', text: ['text,label', ...rows].join('\n') };
    const browser = newBrowser();
    const { client, train } = await prepared(
      source,
      newClient(new Storage(browser.files, browser.records), browser.modelFiles, ALWAYS),
      tiny('not'),
    );
    const { run, reason, problem } = await train('full', { batchSize: 4, epochs: 1, seed: 2 });
    expect(reason).toBe('bad-numbers');
    expect(run.steps.length).toBeGreaterThan(0);
    expect(problem).toMatchObject({
      code: 'numbers',
      message: expect.stringMatching(new RegExp(`at step ${run.steps.length + 1}, on rows .*\\b42\\b`)) as string,
    });
    expect(await client.request('listRuns', null)).toMatchObject([{ id: run.id, reason: 'bad-numbers' }]);
    expect(await client.request('listUnfinished', null)).toEqual([]);
  });
});
