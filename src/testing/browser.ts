/**
 * For tests: what a browser keeps, as a value that can be copied at any moment, which is what a kill at that moment
 * leaves.
 */
import { sha256Hex } from '../base/bytes';
import type { TrainEvent } from '../domain/run';
import type { LabelConfig } from '../domain/training-config';
import type { FileBox } from '../storage/files';
import { memoryFiles } from '../storage/files';
import type { Records } from '../storage/records';
import { memoryRecords } from '../storage/records';
import { Storage } from '../storage/storage';
import type { CheckpointPolicy } from '../worker/run/checkpoints';
import type { DataSource } from '../worker/link/protocol';
import type { Prepared } from './session';
import { config, csv, newClient, prepared, SETTINGS } from './session';

/** A checkpoint at every edge. */
export const ALWAYS: CheckpointPolicy = { everySteps: 1, everyMs: 0, share: Infinity };
export const NEVER: CheckpointPolicy = { everySteps: Infinity, everyMs: Infinity, share: 1 };

export interface Browser {
  files: FileBox;
  records: Records;
  modelFiles: FileBox;
}

export const newBrowser = (): Browser => ({
  files: memoryFiles(),
  records: memoryRecords(),
  modelFiles: memoryFiles(),
});

/** The browser as it is at this moment; memory answers without letting a run go on in between. */
export async function photograph({ files, records, modelFiles }: Browser): Promise<Browser> {
  const copy = { ...newBrowser(), modelFiles };
  for (const { path } of await files.list()) await copy.files.write(path, (await files.read(path)).slice());
  for (const record of await records.datasets.all()) await copy.records.datasets.put(structuredClone(record));
  for (const record of await records.runs.all()) await copy.records.runs.put(structuredClone(record));
  for (const record of await records.checkpoints.all()) await copy.records.checkpoints.put(structuredClone(record));
  return copy;
}

/** A tab with data and model on this browser. */
export const openTab = (
  { files, records, modelFiles }: Browser,
  policy: CheckpointPolicy,
  source: DataSource = csv(100),
): Promise<Prepared> => prepared(source, newClient(new Storage(files, records), modelFiles, policy));

export async function weightsOf({ files, records }: Browser, id: string): Promise<string> {
  return sha256Hex(await new Storage(files, records).runWeights(id));
}

/** Trains until `happens` says yes to an event, and gives the browser as a kill at that moment leaves it. */
export async function killedWhen(
  browser: Browser,
  method: LabelConfig['method'],
  settings: Partial<LabelConfig>,
  happens: (event: TrainEvent) => boolean,
  source: DataSource = csv(100),
): Promise<Browser> {
  const { client } = await openTab(browser, ALWAYS, source);
  const cancel = new AbortController();
  const photos: Browser[] = [];
  const onTrainEvent = (event: TrainEvent): void => {
    if (!happens(event) || photos.length > 0) return;
    void photograph(browser).then((photo) => photos.push(photo));
    cancel.abort();
  };
  await client
    .request(
      'train',
      { config: config(method, settings), runName: `moods ${method}` },
      { signal: cancel.signal, onTrainEvent },
    )
    .catch(() => undefined);
  const [left] = photos;
  if (!left) throw new Error('The run ended before it was to be killed.');
  return left;
}

/** A new tab on the browser goes on with its one unfinished run. */
export async function resume(browser: Browser, policy: CheckpointPolicy = NEVER) {
  const storage = new Storage(browser.files, browser.records);
  await storage.removeOrphans();
  const client = newClient(storage, browser.modelFiles, policy);
  await client.request('start', SETTINGS);
  const [found] = await client.request('listUnfinished', null);
  const events: TrainEvent[] = [];
  const answer = client.request(
    'resumeRun',
    { id: found?.start.id ?? '' },
    { onTrainEvent: (event) => events.push(event) },
  );
  return { client, found, events, answer };
}
