/** A tab that only reads sees everything, changes nothing, and says why. */
import { describe, expect, it } from 'vitest';
import { memoryFiles } from './files';
import { memoryRecords } from './records';
import { Storage } from './storage';

const filled = (length: number, value: number): Uint8Array<ArrayBuffer> => new Uint8Array(length).fill(value);
const start = { id: 'u', name: 'unfinished', createdAt: '2025-01-02' } as never;
const refusal = {
  code: 'storage',
  message: expect.stringContaining('another tab') as string,
  fix: expect.stringContaining('Work here') as string,
};

describe('a reading tab', () => {
  it('reads data sets, runs and checkpoints, and refuses every change', async () => {
    const [files, records] = [memoryFiles(), memoryRecords()];
    const writer = new Storage(files, records);
    const opened = await writer.openDatasetFiles('d');
    opened.rows.append(filled(5, 1));
    await writer.putDataset({ id: 'd', name: 'd.csv', createdAt: '2025-01-01', sha256: 'd', state: {} });
    await writer.putRun(
      { id: 'r', createdAt: '2025-01-01', summary: { id: 'r', name: 'r' } as never, replay: [] },
      filled(4, 2),
    );
    await writer.checkpoints.save(start, { step: 3, totalSteps: 9, state: filled(6, 3), best: null });
    const before = await files.list();

    const reader = new Storage(files, records, undefined, false);
    const copy = await reader.openDatasetFiles('d');
    expect(copy.rows.read(0, 5)).toEqual(filled(5, 1));
    copy.rows.append(filled(9, 9));
    expect(await reader.runWeights('r')).toEqual(filled(4, 2));
    expect((await reader.checkpoints.read('u')).step).toBe(3);
    for (const change of [
      () => reader.putDataset({ id: 'e', name: 'e', createdAt: '', sha256: '', state: {} }),
      () => reader.deleteDataset('d'),
      () => reader.putRun({ id: 's', createdAt: '', summary: { id: 's' } as never, replay: [] }, filled(1, 1)),
      () => reader.deleteRun('r'),
      () => reader.checkpoints.save(start, { step: 4, totalSteps: 9, state: filled(6, 4), best: null }),
      () => reader.checkpoints.remove('u'),
      () => reader.clear(),
    ])
      await expect(change()).rejects.toMatchObject(refusal);
    expect(() => reader.refuseReader()).toThrow(/another tab/);
    expect(() => writer.refuseReader()).not.toThrow();
    expect(await files.list()).toEqual(before);
    expect((await writer.checkpoints.read('u')).step).toBe(3);
  });
});
