/** Requests about the data set: opening, mapping, splitting, paging. */
import type { ByteSource } from '../../base/bytes';
import { TabtuneError, throwIfCancelled } from '../../base/errors';
import { sameValue } from '../../base/same-value';
import { Dataset } from '../../data/dataset';
import { SeveralFiles } from '../../data/parts/files';
import type { DatasetInfo, Mapping, ReadWishes, RowFilter, RowView, SplitConfig } from '../../domain/dataset';
import { rowLessons } from '../../lessons/index';
import type { DataSource } from '../link/protocol';
import type { Context } from '../link/server';
import type { Session } from '../session';
import { Scratch } from './scratch';
import { byteSource } from './source';
import { openFiles } from './unpack';
import { readDatasetState } from '../../lessons/records';

/** How the rows of a data set are read and divided. */
export type ReadSettings = Pick<DatasetInfo, 'mapping' | 'split'>;

/** Opens data and makes it the session's data set; the one before is closed, and stays in storage. */
export function openData(session: Session, source: DataSource, context: Context): Promise<DatasetInfo> {
  return session.dataTurns.take(async () => {
    throwIfCancelled(context.signal);
    if (source.kind === 'stored') return (await reopenStored(session, source.id, context)).info;
    await session.refuseReader();
    const dataset = await importFrom(session, source, context);
    return takeOver(session, dataset, source);
  });
}

/** Makes a data set that was just read the session's own. */
function takeOver(session: Session, dataset: Dataset, source: DataSource): DatasetInfo {
  session.dataset?.close();
  session.dataset = dataset;
  session.readFrom = { datasetId: dataset.info.id, source };
  return dataset.info;
}

/**
 * Reads the open data set's file again. Mapping and split stay where the columns do. Throws `missing-file` where this
 * session did not read it, and what reading throws; the data set then stays as it was.
 */
export function readAgain(session: Session, wishes: ReadWishes, context: Context): Promise<DatasetInfo> {
  return session.dataTurns.take(async () => {
    throwIfCancelled(context.signal);
    await session.refuseReader();
    const { info } = session.requireDataset();
    const { readFrom } = session;
    if (!readFrom || readFrom.datasetId !== info.id || readFrom.source.kind === 'stored')
      throw new TabtuneError('missing-file', 'The rows were kept, but the file itself is not at hand any more.', {
        place: { file: info.name },
        fix: 'Drop the file again; then it can be read in another way.',
      });
    const dataset = await importFrom(session, readFrom.source, context, wishes);
    if (sameValue(dataset.info.columns, info.columns)) {
      await dataset.setMapping(info.mapping, { signal: context.signal });
      await dataset.setSplit(info.split);
      await saveState(session, dataset);
    }
    return takeOver(session, dataset, readFrom.source);
  });
}

/**
 * Reopens a kept data set without parsing it again; its rows are read once. Call it inside a turn of `dataTurns`.
 * @param read how they are to be read and divided, where that is not as they were last
 */
export async function reopenStored(
  session: Session,
  id: string,
  context: Context,
  read: Partial<ReadSettings> = {},
): Promise<Dataset> {
  if (session.dataset?.info.id === id) return session.dataset;
  const storage = await session.storage();
  const record = await storage.dataset(id);
  const state = record && readDatasetState(record.state);
  if (!state)
    throw new TabtuneError('not-found', 'This data set is no longer in the browser’s storage.', {
      fix: 'Open the file again.',
    });
  const files = await storage.openDatasetFiles(id);
  try {
    const dataset = await Dataset.reopen({ ...state, ...read }, files, rowLessons, {
      signal: context.signal,
      onProgress: (done, total) => context.progress({ label: 'Reopening the data set', done, total, unit: 'rows' }),
    });
    session.dataset?.close();
    session.dataset = dataset;
    return dataset;
  } catch (thrown) {
    files.rows.close();
    files.index.close();
    throw thrown;
  }
}

