/** Requests about what is kept: runs, data sets, downloaded models, and the room they take. */
import { TabtuneError } from '../../base/errors';
import type { LanguageExample } from '../../domain/conversation';
import type { DatasetInfo } from '../../domain/dataset';
import type { RunSummary, UnfinishedRun } from '../../domain/run';
import { isLanguageRun } from '../../domain/run';
import { LabelRunInHand } from '../../lessons/classify/worker/run';
import { LanguageRunInHand } from '../../lessons/answer/worker/run';
import { loadSource } from '../model/loading';
import { reopenFor } from '../data/reopening';
import type { Example } from '../../domain/task';
import type { RunRecord } from '../../storage/records';
import type { OpenedRun, StorageReport } from '../link/protocol';
import { setupAgain } from './setup';
import type { Context } from '../link/server';
import type { LoadedModel, Session } from '../session';

/** Summaries of the kept runs, newest first. */
export async function listRuns(session: Session): Promise<RunSummary[]> {
  return (await (await session.storage()).runs()).map((record) => record.summary);
}

/**
 * Makes a kept run the current one: its model is loaded and its data set reopened with the mapping and the split it was
 * trained with (null when the data set has been deleted). Its weights are read when they are first needed.
 */
export async function openRun(
  session: Session,
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
  session.model = model;
  const previous = session.run;
  session.run = inHand(record, model, () => storage.runWeights(id));
  await session.engineTurns.take(async () => previous?.retire());
  return { run: summary, dataset };
}

function inHand(
  { summary, replay }: RunRecord,
  model: LoadedModel,
  weights: () => Promise<Uint8Array>,
): LabelRunInHand | LanguageRunInHand {
  // What a record holds beside its summary is of the summary's kind: both were written at once.
  if (isLanguageRun(summary) && model.kind === 'decoder')
    return new LanguageRunInHand({ summary, model, replay: replay as LanguageExample[], weights });
  if (!isLanguageRun(summary) && model.kind === 'encoder')
    return new LabelRunInHand({ summary, model, replay: replay as Example[], weights });
  throw new TabtuneError('bad-model', `The model of this run, “${summary.model.name}”, is of another kind now.`, {
    fix: 'Train anew.',
  });
}

/** Runs that stopped before their end and can go on, newest first; the one that is training now is none of them. */
export async function listUnfinished(session: Session): Promise<UnfinishedRun[]> {
  const all = await (await session.storage()).checkpoints.list();
  return all.filter(({ start }) => start.id !== session.control?.runId);
}

/** Opens data set and model of an unfinished run, for the page to show while it goes on. */
export async function openUnfinished(session: Session, { id }: { id: string }, context: Context): Promise<OpenedRun> {
  session.refuseWhileTraining('Another run cannot be opened');
  const { start } = await (await session.storage()).checkpoints.read(id);
  const { info, model } = await setupAgain(session, start, context);
  return { start, dataset: info, model: model.info, modelSource: model.source };
}

export async function deleteUnfinished(session: Session, { id }: { id: string }): Promise<null> {
  if (session.control?.runId === id) session.refuseWhileTraining('A run cannot be deleted');
  await (await session.storage()).checkpoints.remove(id);
  return null;
}

export async function storageReport(session: Session): Promise<StorageReport> {
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
