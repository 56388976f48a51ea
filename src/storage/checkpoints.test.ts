/**
 * Checkpoints: the last and the one before are kept, damage is found, and a failed save leaves what was there as it
 * was.
 */
import { must } from '../base/assert';
import { describe, expect, it } from 'vitest';
import type { RunStart } from '../domain/run';
import type { FileBox } from './files';
import { memoryFiles, storageError } from './files';
import type { Records } from './records';
import { memoryRecords } from './records';
import { Storage } from './storage';

const start = { id: 'r', name: 'moods', createdAt: '2025-01-02' } as RunStart;
const filled = (length: number, value: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(value);
const at = (step: number, best: number | null = null) => ({
  step,
  totalSteps: 9,
  state: filled(20, step),
  best: best === null ? null : { step: best, bytes: () => filled(10, best) },
});

function setUp(
  files: FileBox = memoryFiles(),
  records: Records = memoryRecords(),
): { files: FileBox; records: Records; storage: Storage } {
  return { files, records, storage: new Storage(files, records) };
}

const paths = async (files: FileBox): Promise<string[]> => (await files.list()).map(({ path }) => path).sort();
const full = (path: string) => storageError(Object.assign(new Error('full'), { name: 'QuotaExceededError' }), path);

describe('checkpoints', () => {
  it('keeps the last two states and the best weights that they name', async () => {
    const { storage, files } = setUp();
    for (const [step, best] of [
      [1, null],
      [2, 2],
      [3, 2],
      [4, 4],
      [5, 4],
    ] as const)
      await storage.checkpoints.save(start, at(step, best));
    expect(await paths(files)).toEqual([
      'checkpoints/r.a.safetensors',
      'checkpoints/r.b.safetensors',
      'checkpoints/r.best-4.safetensors',
    ]);
    expect(await storage.checkpoints.read('r')).toEqual({
      start,
      step: 5,
      totalSteps: 9,
      state: filled(20, 5),
      best: filled(10, 4),
    });
    expect(await storage.checkpoints.list()).toMatchObject([{ start, step: 5, totalSteps: 9, bytes: 60 }]);
  });

  it('writes best weights once', async () => {
    const { storage } = setUp();
    await storage.checkpoints.save(start, at(2, 2));
    const never = () => expect.unreachable('the best weights are there already');
    await storage.checkpoints.save(start, { ...at(3), best: { step: 2, bytes: never } });
    expect((await storage.checkpoints.read('r')).best).toEqual(filled(10, 2));
  });

  it.each([
    [
      'changed in one bit',
      async (files: FileBox, path: string) => {
        const bytes = await files.read(path);
        bytes[7] = must(bytes[7]) ^ 1;
        await files.write(path, bytes);
      },
    ],
    ['cut short', async (files: FileBox, path: string) => files.write(path, (await files.read(path)).subarray(0, 5))],
    ['gone', (files: FileBox, path: string) => files.remove(path)],
  ])('goes back to the one before when the last is %s, and says so when none is left', async (_, damage) => {
    const { storage, files } = setUp();
    await storage.checkpoints.save(start, at(1));
    await storage.checkpoints.save(start, at(2));
    await damage(files, 'checkpoints/r.b.safetensors');
    expect(await storage.checkpoints.read('r')).toMatchObject({ step: 1, state: filled(20, 1) });
    await damage(files, 'checkpoints/r.a.safetensors');
    await expect(storage.checkpoints.read('r')).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('moods') as string,
    });
  });

  it('goes back as well when the best weights are damaged', async () => {
    const { storage, files } = setUp();
    await storage.checkpoints.save(start, at(1, 1));
    await storage.checkpoints.save(start, at(2, 2));
    await files.write('checkpoints/r.best-2.safetensors', filled(10, 99));
    expect(await storage.checkpoints.read('r')).toMatchObject({ step: 1, best: filled(10, 1) });
  });

  it('leaves the last checkpoint whole when the disk is full amid a save, and nothing half-written', async () => {
    const held = memoryFiles();
    let refuse = false;
    const files: FileBox = {
      ...held,
      write: async (path, bytes) => {
        await held.write(path, refuse ? bytes.subarray(0, 3) : bytes);
        if (refuse) throw full(path);
      },
    };
    const { storage } = setUp(files);
    await storage.checkpoints.save(start, at(1, 1));
    await storage.checkpoints.save(start, at(2, 1));
    refuse = true;
    await expect(storage.checkpoints.save(start, at(3, 3))).rejects.toMatchObject({
      code: 'storage',
      message: expect.stringContaining('full') as string,
    });
    expect(await storage.checkpoints.read('r')).toMatchObject({ step: 2, state: filled(20, 2), best: filled(10, 1) });
    refuse = false;
    await storage.checkpoints.save(start, at(4, 3));
    expect(await storage.checkpoints.read('r')).toMatchObject({ step: 4, state: filled(20, 4), best: filled(10, 3) });
    expect(await paths(files)).toHaveLength(4);
  });

  it('leaves the last checkpoint whole when the manifest cannot be flipped', async () => {
    const records = memoryRecords();
    const { storage, files } = setUp(memoryFiles(), records);
    await storage.checkpoints.save(start, at(1));
    const refusing = new Storage(files, {
      ...records,
      checkpoints: { ...records.checkpoints, put: () => Promise.reject(full('checkpoints')) },
    });
    await expect(refusing.checkpoints.save(start, at(2))).rejects.toMatchObject({ code: 'storage' });
    expect(await storage.checkpoints.read('r')).toMatchObject({ step: 1 });
  });

  it('goes when the run is kept, or is deleted', async () => {
    const { storage, files } = setUp();
    await storage.checkpoints.save(start, at(1, 1));
    await storage.putRun({ id: 'r', createdAt: start.createdAt, summary: start as never, replay: [] }, filled(4, 4));
    expect(await paths(files)).toEqual(['runs/r.safetensors']);
    await storage.checkpoints.save({ ...start, id: 's' }, at(1, 1));
    await storage.checkpoints.remove('s');
    expect(await paths(files)).toEqual(['runs/r.safetensors']);
    await expect(storage.checkpoints.read('s')).rejects.toMatchObject({ code: 'not-found' });
  });

  it('survives the tidying at the start; what no manifest names does not', async () => {
    const { storage, files } = setUp();
    await storage.checkpoints.save(start, at(1, 1));
    await files.write('checkpoints/r.b.safetensors', filled(3, 0));
    await storage.removeOrphans();
    expect(await paths(files)).toEqual(['checkpoints/r.a.safetensors', 'checkpoints/r.best-1.safetensors']);
    expect(await storage.checkpoints.list()).toHaveLength(1);
    for (const path of await paths(files)) await files.remove(path);
    await storage.removeOrphans();
    expect(await storage.checkpoints.list()).toEqual([]);
  });
});
