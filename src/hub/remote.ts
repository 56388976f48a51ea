/** Models that are downloaded: the embedded ones from the app's own folder, others from the Hugging Face Hub. */
import { TabtuneError, throwIfCancelled } from '../base/errors';
import type { EmbeddedModelCard, ModelDescription, ModelSource } from '../domain/model';
import { parseJsonObject } from '../formats/json-file';
import { chooseFiles, indexOf, shardPaths } from './choose-files';
import { architectureOf, shortHash } from './context';
import type { FetchOptions, FetchedModel, HubContext } from './context';
import { download } from './download';
import type { Download } from './download';
import { embeddedModel } from './embedded';
import { GATED_FIX, fileUrl, lookUpModel } from './hub-api';
import type { HubModel } from './hub-api';
import { parseHubName } from './hub-id';
import type { CacheNote } from './model-cache';

type Embedded = Extract<ModelSource, { kind: 'embedded' }>;
type Hub = Extract<ModelSource, { kind: 'hub' }>;

/** The card's size is part of the key, so that a new version of the app fetches what changed. */
const embeddedKey = (card: EmbeddedModelCard): string => `embedded-${card.id}-${card.bytes}`;

export async function describeEmbedded(context: HubContext, source: Embedded): Promise<ModelDescription> {
  const card = embeddedModel(source.id);
  return {
    source,
    name: card.name,
    architecture: card.architecture,
    unsupported: null,
    licence: card.licence,
    bytes: card.bytes,
    parameters: card.parameters,
    cachedBytes: await context.cache.cachedBytes(
      embeddedKey(card),
      card.files.map(({ path }) => path),
    ),
    files: card.files,
  };
}

/** An embedded model's files, fetched when they are not in the cache. */
export function fetchEmbedded(context: HubContext, source: Embedded, options: FetchOptions): Promise<FetchedModel> {
  const card = embeddedModel(source.id);
  const key = embeddedKey(card);
  const jobs = card.files.map(({ path, bytes }): Download => ({
    url: new URL(`${card.folder}/${path}`, context.baseUrl).href,
    key,
    path,
    size: bytes,
    sha256: null,
  }));
  const about = { source, name: card.name, licence: card.licence };
  return downloadAll(context, about, { key, jobs, announced: card.bytes }, options);
}

/** A model of the Hub: from the cache without any request when its commit is known and it is whole, else downloaded. */
export async function fetchHub(context: HubContext, source: Hub, options: FetchOptions): Promise<FetchedModel> {
  const cached = await cachedHub(context, source);
  if (cached) return cached;
  const model = await lookUp(context, source, options.signal);
  if (model.gated) throw new TabtuneError('unsupported', gatedMessage(model), { fix: GATED_FIX });
  const { unsupported } = await hubArchitecture(context, model, options.signal);
  if (unsupported !== null)
    throw new TabtuneError('unsupported', unsupported, {
      place: { file: 'config.json' },
      fix: 'Choose a model of one of these architectures.',
    });
  const key = await hubKey(context, model.id, model.revision);
  const jobs = (await chosenOnHub(context, model, options.signal)).map(({ path, size, sha256 }): Download => ({
    url: fileUrl(context.hubUrl, model.id, model.revision, path),
    key,
    path,
    size,
    sha256,
  }));
  const total = jobs.reduce((sum, { size }) => sum + (size ?? 0), 0);
  const pinned: Hub = { kind: 'hub', id: model.id, revision: model.revision };
  const about = { source: pinned, name: model.id, licence: model.licence };
  return downloadAll(context, about, { key, jobs, announced: total }, options);
}

const hubKey = async (context: HubContext, id: string, revision: string): Promise<string> =>
  `hub-${await shortHash(`${context.hubUrl}\n${id}\n${revision}`)}`;

const isCommit = (revision: string): boolean => /^[0-9a-f]{40,64}$/.test(revision);

async function cachedHub(context: HubContext, source: Hub): Promise<FetchedModel | null> {
  if (!isCommit(source.revision)) return null;
  const key = await hubKey(context, source.id, source.revision);
  const note = await context.cache.note(key);
  return note?.whole
    ? { source, name: source.id, licence: note.licence, files: await context.cache.folder(key, source.id) }
    : null;
}

