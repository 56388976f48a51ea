/** Requests about what is kept: runs, data sets, downloaded models, and the room they take. */
import type { RunSession } from './run';
import { TabtuneError } from '../../base/errors';
import type { DatasetInfo } from '../../domain/dataset';
import type { RunSummary, UnfinishedRun } from '../../domain/run';
import { lessonWorker } from '../../lessons/workers';
import { reopenFor } from '../data/run-dataset';
import type { OpenedRun, StorageReport } from '../link/protocol';
import type { Context } from '../link/server';
import { loadSource } from '../model/base-model';
import { begunAs } from '../model/begin';
import { refuseOther, setupAgain } from './setup';

/** Summaries of the kept runs, newest first. */
export async function listRuns(session: RunSession): Promise<RunSummary[]> {
  return (await (await session.storage()).runs()).map((record) => record.summary);
}

/**
 * Makes a kept run the current one: its model is loaded and its data set reopened with the mapping and the split it was
 * trained with (null when the data set has been deleted). Its weights are read when they are first needed.
 */
export async function openRun(
  session: RunSession,
  { id }: { id: string },
  context: Context,
): Promise<{ run: RunSummary; dataset: DatasetInfo | null }> {
  session.refuseWhileTraining('Another run cannot be opened');
  const storage = await session.storage();
  const record = await storage.run(id);
  if (!record) throw new TabtuneError('not-found', 'This run is no longer in the browser’s storage.');
  const { summary } = record;
  const dataset = await session.dataTurns.take(() => reopenFor(session, summary, context));
  if (session.run?.summary.id === id) return { run: session.run.summary, dataset };
  const model = await loadSource(session, summary.modelSource, context);
  refuseOther(summary, model);
  session.model = model;
  const previous = session.run;
  session.run = lessonWorker(summary.mapping.lesson).reopen({
    summary,
    replay: record.replay,
    model: begunAs(model, summary.config),
    weights: () => storage.runWeights(id),
  });
  await session.engineTurns.take(async () => previous?.retire());
  return { run: summary, dataset };
}

/** Runs that stopped before their end and can go on, newest first; the one that is training now is none of them. */
export async function listUnfinished(session: RunSession): Promise<UnfinishedRun[]> {
  const all = await (await session.storage()).checkpoints.list();
  return all.filter(({ start }) => start.id !== session.control?.runId);
}

/** Opens data set and model of an unfinished run, for the page to show while it goes on. */
export async function openUnfinished(
  session: RunSession,
  { id }: { id: string },
  context: Context,
): Promise<OpenedRun> {
  session.refuseWhileTraining('Another run cannot be opened');
  const { start } = await (await session.storage()).checkpoints.read(id);
  const { info, model } = await setupAgain(session, start, context);
  return { start, dataset: info, model: model.info, modelSource: model.source };
}

export async function deleteUnfinished(session: RunSession, { id }: { id: string }): Promise<null> {
  if (session.control?.runId === id) session.refuseWhileTraining('A run cannot be deleted');
  await (await session.storage()).checkpoints.remove(id);
  return null;
}

export async function storageReport(session: RunSession): Promise<StorageReport> {
  const storage = await session.storage();
  const { datasets, runs } = await storage.usage();
  const modelCacheBytes = await (await session.modelCache()).usedBytes();
  const unfinished = await storage.checkpoints.list();
  const kept = [...datasets, ...runs, ...unfinished].reduce((sum, item) => sum + item.bytes, modelCacheBytes);
  const estimate = await session.environment.estimateStorage();
  return {
    usedBytes: Math.max(kept, estimate.usage ?? 0),
    quotaBytes: estimate.quota ?? null,
    datasets: datasets.map(({ id, name, bytes }) => ({ id, name, bytes })),
    runs,
    unfinished: unfinished.map(({ start: { id, name }, bytes }) => ({ id, name, bytes })),
    modelCacheBytes,
    durable: storage.durable,
  };
}

export async function deleteRun(session: RunSession, { id }: { id: string }): Promise<null> {
  await (await session.storage()).deleteRun(id);
  if (session.run?.summary.id === id) await dropRun(session);
  return null;
}

export function deleteDataset(session: RunSession, { id }: { id: string }): Promise<null> {
  return session.dataTurns.take(async () => {
    if (session.dataset?.info.id === id) {
      session.dataset.close();
      session.dataset = null;
    }
    await (await session.storage()).deleteDataset(id);
    return null;
  });
}

export async function clearModelCache(session: RunSession): Promise<null> {
  await (await session.modelCache()).clear();
  return null;
}

/** Removes everything Tabtune keeps, and forgets what is open. */
export async function clearEverything(session: RunSession): Promise<null> {
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

async function dropRun(session: RunSession): Promise<void> {
  const { run } = session;
  session.run = null;
  await session.engineTurns.take(async () => run?.retire());
}