/** Reads files, archives among them unpacked for as long as that takes, or whatever else the source is. */
async function importFrom(
  session: Session,
  source: Exclude<DataSource, { kind: 'stored' }>,
  context: Context,
  wishes: ReadWishes = {},
): Promise<Dataset> {
  if (source.kind !== 'file' && source.kind !== 'files')
    return importSource(session, await byteSource(session, source, context), context, wishes);
  const scratch = new Scratch(async () => (await session.storage()).openScratch());
  try {
    const dropped = source.kind === 'files' ? source.files : [{ path: source.file.name, file: source.file }];
    const { files, leftOut, archive } = await openFiles(dropped, scratch, context);
    const [only] = files;
    // A file alone is read by its content, whatever its name.
    const alone = only !== undefined && files.length === 1 && leftOut.length === 0 && archive === null;
    const several = alone ? only.source : new SeveralFiles(files, leftOut, archive);
    return await importSource(session, several, context, wishes);
  } finally {
    await scratch.remove();
  }
}

async function importSource(
  session: Session,
  source: ByteSource | SeveralFiles,
  context: Context,
  wishes: ReadWishes,
): Promise<Dataset> {
  const storage = await session.storage();
  const id = crypto.randomUUID();
  const files = await storage.openDatasetFiles(id);
  try {
    const dataset = await Dataset.import(source, id, files, rowLessons, {
      signal: context.signal,
      durable: storage.durable,
      wishes,
      onProgress: (done, total) => context.progress({ label: 'Reading the data', done, total, unit: 'bytes' }),
      onRowProgress: (done, total) => context.progress({ label: 'Checking the rows', done, total, unit: 'rows' }),
    });
    files.rows.flush();
    files.index.flush();
    await saveState(session, dataset);
    await removeOlderCopies(session, dataset.info);
    return dataset;
  } catch (thrown) {
    files.rows.close();
    files.index.close();
    await storage.deleteDataset(id);
    throw thrown;
  }
}

async function saveState(session: Session, dataset: Dataset): Promise<void> {
  const storage = await session.storage();
  const { id, name, sha256 } = dataset.info;
  const createdAt = (await storage.dataset(id))?.createdAt ?? new Date().toISOString();
  await storage.putDataset({ id, name, sha256, createdAt, state: dataset.state() });
}

/** Opening the same file again replaces its earlier copy, unless a kept run refers to that. */
async function removeOlderCopies(session: Session, info: DatasetInfo): Promise<void> {
  const storage = await session.storage();
  const used = await storage.usedDatasets();
  for (const record of await storage.datasets()) {
    const same = record.id !== info.id && record.sha256 === info.sha256 && record.name === info.name;
    if (!same || used.has(record.id)) continue;
    if (session.dataset?.info.id === record.id) closeCurrent(session);
    await storage.deleteDataset(record.id);
  }
}

function closeCurrent(session: Session): void {
  session.dataset?.close();
  session.dataset = null;
}

export function setMapping(session: Session, mapping: Mapping, context: Context): Promise<DatasetInfo> {
  return session.dataTurns.take(async () => {
    await session.refuseReader();
    const dataset = session.requireDataset();
    const info = await dataset.setMapping(mapping, {
      signal: context.signal,
      onProgress: (done, total) => context.progress({ label: 'Checking the rows', done, total, unit: 'rows' }),
    });
    await saveState(session, dataset);
    return info;
  });
}

export function setSplit(session: Session, split: SplitConfig): Promise<DatasetInfo> {
  return session.dataTurns.take(async () => {
    await session.refuseReader();
    const dataset = session.requireDataset();
    const info = await dataset.setSplit(split);
    await saveState(session, dataset);
    return info;
  });
}

export function closeData(session: Session): Promise<null> {
  return session.dataTurns.take(async () => {
    closeCurrent(session);
    return null;
  });
}

export async function rows(
  session: Session,
  page: { from: number; count: number; filter: RowFilter },
): Promise<{ rows: RowView[]; total: number }> {
  return session.requireDataset().rows(page.from, page.count, page.filter);
}