async function lookUp(context: HubContext, source: Hub, signal: AbortSignal | undefined): Promise<HubModel> {
  const name = parseHubName(source.id);
  return lookUpModel(context.hubUrl, name.id, name.revision ?? (source.revision || 'main'), context.fetch, signal);
}

const gatedMessage = (model: HubModel): string =>
  `The owner of “${model.id}” asks everybody to accept terms before a download.`;

async function downloadAll(
  context: HubContext,
  about: Omit<FetchedModel, 'files'>,
  { key, jobs, announced }: { key: string; jobs: readonly Download[]; announced: number },
  options: FetchOptions,
): Promise<FetchedModel> {
  const { cache } = context;
  const note: CacheNote = (await cache.note(key)) ?? {
    name: about.name,
    licence: about.licence,
    files: new Map(),
    whole: false,
  };
  let before = 0;
  for (const job of jobs) {
    throwIfCancelled(options.signal);
    const report = (bytes: number): void => options.onProgress?.(before + bytes, Math.max(announced, before + bytes));
    await download(job, { fetch: context.fetch, cache, note, signal: options.signal, onBytes: report });
    before += note.files.get(job.path)?.size ?? 0;
  }
  if (!note.whole) {
    note.whole = true;
    await cache.writeNote(key, note);
  }
  return { ...about, files: jobs.map(({ path }) => cache.file(key, path, note.files.get(path)?.size ?? 0)) };
}

/** What the Hub says about a model; its branch or tag becomes a commit in the answer's source. */
export async function describeHubModel(
  context: HubContext,
  source: Hub,
  { signal }: FetchOptions,
): Promise<ModelDescription> {
  const model = await lookUp(context, source, signal);
  const pinned: Hub = { kind: 'hub', id: model.id, revision: model.revision };
  const common = { source: pinned, name: model.id, licence: model.licence, parameters: model.parameters };
  if (model.gated)
    return {
      ...common,
      architecture: model.modelType ?? 'unknown',
      unsupported: `${gatedMessage(model)} ${GATED_FIX}`,
      bytes: 0,
      cachedBytes: 0,
      files: [],
    };
  const { architecture, unsupported } = await hubArchitecture(context, model, signal);
  const files = unsupported === null ? await chosenOnHub(context, model, signal) : [];
  const key = await hubKey(context, model.id, model.revision);
  return {
    ...common,
    architecture,
    unsupported,
    bytes: files.reduce((sum, { size }) => sum + size, 0),
    cachedBytes: await context.cache.cachedBytes(
      key,
      files.map(({ path }) => path),
    ),
    files: files.map(({ path, size }) => ({ path, bytes: size })),
  };
}

/** What is needed of a model, its shards by the names that its index gives them. */
async function chosenOnHub(context: HubContext, model: HubModel, signal: AbortSignal | undefined) {
  const index = indexOf(model.files);
  if (!index) return chooseFiles(model.files);
  await fetchSmall(context, model, index.file.path, signal);
  const key = await hubKey(context, model.id, model.revision);
  return chooseFiles(model.files, shardPaths(await context.cache.read(key, index.file.path), index));
}

/** Gets one file that is needed before the others. */
async function fetchSmall(
  context: HubContext,
  { id, revision, licence }: HubModel,
  path: string,
  signal: AbortSignal | undefined,
): Promise<void> {
  const key = await hubKey(context, id, revision);
  const note: CacheNote = (await context.cache.note(key)) ?? { name: id, licence, files: new Map(), whole: false };
  const url = fileUrl(context.hubUrl, id, revision, path);
  const job: Download = { url, key, path, size: null, sha256: null };
  await download(job, { fetch: context.fetch, cache: context.cache, note, signal, onBytes: () => undefined });
}

/** The architecture from the model's own config.json, and why it is not supported, or null. */
async function hubArchitecture(
  context: HubContext,
  model: HubModel,
  signal: AbortSignal | undefined,
): Promise<{ architecture: string; unsupported: string | null }> {
  const path = model.files.find(
    (file) => file.path === 'config.json' || file.path === '0_Transformer/config.json',
  )?.path;
  if (path === undefined) {
    chooseFiles(model.files);
    return { architecture: model.modelType ?? 'unknown', unsupported: null };
  }
  const key = await hubKey(context, model.id, model.revision);
  await fetchSmall(context, model, path, signal);
  return architectureOf(parseJsonObject(await context.cache.read(key, path), path));
}
