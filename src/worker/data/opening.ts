/** Requests about the data set: opening, mapping, splitting, paging, and how the chosen model's tokenizer reads it. */
import { blobSource, bytesSource } from '../../base/bytes';
import type { ByteSource } from '../../base/bytes';
import { TabtuneError, throwIfCancelled } from '../../base/errors';
import { Dataset } from '../../data/dataset';
import { SAMPLES } from '../../data/samples';
import type { ColumnMapping, DatasetInfo, RowFilter, RowView, SplitConfig } from '../../domain/dataset';
import { readDatasetState } from './state';
import type { ChatRenderer } from '../../text/chat-renderer';
import { LanguageRows, countsInWords, refuseWhenEmpty } from '../../text/language-rows';
import { rendererFor } from '../../lessons/answer/worker/run';
import type { DataSource, Requests, ShownSequence, TokenLengths, TokenView } from '../link/protocol';
import { showTokens } from '../../lessons/answer/worker/items';
import type { Context } from '../link/server';
import { Slices } from '../link/server';
import type { Session } from '../session';

/** Rows whose tokens are counted; larger sets are sampled evenly. */
const LENGTH_SAMPLE = 2000;

/** Opens data and makes it the session's data set; the one before is closed, and stays in storage. */
export function openData(session: Session, source: DataSource, context: Context): Promise<DatasetInfo> {
  return session.dataTurns.take(async () => {
    throwIfCancelled(context.signal);
    if (source.kind === 'stored') return (await reopenStored(session, source.id, context)).info;
    await session.refuseReader();
    const bytes = await byteSource(session, source, context);
    const dataset = await importSource(session, bytes, context);
    session.dataset?.close();
    session.dataset = dataset;
    return dataset.info;
  });
}

