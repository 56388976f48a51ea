/**
 * Copies of records: a lost database is taken up again from them, and what was deleted or damaged does not come back.
 */
import { describe, expect, it } from 'vitest';
import type { RunStart } from '../domain/run';
import type { FileBox } from './files';
import { memoryFiles, storageError } from './files';
import { copiedRecords, copyPath } from './record-copies';
import type { Records, RunRecord } from './records';
import { memoryRecords } from './records';
import { Storage } from './storage';

const filled = (length: number, value: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(value);
const start = { id: 'u', name: 'moods', createdAt: '2025-01-03' } as RunStart;
const summary = { id: 'r', name: 'topics', elapsedMs: Infinity, bestStep: NaN } as unknown as RunRecord['summary'];
const checkpoint = (step: number) => ({
  step,
  totalSteps: 9,
  state: filled(20, step),
  best: { step: 2, bytes: () => filled(10, 2) },
});

const over = (files: FileBox, records: Records = memoryRecords()): Storage =>
  new Storage(files, copiedRecords(records, files));

/** One data set, one finished run, one unfinished run. */
async function fill(storage: Storage): Promise<void> {
  const { rows, index } = await storage.openDatasetFiles('d');
  rows.append(filled(12, 1));
  index.append(filled(8, 1));
  await storage.putDataset({ id: 'd', createdAt: '2025-01-01', name: 'd.csv', sha256: 'd', state: { rows: 1 } });
  await storage.putRun({ id: 'r', createdAt: '2025-01-02', summary, replay: [] }, filled(30, 5));
  for (const step of [2, 3, 4]) await storage.checkpoints.save(start, checkpoint(step));
}

/** A start of the app on these files and a database that knows of nothing. */
async function afterLoss(files: FileBox): Promise<Storage> {
  const storage = over(files);
  await storage.restoreLost();
  await storage.removeOrphans();
  return storage;
}

const paths = async (files: FileBox): Promise<string[]> => (await files.list()).map(({ path }) => path).sort();

describe('copies of records', () => {
  it('bring back everything that a lost database knew, to the last number', async () => {
    const files = memoryFiles();
    const before = over(files);
    await fill(before);
    const kept = await paths(files);
    const after = await afterLoss(files);
    expect(await after.datasets()).toEqual(await before.datasets());
    expect(await after.runs()).toEqual(await before.runs());
    expect(await after.checkpoints.read('u')).toEqual({
      start,
      step: 4,
      totalSteps: 9,
      state: filled(20, 4),
      best: filled(10, 2),
    });
    expect(await after.checkpoints.list()).toEqual(await before.checkpoints.list());
    expect(await paths(files)).toEqual(kept);
  });

  it('follow each change: another name, a new checkpoint, a deletion', async () => {
    const files = memoryFiles();
    const storage = over(files);
    await fill(storage);
    await storage.updateRun({ id: 'r', createdAt: '2025-01-02', summary: { ...summary, name: 'renamed' }, replay: [] });
    await storage.checkpoints.save(start, checkpoint(5));
    await storage.checkpoints.rename('u', 'renamed as well');
    await storage.deleteDataset('d');
    const after = await afterLoss(files);
    expect((await after.runs()).map((run) => run.summary.name)).toEqual(['renamed']);
    expect(await after.checkpoints.list()).toMatchObject([{ step: 5, start: { name: 'renamed as well' } }]);
    expect(await after.datasets()).toEqual([]);
    await after.deleteRun('r');
    await after.checkpoints.remove('u');
    expect(await files.list().then((all) => all.filter(({ path }) => !path.startsWith('datasets/')))).toEqual([]);
    expect(await (await afterLoss(files)).runs()).toEqual([]);
  });

  it('bring back a single record that is missing among others, and are made for records that have none', async () => {
    const files = memoryFiles();
    const records = memoryRecords();
    // An earlier version of the app left no copies.
    await fill(new Storage(files, records));
    expect((await paths(files)).filter((path) => path.endsWith('.json'))).toEqual([]);
    await over(files, records).restoreLost();
    await records.checkpoints.remove('u');
    const storage = over(files, records);
    await storage.restoreLost();
    expect(await storage.checkpoints.read('u')).toMatchObject({ step: 4 });
    expect(await (await afterLoss(files)).usage()).toMatchObject({
      datasets: [{ id: 'd', bytes: 20 }],
      runs: [{ id: 'r', bytes: 30 }],
    });
  });

  it(
    'bring back a checkpoint from the one before when the last is damaged, and nothing whose files are ' +
      'not as they were',
    async () => {
      const files = memoryFiles();
      await fill(over(files));
      await files.write('checkpoints/u.a.safetensors', filled(20, 77));
      await files.write('runs/r.safetensors', filled(30, 6));
      await files.remove('datasets/d.index');
      const after = await afterLoss(files);
      expect(await after.checkpoints.read('u')).toMatchObject({ step: 3 });
      expect([await after.runs(), await after.datasets()]).toEqual([[], []]);
    },
  );

  it.each([
    ['no JSON', '{"version":1,"id":"r"'],
    ['of another version', '{"version":2,"id":"r","createdAt":"2025-01-02"}'],
    ['of another record', '{"version":1,"id":"other","createdAt":"2025-01-02"}'],
  ])('are passed over when they are %s', async (_, text) => {
    const files = memoryFiles();
    await fill(over(files));
    await files.write(copyPath('runs', 'r'), new TextEncoder().encode(text));
    const after = await afterLoss(files);
    expect(await after.runs()).toEqual([]);
    expect(await after.checkpoints.list()).toHaveLength(1);
  });

  it('are not needed for a record to count, and go where they would be outdated', async () => {
    const held = memoryFiles();
    const full = { on: false };
    const files: FileBox = {
      ...held,
      write: (path, bytes) =>
        full.on && path.endsWith('.json')
          ? Promise.reject(storageError(Object.assign(new Error('full'), { name: 'QuotaExceededError' }), path))
          : held.write(path, bytes),
    };
    const storage = over(files);
    await fill(storage);
    full.on = true;
    await storage.checkpoints.save(start, checkpoint(6));
    expect(await storage.checkpoints.read('u')).toMatchObject({ step: 6 });
    expect(await paths(files)).not.toContain(copyPath('checkpoints', 'u'));
  });

  it('go before everything else when all is cleared', async () => {
    const files = memoryFiles();
    const removed: string[] = [];
    const storage = over({ ...files, remove: (path) => (removed.push(path), files.remove(path)) });
    await fill(storage);
    removed.length = 0;
    await storage.clear();
    expect(removed.slice(0, 3)).toEqual([
      copyPath('datasets', 'd'),
      copyPath('runs', 'r'),
      copyPath('checkpoints', 'u'),
    ]);
    expect(await files.list()).toEqual([]);
  });
});
