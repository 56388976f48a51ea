/**
 * The real handlers on runs as wholes: renamed, duplicated, carried to another browser in one file; what is wrong
 * changes nothing.
 */
import { must } from '../base/assert';
import { describe, expect, it } from 'vitest';
import { reportSchema } from '../lessons/classify/shared';
import { storageError } from '../storage/files';
import { Storage } from '../storage/storage';
import type { WorkerClient } from './link/client';
import type { Browser } from '../testing/browser';
import { killedWhen, NEVER, newBrowser, openTab, resume, weightsOf } from '../testing/browser';
import { evaluated, newClient, SETTINGS, tiny } from '../testing/session';

async function tabOn({ files, records, modelFiles }: Browser): Promise<WorkerClient> {
  const client = newClient(new Storage(files, records), modelFiles, NEVER);
  await client.request('start', SETTINGS);
  return client;
}

const everything = async ({ files, records }: Browser): Promise<unknown> => [
  await files.list(),
  await records.datasets.all(),
  await records.runs.all(),
  await records.checkpoints.all(),
];

/** A browser with one finished run, evaluated. */
async function trained(): Promise<{ browser: Browser; client: WorkerClient; id: string }> {
  const browser = newBrowser();
  const { client, train } = await openTab(browser, NEVER);
  const { run } = await train('full', { epochs: 2 });
  await client.request('evaluate', null);
  return { browser, client, id: run.id };
}

const exported = async (client: WorkerClient, id: string): Promise<File> => {
  const { fileName, blob } = await client.request('exportProject', { id });
  return new File([blob], fileName);
};

describe('a project', () => {
  it('carries a finished run to another browser: figures, data, weights', async () => {
    const { browser, client, id } = await trained();
    const file = await exported(client, id);
    expect(file.name).toBe('moods-full.tabtune.zip');
    const other = newBrowser();
    const elsewhere = await tabOn(other);
    expect(await elsewhere.request('importProject', { file })).toEqual({ runName: 'moods full' });
    const [run] = await elsewhere.request('listRuns', null);
    const [original] = await client.request('listRuns', null);
    expect(run).toEqual({ ...original, id: run?.id, datasetId: run?.datasetId });
    expect(await weightsOf(other, run?.id ?? '')).toBe(await weightsOf(browser, id));
    // The base model is named only: dropped again, it is found under the name that its content gives it.
    await expect(elsewhere.request('openRun', { id: run?.id ?? '' })).rejects.toMatchObject({
      code: 'missing-file',
      fix: expect.stringContaining('Drop') as string,
    });
    await elsewhere.request('loadModel', tiny());
    const { dataset } = await elsewhere.request('openRun', { id: run?.id ?? '' });
    expect(dataset).toMatchObject({ name: 'moods.csv', splitRows: original?.splitRows });
    expect({ ...(await evaluated(elsewhere)), elapsedMs: 0 }).toEqual({
      ...reportSchema.parse(original?.evaluation),
      elapsedMs: 0,
    });
  });

  it('carries an unfinished run to another browser, where it goes on to the same weights', async () => {
    const settings = { epochs: 2, gradientAccumulation: 2, dropout: 0.1, validateEverySteps: 3 };
    const whole = newBrowser();
    const { run } = await (await openTab(whole, NEVER)).train('full', settings);
    const browser = await killedWhen(
      newBrowser(),
      'full',
      settings,
      (event) => event.type === 'checkpoint' && event.step === 4,
    );
    const client = await tabOn(browser);
    const [unfinished] = await client.request('listUnfinished', null);
    const file = await exported(client, unfinished?.start.id ?? '');
    const other = { ...newBrowser(), modelFiles: browser.modelFiles };
    await (await tabOn(other)).request('importProject', { file });
    const { found, answer } = await resume(other);
    expect(found).toMatchObject({ step: unfinished?.step, totalSteps: run.steps.length });
    expect(await weightsOf(other, (await answer).run.id)).toBe(await weightsOf(whole, run.id));
  });

  it('brought in where its data set is already adds a run, and no second copy of the data', async () => {
    const { browser, client, id } = await trained();
    await client.request('importProject', { file: await exported(client, id) });
    expect(await client.request('listRuns', null)).toHaveLength(2);
    expect((await browser.files.list()).filter(({ path }) => path.startsWith('datasets/'))).toHaveLength(2);
  });

  it('that is cut off, spoilt or full of the storage changes nothing', async () => {
    const { client, id } = await trained();
    const bytes = new Uint8Array(await (await exported(client, id)).arrayBuffer());
    const other = newBrowser();
    const elsewhere = await tabOn(other);
    const before = await everything(other);
    const spoilt = bytes.slice();
    spoilt[bytes.length >> 1] = must(spoilt[bytes.length >> 1]) ^ 1;
    for (const content of [bytes.subarray(0, bytes.length - 30), spoilt, new Uint8Array(100)])
      await expect(
        elsewhere.request('importProject', { file: new File([content], 'spoilt.zip') }),
      ).rejects.toMatchObject({
        code: 'bad-project',
        place: { file: 'spoilt.zip' },
        fix: expect.any(String) as string,
      });
    const full = () =>
      Promise.reject(storageError(Object.assign(new Error('full'), { name: 'QuotaExceededError' }), 'runs'));
    const narrow = newClient(new Storage({ ...other.files, write: full }, other.records), other.modelFiles, NEVER);
    await narrow.request('start', SETTINGS);
    await expect(narrow.request('importProject', { file: new File([bytes], 'whole.zip') })).rejects.toMatchObject({
      code: 'storage',
    });
    expect(await everything(other)).toEqual(before);
  });
});

describe('a run', () => {
  it('is renamed, duplicated and deleted with what belongs to it, whether it has ended or not', async () => {
    const left = await killedWhen(newBrowser(), 'full', {}, (event) => event.type === 'checkpoint' && event.step === 2);
    const client = await tabOn(left);
    const [begun] = await client.request('listUnfinished', null);
    await client.request('duplicateRun', { id: begun?.start.id ?? '' });
    await client.request('resumeRun', { id: begun?.start.id ?? '' });
    const [ended] = await client.request('listRuns', null);
    await client.request('renameRun', { id: ended?.id ?? '', name: '  Better moods ' });
    await client.request('duplicateRun', { id: ended?.id ?? '' });
    const [copyBegun] = await client.request('listUnfinished', null);
    await client.request('renameRun', { id: copyBegun?.start.id ?? '', name: 'Half-way' });
    expect((await client.request('listUnfinished', null)).map(({ start, step }) => [start.name, step])).toEqual([
      ['Half-way', begun?.step],
    ]);
    const runs = await client.request('listRuns', null);
    expect(runs.map(({ name }) => name).sort()).toEqual(['Better moods', 'Better moods (copy)']);
    expect(await weightsOf(left, runs[0]?.id ?? '')).toBe(await weightsOf(left, runs[1]?.id ?? ''));
    await expect(client.request('renameRun', { id: ended?.id ?? '', name: ' ' })).rejects.toMatchObject({
      code: 'bad-config',
    });
    await expect(client.request('renameRun', { id: 'none', name: 'x' })).rejects.toMatchObject({ code: 'not-found' });
    for (const { id } of runs) await client.request('deleteRun', { id });
    await client.request('deleteUnfinished', { id: copyBegun?.start.id ?? '' });
    expect((await left.files.list()).map(({ path }) => path).filter((path) => !path.startsWith('datasets/'))).toEqual(
      [],
    );
  });
});