/** Reopens a kept data set without parsing it again. Call it inside a turn of `dataTurns`. */
export async function reopenStored(session: Session, id: string, context: Context): Promise<Dataset> {
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
    const dataset = await Dataset.reopen(state, files, {
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

async function byteSource(
  session: Session,
  source: Exclude<DataSource, { kind: 'stored' }>,
  context: Context,
): Promise<ByteSource> {
  switch (source.kind) {
    case 'file':
      return blobSource(source.file.name, source.file);
    case 'text':
      return bytesSource(source.name, new TextEncoder().encode(source.text));
    case 'sample': {
      const card = SAMPLES.find((sample) => sample.id === source.id);
      if (!card) throw new TabtuneError('not-found', `There is no sample “${source.id}”.`);
      const url = new URL(`samples/${card.file}`, session.requireSettings().baseUrl).href;
      const response = await session.environment.fetch(url, { signal: context.signal }).catch((thrown: unknown) => {
        throwIfCancelled(context.signal);
        throw new TabtuneError('network', `The sample “${card.name}” could not be read.`, {
          place: { file: card.file },
          fix: 'Check the connection and try again.',
          cause: thrown,
        });
      });
      if (!response.ok)
        throw new TabtuneError('network', `The sample “${card.name}” could not be read (HTTP ${response.status}).`, {
          place: { file: card.file },
        });
      return bytesSource(card.file.split('/').at(-1) ?? card.file, new Uint8Array(await response.arrayBuffer()));
    }
  }
}

async function importSource(session: Session, source: ByteSource, context: Context): Promise<Dataset> {
  const storage = await session.storage();
  const id = crypto.randomUUID();
  const files = await storage.openDatasetFiles(id);
  try {
    const dataset = await Dataset.import(source, id, files, {
      signal: context.signal,
      durable: storage.durable,
      onProgress: (done, total) => context.progress({ label: 'Reading the file', done, total, unit: 'bytes' }),
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
  const runs = [
    ...(await storage.runs()).map((run) => run.summary),
    ...(await storage.checkpoints.list()).map((run) => run.start),
  ];
  const used = new Set(runs.map((run) => run.datasetId));
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

export function setMapping(session: Session, mapping: ColumnMapping, context: Context): Promise<DatasetInfo> {
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

/**
 * Token counts of the usable rows (sampled evenly when there are many) as the loaded model reads them. For a decoder
 * also what would be cut or left out.
 */
export async function tokenLengths(
  session: Session,
  asked: Requests['tokenLengths']['params'],
  context: Context,
): Promise<TokenLengths> {
  const { info } = session.requireDataset();
  const of = JSON.stringify([info.id, info.mapping, session.requireModel().source, asked]);
  if (session.lengths?.of !== of) session.lengths = { of, found: countLengths(session, asked, context) };
  const { lengths } = session;
  try {
    return await lengths.found;
  } catch (thrown) {
    // Whoever asked first may have cancelled: that must not answer for the others.
    if (session.lengths === lengths) session.lengths = null;
    throwIfCancelled(context.signal);
    if (thrown instanceof TabtuneError && thrown.code === 'cancelled') return countLengths(session, asked, context);
    throw thrown;
  }
}

/** Rests when it is time; throws `cancelled` when another request has closed the data set meanwhile. */
async function restWith(session: Session, dataset: Dataset, slices: Slices): Promise<void> {
  if (!slices.over) return;
  await slices.rest();
  if (session.dataset !== dataset) throw new TabtuneError('cancelled', 'The data set has been closed.');
}

async function countLengths(
  session: Session,
  { maxLength, template }: Requests['tokenLengths']['params'],
  context: Context,
): Promise<TokenLengths> {
  const dataset = session.requireDataset();
  const model = session.requireModel();
  if (model.kind === 'decoder')
    return renderedLengths(session, dataset, rendererFor(model, template ?? model.info.template), maxLength, context);
  const { tokenizer } = model;
  const stride = Math.max(1, Math.floor(dataset.info.rows / LENGTH_SAMPLE));
  const slices = new Slices(context.signal);
  const found = { overLong: 0, maxLength, longest: 0, total: 0, counted: 0 };
  for (let row = 1; row <= dataset.info.rows; row += stride) {
    const example = dataset.example(row);
    if (!example) continue;
    const length = tokenizer.encode(example.text, example.textPair ?? null, Number.MAX_SAFE_INTEGER).ids.length;
    found.counted++;
    found.total += length;
    found.longest = Math.max(found.longest, length);
    if (length > maxLength) found.overLong++;
    await restWith(session, dataset, slices);
  }
  const { total, ...rest } = found;
  return { ...rest, mean: found.counted ? total / found.counted : 0, notes: [], refusal: null };
}

/** Rows of labelled texts give nothing to count: they are no conversations. */
async function renderedLengths(
  session: Session,
  dataset: Dataset,
  renderer: ChatRenderer,
  maxLength: number,
  context: Context,
): Promise<TokenLengths> {
  const stride = Math.max(1, Math.floor(dataset.info.rows / LENGTH_SAMPLE));
  const slices = new Slices(context.signal);
  const taken = new LanguageRows(renderer, maxLength);
  let refusal: string | null = null;
  try {
    for (let row = 1; row <= dataset.info.rows; row += stride) {
      const example = dataset.conversation(row);
      if (example) taken.take(example);
      await restWith(session, dataset, slices);
    }
    if (taken.counts.rows > 0) refuseWhenEmpty(taken.counts);
  } catch (thrown) {
    if (!(thrown instanceof TabtuneError) || thrown.code === 'cancelled') throw thrown;
    refusal = `${thrown.message} ${thrown.fix ?? ''}`.trim();
  }
  const { rows: counted, tokens, sequences, longest, truncated } = taken.counts;
  return {
    overLong: truncated,
    maxLength,
    longest,
    mean: sequences ? tokens / sequences : 0,
    counted,
    notes: countsInWords(taken.counts, maxLength),
    refusal,
  };
}

/** The exact tokens of a row for a decoder. Throws `bad-config` when the loaded model gives labels. */
export async function shownTokens(
  session: Session,
  { row, maxLength, template }: Requests['shownTokens']['params'],
): Promise<ShownSequence[]> {
  const model = session.requireModel();
  if (model.kind !== 'decoder')
    throw new TabtuneError('bad-config', 'This model gives labels: it reads no conversations.', {
      fix: 'Choose a model that writes.',
    });
  return showTokens(session.requireDataset(), rendererFor(model, template), row, maxLength);
}

/** What the model sees of one row. */
export async function tokenView(
  session: Session,
  { row, maxLength }: { row: number; maxLength: number },
): Promise<TokenView> {
  const example = session.requireDataset().example(row);
  if (!example)
    throw new TabtuneError('bad-data', 'This row is left out, so the model never sees it.', { place: { row } });
  return session.requireModel().tokenizer.tokens(example.text, example.textPair ?? null, maxLength);
}
