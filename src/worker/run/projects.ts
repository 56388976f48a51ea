/** Requests about runs as wholes: another name, a second one like it, out as one file and in again. */
import type { RunSession } from './run';
import { blobSource } from '../../base/bytes';
import type { ByteStore } from '../../base/bytes';
import { TabtuneError, throwIfCancelled } from '../../base/errors';
import { Dataset } from '../../data/dataset';
import type { RunStart, RunSummary } from '../../domain/run';
import { rowLessons } from '../../lessons/index';
import { readCheckpoint } from '../../formats/checkpoint';
import { readProject, writeProject } from '../../formats/project';
import type { ProjectData, ProjectRun } from '../../formats/project';
import type { NewCheckpoint } from '../../storage/checkpoints';
import type { Storage } from '../../storage/storage';
import { readDatasetState, runReaders } from '../../lessons/records';
import { fileName } from './exports';
import { isDividedAs } from './setup';
import type { Context } from '../link/server';

const LONGEST_NAME = 200;

const gone = (): TabtuneError => new TabtuneError('not-found', 'This run is no longer in the browser’s storage.');

/** The state of an unfinished run with what says at which step its best weights were reached. */
function asSaved(
  name: string,
  totalSteps: number,
  state: Uint8Array<ArrayBuffer>,
  best: Uint8Array<ArrayBuffer> | null,
): NewCheckpoint {
  const { progress } = readCheckpoint(state, `The checkpoint of “${name}”`);
  return {
    step: progress.step,
    totalSteps,
    state,
    best: best && progress.best && { step: progress.best.step, bytes: () => best },
  };
}

export async function renameRun(session: RunSession, { id, name }: { id: string; name: string }): Promise<null> {
  const wanted = name.trim();
  if (wanted === '' || wanted.length > LONGEST_NAME)
    throw new TabtuneError('bad-config', `A name has 1 to ${LONGEST_NAME} characters.`, {
      fix: 'Choose another name.',
    });
  const storage = await session.storage();
  const record = await storage.run(id);
  if (!record) await storage.checkpoints.rename(id, wanted);
  else {
    await storage.updateRun({ ...record, summary: { ...record.summary, name: wanted } });
    if (session.run?.summary.id === id) session.run.summary.name = wanted;
  }
  return null;
}

export async function duplicateRun(session: RunSession, { id }: { id: string }): Promise<null> {
  const storage = await session.storage();
  const record = await storage.run(id);
  const copyOf = <T extends RunStart | RunSummary>(run: T): T => ({
    ...run,
    id: crypto.randomUUID(),
    name: `${run.name} (copy)`.slice(0, LONGEST_NAME),
    createdAt: new Date().toISOString(),
  });
  if (record) {
    const summary = copyOf(record.summary);
    await storage.putRun(
      { ...record, id: summary.id, createdAt: summary.createdAt, summary },
      await storage.runWeights(id),
    );
  } else {
    const { start, totalSteps, state, best } = await storage.checkpoints.read(id);
    await storage.checkpoints.save(copyOf(start), asSaved(start.name, totalSteps, state, best));
  }
  return null;
}

/** Throws `not-found`, `storage` when files of it cannot be read, or `unsupported` for a project of more than 4 GiB. */
export async function exportProject(
  session: RunSession,
  { id }: { id: string },
  context: Context,
): Promise<{ fileName: string; blob: Blob }> {
  context.progress({ label: 'Gathering the project', done: 0, total: null, unit: 'files' });
  const storage = await session.storage();
  const run = await keptRun(storage, id);
  const start = run.kind === 'finished' ? run.summary : run.start;
  const record = await storage.dataset(start.datasetId);
  const data = record && { ...record, ...(await storage.datasetBytes(record.id)) };
  throwIfCancelled(context.signal);
  return { fileName: `${fileName(start.name)}.tabtune.zip`, blob: await writeProject({ data, run }) };
}

async function keptRun(storage: Storage, id: string): Promise<ProjectRun> {
  const record = await storage.run(id);
  if (record) {
    const { summary, replay } = record;
    return { kind: 'finished', summary, replay, weights: await storage.runWeights(id) };
  }
  const kept = await storage.checkpoints.read(id).catch((thrown: unknown) => {
    throw thrown instanceof TabtuneError && thrown.code === 'not-found' ? gone() : thrown;
  });
  const { start, totalSteps, state, best } = kept;
  return { kind: 'unfinished', start, totalSteps, state, best };
}

