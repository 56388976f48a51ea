/** The real handlers asked through the client: a run from training to a verified export, by each method. */
import { beforeAll, describe, expect, it } from 'vitest';
import { blobSource } from '../base/bytes';
import type { StepRecord } from '../domain/run';
import { readHfFolder } from '../formats/hf-folder';
import { readZip } from '../formats/zip';
import type { Prepared } from '../testing/session';
import { cellRows, csv, evaluated, predicted, prepared } from '../testing/session';

const meanLossOf = (steps: readonly StepRecord[]): number =>
  steps.reduce((sum, step) => sum + step.loss, 0) / steps.length;

describe.each(['full', 'lora', 'head'] as const)('a run by the method %s', (method) => {
  let setUp: Prepared;
  beforeAll(async () => {
    setUp = await prepared(csv(200));
    await setUp.train(method);
  });

  it('reports every phase and learns', async () => {
    const { events } = setUp;
    expect(events[0]).toMatchObject({ type: 'phase', phase: 'tokenizing' });
    const steps = events.filter((event) => event.type === 'step').map((event) => event.record);
    expect(steps.length).toBe(steps[0]?.totalSteps);
    expect(meanLossOf(steps.slice(-10))).toBeLessThan(meanLossOf(steps.slice(0, 10)) * 0.7);
    expect(events.some((event) => event.type === 'validation')).toBe(true);
    expect(events.filter((event) => event.type === 'look').at(-1)?.seen).toHaveLength(6);
    expect(events.at(-1)).toMatchObject({ type: 'finished', reason: 'completed' });
  });

  it('beats the baseline on the test rows, and opens the cells of the matrix', async () => {
    const report = await evaluated(setUp.client);
    expect(report.testRows).toBe(setUp.data.splitRows.test);
    expect(report.baseline.kind).toBe('majority-class');
    if (report.tuned.task !== 'single-label' || report.baseline.metrics.task !== 'single-label')
      throw new Error('wrong task');
    expect(report.tuned.accuracy).toBeGreaterThan(report.baseline.metrics.accuracy);
    const cell = await cellRows(setUp.client, { actual: 0, predicted: 0 });
    expect(cell.length).toBe(report.tuned.confusion[0]?.[0]);
    expect(cell.every((row) => row.expected === 'happy' && row.predicted === 'happy' && row.confidence > 0.5)).toBe(
      true,
    );
    const kept = await setUp.client.request('listRuns', null);
    expect(kept[0]?.evaluation).toEqual(report);
  });

  it('predicts before and after, the latest request only', async () => {
    const { client } = setUp;
    // The engine has something to do, so that the older request still waits for its turn when the newer one comes.
    const testing = Promise.all([1, 2, 3].map(() => client.request('exportRun', { id: 'predictions' })));
    const older = predicted(client, { text: 'the film was bad and sad', textPair: null });
    const newer = predicted(client, { text: 'the film was good and fine', textPair: null });
    await expect(older).rejects.toMatchObject({ code: 'cancelled' });
    const pair = await newer;
    await testing;
    expect(pair.labels).toEqual(['happy', 'unhappy']);
    expect(pair.after[0]).toBeGreaterThan(0.5);
    expect(pair.after[0]).toBeGreaterThan(pair.before[0] ?? 1);
    expect((pair.after[0] ?? 0) + (pair.after[1] ?? 0)).toBeCloseTo(1, 5);
  });

  it('exports weights that give the same logits when they are read back', async () => {
    const kinds = { full: ['full'], lora: ['adapter', 'merged'], head: ['sentence-transformers'] } as const;
    for (const kind of kinds[method]) {
      const { replay, blob, fileName, files } = await setUp.client.request('exportRun', { id: kind });
      expect(replay?.rows).toBe(20);
      expect(replay?.largestDifference).toBeLessThan(1e-4);
      expect(fileName).toBe(`moods-${method}-${kind}.zip`);
      const inside = await readZip(blobSource(fileName, blob));
      expect(inside.map((file) => file.path).sort()).toEqual(files.map((file) => file.path).sort());
      expect(files.map((file) => file.path)).toContain('recipe.json');
      if (kind !== 'adapter')
        expect((await readHfFolder(inside)).config['id2label']).toEqual({ 0: 'happy', 1: 'unhappy' });
    }
    await expect(
      setUp.client.request('exportRun', { id: method === 'full' ? 'adapter' : 'full' }),
    ).rejects.toMatchObject({ code: 'bad-config' });
  });

  it('exports the held-out predictions and the recipe', async () => {
    const predictions = await setUp.client.request('exportRun', { id: 'predictions' });
    const lines = (await predictions.blob.text())
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { logits: number[]; expected: string });
    expect(lines).toHaveLength(setUp.data.splitRows.test);
    expect(lines[0]?.logits).toHaveLength(2);
    const recipe = await setUp.client.request('exportRun', { id: 'recipe' });
    expect(await recipe.blob.text()).toContain(setUp.data.sha256);
  });

  it('gives the same answers after another device choice and after reopening', async () => {
    const { client } = setUp;
    const ask = () => predicted(client, { text: 'a day is so nice and great', textPair: null });
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
