/** Requests about what is kept: runs, data sets, downloaded models, and the room they take. */
import { TabtuneError } from '../base/errors';
import type { DatasetInfo } from '../domain/dataset';
import type { RunSummary } from '../domain/run';
import { CurrentRun } from './current-run';
import { reopenStored } from './data-requests';
import { loadSource } from './model-requests';
import type { StorageReport } from './protocol';
import type { Context } from './server';
import type { Session } from './session';

/** Summaries of the kept runs, newest first. */
export async function listRuns(session: Session): Promise<RunSummary[]> {
  return (await (await session.storage()).runs()).map((record) => record.summary);
}

/**
 * Makes a kept run the current one: its model is loaded and its data set reopened with the mapping and the split it was
 * trained with (null when the data set has been deleted). Its weights are read when they are first needed.
 */
export async function openRun(session: Session, { id }: { id: string }, context: Context): Promise<{ run: RunSummary; dataset: DatasetInfo | null }> {
  session.refuseWhileTraining('Another run cannot be opened');
  const storage = await session.storage();
  const record = await storage.run(id);
  if (!record) throw new TabtuneError('not-found', 'This run is no longer in the browser’s storage.');
  const { summary, replay } = record;
  const dataset = await session.dataTurns.take(() => reopenFor(session, summary, context));
  if (session.run?.summary.id === id) return { run: session.run.summary, dataset };
  const model = await loadSource(session, summary.modelSource, context);
  session.model = model;
  const previous = session.run;
  session.run = new CurrentRun({ summary, model, replay, weights: () => storage.runWeights(id) });
  await session.engineTurns.take(async () => previous?.retire());
  return { run: summary, dataset };
}

async function reopenFor(session: Session, summary: RunSummary, context: Context): Promise<DatasetInfo | null> {
  const storage = await session.storage();
  if (session.dataset?.info.id !== summary.datasetId && !(await storage.dataset(summary.datasetId))) return null;
  const dataset = await reopenStored(session, summary.datasetId, context);
  if (JSON.stringify(dataset.info.mapping) !== JSON.stringify(summary.mapping)) {
    await dataset.setMapping(summary.mapping, {
      signal: context.signal,
      onProgress: (done, total) => context.progress({ label: 'Reopening the data set', done, total, unit: 'rows' }),
    });
  }
  if (JSON.stringify(dataset.info.split) !== JSON.stringify(summary.split)) await dataset.setSplit(summary.split);
  return dataset.info;
}

export async function storageReport(session: Session): Promise<StorageReport> {
  const storage = await session.storage();
  const { datasets, runs } = await storage.usage();
  const modelCacheBytes = await (await session.modelCache()).usedBytes();
  const kept = [...datasets, ...runs].reduce((sum, item) => sum + item.bytes, modelCacheBytes);
  const estimate = await session.environment.estimateStorage();
  return {
    usedBytes: Math.max(kept, estimate.usage ?? 0),
    quotaBytes: estimate.quota ?? null,
    datasets: datasets.map(({ id, name, bytes }) => ({ id, name, bytes })),
    runs,
    modelCacheBytes,
    durable: storage.durable,
  };
}

export async function deleteRun(session: Session, { id }: { id: string }): Promise<null> {
  await (await session.storage()).deleteRun(id);
  if (session.run?.summary.id === id) await dropRun(session);
  return null;
}

export function deleteDataset(session: Session, { id }: { id: string }): Promise<null> {
  return session.dataTurns.take(async () => {
    if (session.dataset?.info.id === id) {
      session.dataset.close();
      session.dataset = null;
    }
    await (await session.storage()).deleteDataset(id);
    return null;
  });
}

export async function clearModelCache(session: Session): Promise<null> {
  await (await session.modelCache()).clear();
  return null;
}

/** Removes everything Tabtune keeps, and forgets what is open. */
export async function clearEverything(session: Session): Promise<null> {
  session.refuseWhileTraining('Nothing can be deleted');
  await dropRun(session);
  session.model = null;
  await session.dataTurns.take(async () => {
    session.dataset?.close();
    session.dataset = null;
    await (await session.storage()).clear();
  });
  return clearModelCache(session);
}

async function dropRun(session: Session): Promise<void> {
  const { run } = session;
  session.run = null;
  await session.engineTurns.take(async () => run?.retire());
}