/**
 * Keeps what a project file holds as a run of its own; a data set that is here already is used as it is. Throws
 * `bad-project`, `unsupported` or `storage`; nothing has changed then.
 */
export async function importProject(
  session: RunSession,
  { file }: { file: File },
  context: Context,
): Promise<{ runName: string }> {
  await session.refuseReader();
  context.progress({ label: 'Reading the project', done: 0, total: file.size, unit: 'bytes' });
  const { data, run } = await readProject(blobSource(file.name, file), runReaders);
  const begun = run.kind === 'finished' ? run.summary : run.start;
  const checked = data && (await checkData(file.name, data, begun, context));
  throwIfCancelled(context.signal);
  const storage = await session.storage();
  const known = data !== null && (await isHere(storage, data));
  const fresh = data !== null && !known;
  const datasetId = fresh ? crypto.randomUUID() : begun.datasetId;
  const mine = { id: crypto.randomUUID(), datasetId };
  try {
    if (fresh && checked) {
      await keepData(storage, datasetId, data);
      const { name, sha256, createdAt } = data;
      await storage.putDataset({
        id: datasetId,
        name,
        sha256,
        createdAt,
        state: { ...checked, id: datasetId, durable: storage.durable },
      });
    }
    if (run.kind === 'finished') {
      const summary = { ...run.summary, ...mine };
      await storage.putRun({ id: mine.id, createdAt: summary.createdAt, summary, replay: run.replay }, run.weights);
    } else
      await storage.checkpoints.save(
        { ...run.start, ...mine },
        asSaved(begun.name, run.totalSteps, run.state, run.best),
      );
  } catch (thrown) {
    if (fresh) await storage.deleteDataset(datasetId).catch(() => undefined);
    throw thrown;
  }
  return { runName: begun.name };
}

/** Bytes as a store to read from. */
function storeOf(bytes: Uint8Array): ByteStore {
  const never = (): never => {
    throw new TabtuneError('internal', 'These bytes are only read.');
  };
  return {
    size: bytes.length,
    read: (offset, length) => bytes.subarray(offset, offset + length),
    append: never,
    truncate: never,
    flush: never,
    close: () => undefined,
  };
}

/**
 * Reads every row as the run read it; the state of the data set as it is to be kept. Throws `bad-project` when they do
 * not fit the run.
 */
async function checkData(
  archive: string,
  data: ProjectData,
  run: RunStart,
  context: Context,
): Promise<ReturnType<Dataset['state']>> {
  const bad = (what: string, cause?: unknown): TabtuneError =>
    new TabtuneError('bad-project', `${archive}: ${what}`, {
      place: { file: archive },
      fix: 'Export the project again, and bring the file over whole.',
      cause,
    });
  const state = readDatasetState(data.state);
  if (state?.id !== data.id || state.sha256 !== data.sha256)
    throw bad('its data set is not described as it should be.');
  const onProgress = (done: number, total: number): void =>
    context.progress({ label: 'Checking the rows', done, total, unit: 'rows' });
  try {
    const stores = { rows: storeOf(data.rows), index: storeOf(data.index) };
    const dataset = await Dataset.reopen({ ...state, mapping: run.mapping, split: run.split }, stores, rowLessons, {
      signal: context.signal,
      onProgress,
    });
    if (!isDividedAs(dataset.info, run)) throw bad('its rows are divided otherwise than its run says.');
    return dataset.state();
  } catch (thrown) {
    if (!(thrown instanceof TabtuneError) || thrown.code === 'cancelled' || thrown.code === 'bad-project') throw thrown;
    throw bad(thrown.message, thrown);
  }
}

/** Whether this very data set, row for row, is in the storage already. */
async function isHere(storage: Storage, data: ProjectData): Promise<boolean> {
  if (!(await storage.dataset(data.id))) return false;
  const { rows, index } = await storage.datasetBytes(data.id);
  const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);
  return same(rows, data.rows) && same(index, data.index);
}

async function keepData(storage: Storage, id: string, { rows, index }: ProjectData): Promise<void> {
  const files = await storage.openDatasetFiles(id);
  try {
    files.rows.append(rows);
    files.index.append(index);
    files.rows.flush();
    files.index.flush();
  } finally {
    files.rows.close();
    files.index.close();
  }
}
