/** Requests about base models: what one is, loading it with its tokenizer, and what training it would take. */
import { must } from '../../base/assert';
import { throwIfCancelled } from '../../base/errors';
import { sameValue } from '../../base/same-value';
import { generationSettings } from '../../domain/generation';
import { DECODER_ARCHITECTURES, ENCODER_ARCHITECTURES } from '../../domain/architectures';
import type { ModelDescription, ModelInfo, ModelSource } from '../../domain/model';
import type { TrainingConfig } from '../../domain/training-config';
import { resolveAdapter } from '../../engine/adapters/resolve';
import { plainCheckpoint } from '../../engine/checkpoint-names';
import { describeDecoder, describeEncoder } from '../../engine/describe';
import { ggufAmong, readGgufFolder } from '../../formats/gguf/folder';
import type { HfCheckpoint } from '../../formats/hf-folder';
import { describeConfig, readHfFolder } from '../../formats/hf-folder';
import type { FolderFile } from '../../formats/folder';
import { readPeftAdapter } from '../../formats/peft';
import { PEFT_CONFIG } from '../../formats/peft-config';
import type { ReadOptions } from '../../formats/sharded';
import { byteLength } from '../../formats/tensor';
import { embeddedModel } from '../../hub/embedded';
import * as hub from '../../hub/models';
import { lessonWorker } from '../../lessons/workers';
import { chatSources, defaultTemplate } from '../../text/chat-format';
import { checkVocabulary, loadTokenizer, tokenizersReady } from '../../text/tokenizer';
import { tokenLengths } from '../data/lengths';
import type { MemoryEstimate, ModelPick } from '../link/protocol';
import type { Context } from '../link/server';
import type { Call, LoadedModel, Session } from '../session';
import { withBase } from './adapter-alone';
import { refuseMisfit } from './fit';

/**
 * What is known before any weight is downloaded; dropped files are copied into the cache, so that their source lasts.
 */
export async function describeModel(session: Session, pick: ModelPick, context: Context): Promise<ModelDescription> {
  return pick.kind === 'dropped'
    ? keepDropped(session, pick, context)
    : hub.describeModel(await hubContext(session), pick, { signal: context.signal });
}

/** Loads a model and makes it the session's; the one before stays when this one fails. */
export async function loadModel(
  session: Session,
  pick: ModelPick,
  context: Context,
): Promise<{ info: ModelInfo; source: ModelSource }> {
  const source = pick.kind === 'dropped' ? (await keepDropped(session, pick, context)).source : pick;
  const model = await loadSource(session, source, context);
  session.model = model;
  return { info: model.info, source: model.source };
}

/** The model behind a source, or the session's own when it is the same. */
export async function loadSource(session: Session, source: ModelSource, context: Context): Promise<LoadedModel> {
  if (session.model && sameValue(session.model.source, source)) return session.model;
  const fetched = await hub.fetchModel(await hubContext(session), source, {
    signal: context.signal,
    onProgress: (done, total) => context.progress({ label: 'Getting the model', done, total, unit: 'bytes' }),
  });
  return readModel(fetched, {
    signal: context.signal,
    onProgress: (done, total) => context.progress({ label: 'Reading the weights', done, total, unit: 'bytes' }),
  });
}

/** Reads a model's files; throws what is wrong with them. */
export async function readModel(fetched: hub.FetchedModel, reading: ReadOptions): Promise<LoadedModel> {
  const gguf = ggufAmong(fetched.files);
  const checkpoint = gguf
    ? await withAdapter(await readGgufFolder(gguf, fetched.files, reading), fetched.files)
    : await readHfFolder(fetched.files, reading);
  throwIfCancelled(reading.signal);
  await tokenizersReady();
  return loadedModel(fetched, checkpoint);
}

/** A GGUF with the adapter that lies beside it. */
async function withAdapter(checkpoint: HfCheckpoint, files: readonly FolderFile[]): Promise<HfCheckpoint> {
  const isBeside = files.some(({ path }) => path === PEFT_CONFIG);
  return isBeside ? { ...checkpoint, adapter: await readPeftAdapter(files) } : checkpoint;
}

