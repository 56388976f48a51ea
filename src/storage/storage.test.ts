/** Storage over files and records in memory: what is kept, what it weighs, and that leftovers go. */
import { describe, expect, it } from 'vitest';
import type { Read, RunReaders, RunStart } from '../domain/run';
import type { FileBox } from './files';
import { memoryFiles, storageError } from './files';
import { AS_WRITTEN, memoryRecords, stamp } from './records';
import type { DatasetRecord, Records, RunRecord } from './records';
import { Storage } from './storage';

const bytes = (length: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(7);
const datasetRecord = (id: string, createdAt = '2025-01-01'): Omit<DatasetRecord, 'version'> => ({
  id,
  createdAt,
  name: `${id}.csv`,
  sha256: id,
  state: {},
});
const runRecord = (id: string): Omit<RunRecord, 'version'> => ({
  id,
  createdAt: '2025-01-02',
  summary: { id, name: `run ${id}` } as RunRecord['summary'],
  replay: [],
});

function setUp(): { files: FileBox; records: Records; storage: Storage } {
  const files = memoryFiles();
  const records = memoryRecords();
  return { files, records, storage: new Storage(files, records) };
}

describe('Storage', () => {
  it('keeps a data set under its id and finds it again, newest first', async () => {
    const { storage } = setUp();
    for (const [id, day] of [
      ['a', '2025-01-01'],
      ['b', '2025-01-03'],
    ] as const) {
      const opened = await storage.openDatasetFiles(id);
      opened.rows.append(bytes(10));
      opened.index.append(bytes(4));
      await storage.putDataset(datasetRecord(id, day));
    }
    expect((await storage.datasets()).map((record) => record.id)).toEqual(['b', 'a']);
    const again = await storage.openDatasetFiles('a');
    expect([again.rows.size, again.index.size]).toEqual([10, 4]);
    expect((await storage.usage()).datasets).toMatchObject([
      { id: 'b', bytes: 14 },
      { id: 'a', bytes: 14 },
    ]);
  });

  it('keeps a run with its weights and deletes both', async () => {
    const { storage, files } = setUp();
    await storage.putRun(runRecord('r'), bytes(32));
    expect(await storage.runWeights('r')).toEqual(bytes(32));
    expect((await storage.usage()).runs).toMatchObject([{ name: 'run r', bytes: 32 }]);
    await storage.deleteRun('r');
    expect(await storage.run('r')).toBeNull();
    expect(await files.list()).toEqual([]);
    await expect(storage.runWeights('r')).rejects.toMatchObject({ code: 'missing-file' });
  });

  it('leaves no weights behind when the record cannot be written', async () => {
    const { files, records } = setUp();
    const full = Object.assign(new Error('full'), { name: 'QuotaExceededError' });
    const refusing = { ...records, runs: { ...records.runs, put: () => Promise.reject(storageError(full, 'runs')) } };
    const storage = new Storage(files, refusing);
    await expect(storage.putRun(runRecord('r'), bytes(8))).rejects.toMatchObject({
      code: 'storage',
      fix: expect.stringContaining('Delete') as string,
    });
    expect(await files.list()).toEqual([]);
  });

  it('removes files without a record and records without files', async () => {
    const { storage, files, records } = setUp();
    await storage.putRun(runRecord('kept'), bytes(8));
    await files.write('datasets/cut-short.rows', bytes(100));
    await records.datasets.put(stamp(datasetRecord('gone')));
    await storage.removeOrphans();
    expect((await files.list()).map((file) => file.path)).toEqual(['runs/kept.safetensors']);
    expect(await storage.datasets()).toEqual([]);
    expect(await storage.runs()).toHaveLength(1);
  });

  it('throws no file away for a database that knows of nothing: it may have been lost', async () => {
    const { storage, files } = setUp();
    await files.write('runs/left.safetensors', bytes(8));
    await storage.removeOrphans();
    expect((await files.list()).map((file) => file.path)).toEqual(['runs/left.safetensors']);
    await storage.clear();
    expect(await files.list()).toEqual([]);
  });

  it('gives runs brought up to date, and keeps what it cannot read for the version that can', async () => {
    const { storage, files, records } = setUp();
    const start = (id: string) => ({ id, name: `run ${id}`, createdAt: '2025-01-03' }) as RunStart;
    for (const id of ['old', 'newer']) {
      await storage.putRun(runRecord(id), bytes(8));
      const at = { step: 1, totalSteps: 2, state: bytes(4), best: null };
      await storage.checkpoints.save(start(`${id}-unfinished`), at);
    }
    const kept = (await files.list()).map((file) => file.path);
    const read = <T extends { name: string }>(value: unknown): Read<T> => {
      const { name } = value as T;
      if (name.includes('newer')) return { ok: false, newer: true, at: 'version', message: 'newer' };
      return { ok: true, value: { ...(value as T), name: `${name}, brought up to date` } };
    };
    const readers: RunReaders = { ...AS_WRITTEN, start: read, summary: read };
    const again = new Storage(files, records, readers);
    expect((await again.runs()).map(({ summary }) => summary.name)).toEqual(['run old, brought up to date']);
    expect((await again.run('old'))?.summary.name).toBe('run old, brought up to date');
    expect(await again.run('newer')).toBeNull();
    expect((await again.usage()).runs.map(({ id }) => id)).toEqual(['old']);
    const names = async () => (await again.checkpoints.list()).map(({ start: { name } }) => name);
    expect(await names()).toEqual(['run old-unfinished, brought up to date']);
    expect(await again.checkpoints.read('old-unfinished')).toMatchObject({
      start: { name: 'run old-unfinished, brought up to date' },
    });
    await expect(again.checkpoints.read('newer-unfinished')).rejects.toMatchObject({ code: 'unsupported' });
    await again.restoreLost();
    await again.removeOrphans();
    expect((await files.list()).map((file) => file.path)).toEqual(expect.arrayContaining(kept) as unknown);
    await again.checkpoints.rename('old-unfinished', 'mine');
    expect(await names()).toEqual(['mine, brought up to date']);
  });

  it('knows the data sets of all runs, those that it cannot read among them', async () => {
    const { files, records, storage } = setUp();
    const summary = { id: 'r', name: 'r', datasetId: 'of-a-run' } as RunRecord['summary'];
    await storage.putRun({ ...runRecord('r'), summary }, bytes(8));
    const begun = { id: 'u', name: 'u', createdAt: '2025-01-03', datasetId: 'of-an-unfinished-run' } as RunStart;
    await storage.checkpoints.save(begun, { step: 1, totalSteps: 2, state: bytes(4), best: null });
    const newer = (): Read<never> => ({ ok: false, newer: true, at: 'version', message: 'newer' });
    const again = new Storage(files, records, { ...AS_WRITTEN, start: newer, summary: newer });
    expect(await again.runs()).toEqual([]);
    expect([...(await again.usedDatasets())]).toEqual(['of-a-run', 'of-an-unfinished-run']);
  });

  it('clears everything', async () => {
    const { storage, files } = setUp();
    await storage.putRun(runRecord('r'), bytes(8));
    await storage.clear();
    expect(await files.list()).toEqual([]);
    expect(await storage.runs()).toEqual([]);
  });
});

describe('storageError', () => {
  it.each([
    ['QuotaExceededError', 'storage', 'full'],
    ['NoModificationAllowedError', 'storage', 'another tab'],
    ['NotFoundError', 'missing-file', 'no longer'],
    ['DataError', 'storage', 'failed'],
  ])('puts %s in words', (name, code, words) => {
    const error = storageError(Object.assign(new Error('x'), { name }), 'runs/r.safetensors');
    expect(error).toMatchObject({ code, place: { file: 'runs/r.safetensors' } });
    expect(error.message).toContain(words);
  });
});