/** A checkpoint under its architecture's names, with what reads text for it, and what it can do. */
function loadedModel(fetched: hub.FetchedModel, given: HfCheckpoint): LoadedModel {
  const { said, ...plain } = plainCheckpoint(given.config, given.tensors);
  const adapter = given.adapter && resolveAdapter(plain, given.adapter);
  const base = { ...given, config: { ...plain.config }, tensors: plain.tensors };
  // What is said of it is said of the model with its adapter, which may have more tokens than the base.
  const begun = (adapter?.continued ?? adapter?.merged)?.();
  const checkpoint = begun ? { ...base, config: { ...begun.config }, tensors: new Map(begun.tensors) } : base;
  const tokenizer = loadTokenizer(checkpoint.tokenizerFiles, checkpoint.config);
  checkVocabulary(tokenizer, checkpoint.config);
  const facts = {
    ...describe(fetched, checkpoint),
    said: [...said, ...(adapter?.said ?? [])],
    ...(adapter ? { adapter: adapter.facts } : {}),
  };
  const loaded = { source: fetched.source, checkpoint: base, adapter, begun: null, tokenizer };
  const { architecture } = describeConfig(checkpoint.config);
  const encoder = ENCODER_ARCHITECTURES.find((name) => name === architecture);
  if (encoder) {
    const { sequenceClass, prefix, headModules, checkpointLabels, ...shape } = describeEncoder(
      checkpoint.config,
      checkpoint.tensors,
    );
    const head = { modules: headModules, labels: checkpointLabels };
    return {
      ...loaded,
      info: { ...facts, ...shape, architecture: encoder, head, writing: null },
      head: { className: sequenceClass, prefix },
      writing: null,
    };
  }
  const { className, ...shape } = describeDecoder(checkpoint.config, checkpoint.tensors);
  const chat = chatSources(tokenizer, checkpoint.config, checkpoint.chat);
  const writing = {
    ownTemplate: chat.template !== null,
    template: defaultTemplate(chat),
    generation: generationSettings(chat.generationConfig),
  };
  const decoder = must(
    DECODER_ARCHITECTURES.find((name) => name === architecture),
    'architecture',
  );
  return {
    ...loaded,
    info: { ...facts, ...shape, architecture: decoder, head: null, writing },
    head: null,
    writing: { className, chat },
  };
}

function describe(
  { source, name, licence, files }: hub.FetchedModel,
  { tensors, licence: stated }: HfCheckpoint,
): Pick<ModelInfo, 'name' | 'bytes' | 'licence' | 'recipes'> {
  const card = source.kind === 'embedded' ? embeddedModel(source.id) : null;
  return {
    name,
    // Of a GGUF the file's own size: its tensors say what they take unpacked.
    bytes: ggufAmong(files)?.size ?? [...tensors.values()].reduce((sum, tensor) => sum + byteLength(tensor), 0),
    licence: licence ?? stated,
    recipes: card?.recipes ?? {},
  };
}

export async function hubContext(session: Session): Promise<hub.HubContext> {
  const { baseUrl, hubUrl } = session.requireSettings();
  return { baseUrl, hubUrl, fetch: session.environment.fetch, cache: await session.modelCache() };
}

async function keepDropped(
  session: Session,
  pick: Extract<ModelPick, { kind: 'dropped' }>,
  context: Context,
): Promise<ModelDescription> {
  const outside = await hubContext(session);
  const inUse = session.model?.source ?? null;
  const { name, files } = await withBase(outside, await hub.openDropped(pick.files), inUse, {
    signal: context.signal,
    onProgress: (done, total) => context.progress({ label: 'Getting the base model', done, total, unit: 'bytes' }),
  });
  return hub.storeDropped(outside, name, files, {
    signal: context.signal,
    onProgress: (done, total) => context.progress({ label: 'Checking the files', done, total, unit: 'bytes' }),
  });
}

/** Forgets the model; a run that uses it keeps it. */
export async function closeModel(session: Session): Promise<null> {
  session.model = null;
  return null;
}

/** What training with these settings would take on the open data set. Throws `bad-config` for rows it cannot learn. */
export async function estimate(call: Call, config: TrainingConfig): Promise<MemoryEstimate> {
  const { session } = call;
  const { mapping } = session.requireDataset().info;
  refuseMisfit(mapping, session.requireModel().info);
  const { longest } = await tokenLengths(call, config);
  return lessonWorker(mapping.lesson).estimate(call, config, Math.min(longest, config.maxLength));
}
