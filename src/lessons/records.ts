/**
 * What storage, project files and checkpoints hold of runs and data sets, field by field: another version of the app,
 * or somebody else, may have written it. Records of earlier versions are brought up to date before they are checked.
 */
import * as z from 'zod/mini';
import { isObject, type Json } from '../base/json';
import { anyNumber } from '../base/json-numbers';
import { DATASET_VERSION } from '../data/dataset';
import type { DatasetState } from '../data/dataset';
import { QUOTINGS, TEXT_ENCODINGS } from '../domain/dataset';
import type { Mapping, ReadWishes } from '../domain/dataset';
import type { GenerationSettings } from '../domain/generation';
import { TEMPLATE_CHOICES } from '../domain/language-config';
import { DECODER_ARCHITECTURES, ENCODER_ARCHITECTURES } from '../domain/architectures';
import type { AdapterFacts, ModelInfo, ModelSource } from '../domain/model';
import { RUN_VERSION } from '../domain/run';
import type { Read, RunReaders, RunStart, RunSummary } from '../domain/run';
import { stepSchema, validationSchema } from '../formats/checkpoint';
import type { AnyLesson } from './contract';
import { lessons } from './index';
import { datasetFrom1, mappingFrom1, runFrom1 } from './migrate';

const counter = z.int().check(z.nonnegative());
const date = z.string().check(z.refine((text) => !Number.isNaN(Date.parse(text)), 'no date'));
const strings = z.array(z.string());

const splitSchema = z.object({
  train: z.number(),
  validation: z.number(),
  test: z.number(),
  seed: z.number(),
  dropDuplicates: z.boolean(),
});

const sourceSchema: z.ZodMiniType<ModelSource> = z.union([
  z.object({ kind: z.literal('embedded'), id: z.string() }),
  z.object({ kind: z.literal('hub'), id: z.string(), revision: z.string() }),
  z.object({ kind: z.literal('files'), name: z.string(), cacheKey: z.string() }),
]);

const generationSchema: z.ZodMiniType<GenerationSettings> = z.object({
  maxNewTokens: z.number(),
  doSample: z.boolean(),
  temperature: z.number(),
  topK: z.number(),
  topP: z.number(),
  repetitionPenalty: z.number(),
  stopStrings: strings,
  seed: z.number(),
});

const lora = z.object({
  rank: z.number(),
  alpha: z.number(),
  dropout: z.number(),
  targetModules: strings,
  modulesToSave: strings,
});

const adapterSchema: z.ZodMiniType<AdapterFacts> = z.object({
  ...lora.shape,
  layers: counter,
  scaling: z.string(),
  bias: z.string(),
  patterns: z.record(z.string(), z.string()),
  beginning: z.string(),
  base: z.nullable(z.string()),
  obstacle: z.nullable(z.string()),
});

const modelSchema: z.ZodMiniType<ModelInfo> = z.object({
  name: z.string(),
  architecture: z.enum([...ENCODER_ARCHITECTURES, ...DECODER_ARCHITECTURES]),
  parameters: counter,
  bytes: counter,
  hiddenSize: counter,
  layers: counter,
  maxPositions: counter,
  vocabularySize: counter,
  licence: z.nullable(z.string()),
  linearModules: strings,
  recipes: z.partialRecord(z.enum(['full', 'lora', 'head']), z.looseObject({ lora: z.optional(z.partial(lora)) })),
  head: z.nullable(z.object({ modules: strings, labels: z.nullable(strings) })),
  said: z.optional(strings),
  adapter: z.optional(adapterSchema),
  writing: z.nullable(
    z.object({ ownTemplate: z.boolean(), template: z.enum(TEMPLATE_CHOICES), generation: generationSchema }),
  ),
});

const scaleSchema = z.object({ mean: z.number(), std: z.number().check(z.positive()), log: z.boolean() });

/** Of these, the mapping, the settings and the evaluation are the lesson's. */
const startFields = {
  version: z.literal(RUN_VERSION),
  id: z.string(),
  name: z.string(),
  createdAt: date,
  datasetId: z.string(),
  datasetName: z.string(),
  datasetSha256: z.string(),
  split: splitSchema,
  splitRows: z.object({ train: counter, validation: counter, test: counter }),
  modelSource: sourceSchema,
  backend: z.string(),
  device: z.string(),
  mapping: z.unknown(),
  labels: strings,
  targetScale: z.optional(scaleSchema),
  model: modelSchema,
  config: z.unknown(),
};
const startSchema = z.object(startFields);
const summarySchema = z.object({
  ...startFields,
  reason: z.enum(['completed', 'stopped', 'early-stopping', 'bad-numbers']),
  steps: z.array(stepSchema),
  validations: z.array(validationSchema),
  elapsedMs: anyNumber,
  bestStep: z.nullable(counter),
  evaluation: z.unknown(),
});

const wishesSchema: z.ZodMiniType<ReadWishes> = z.object({
  encoding: z.optional(z.enum(TEXT_ENCODINGS)),
  delimiter: z.optional(z.string()),
  quoting: z.optional(z.enum(QUOTINGS)),
  hasHeader: z.optional(z.boolean()),
  firstLine: z.optional(counter),
  comment: z.optional(z.string()),
});

const stateSchema = z.object({
  version: z.literal(DATASET_VERSION),
  id: z.string(),
  name: z.string(),
  bytes: counter,
  // Formats keep more than these, and one that is no longer known can still be read: its rows are in the store.
  source: z.looseObject({
    format: z.string(),
    decimalComma: z.boolean(),
    encoding: z.optional(z.enum(TEXT_ENCODINGS)),
    delimiter: z.optional(z.string()),
    hasHeader: z.optional(z.boolean()),
    quoting: z.optional(z.enum(QUOTINGS)),
    firstLine: z.optional(counter),
    comment: z.optional(z.string()),
    wishes: z.optional(wishesSchema),
  }),
  columns: strings,
  rows: counter,
  sha256: z.string(),
  durable: z.boolean(),
  readWarnings: strings,
  mapping: z.unknown(),
  split: splitSchema,
});

type Bad = Extract<Read<unknown>, { ok: false }>;
const bad = (at: string, message: string, newer = false): Bad => ({ ok: false, newer, at, message });

/** A part of a record as its schema reads it; `at` is where it stands. */
function part<T>(schema: z.ZodMiniType<T>, value: unknown, ...at: string[]): Read<T> {
  const read = schema.safeParse(value);
  if (read.success) return { ok: true, value: read.data };
  const [issue] = read.error.issues;
  return bad([...at, ...(issue?.path ?? [])].join('.'), issue?.message ?? 'unknown');
}

/** The record as one of the newest version. */
function upToDate(value: unknown, newest: number, from1: (record: Json) => Json): Read<Json> {
  if (!isObject(value)) return bad('', 'no object');
  const { version = 1 } = value;
  if (version === 1) return { ok: true, value: from1(value) };
  if (version === newest) return { ok: true, value };
  const newer = typeof version === 'number' && version > newest;
  return bad('version', newer ? 'a newer version of Tabtune wrote this' : 'no version that is known', newer);
}

/** The lesson that a mapping names; one that is not known is taken for a later version's. */
function lessonFor(mapping: unknown): Read<AnyLesson> {
  const id = isObject(mapping) ? mapping['lesson'] : undefined;
  if (typeof id !== 'string') return bad('mapping', 'it names no lesson');
  const lesson = lessons().find((one) => one.id === id);
  return lesson ? { ok: true, value: lesson } : bad('mapping.lesson', `no lesson “${id}” is known`, true);
}

/** The parts of a run that are its lesson's. */
function ownParts(run: {
  mapping?: unknown;
  config?: unknown;
  model: ModelInfo;
}): Read<Pick<RunStart, 'mapping' | 'config'> & { lesson: AnyLesson }> {
  const lesson = lessonFor(run.mapping);
  if (!lesson.ok) return lesson;
  const { schemas, settings, fits, words } = lesson.value;
  const mapping = part(schemas.mapping, run.mapping, 'mapping');
  if (!mapping.ok) return mapping;
  const config = part(settings.schema, run.config, 'config');
  if (!config.ok) return config;
  if (!fits(run.model)) return bad('model', `${run.model.name} cannot learn “${words.name}”`);
  return { ok: true, value: { mapping: mapping.value, config: config.value, lesson: lesson.value } };
}

export function readStart(value: unknown): Read<RunStart> {
  const now = upToDate(value, RUN_VERSION, runFrom1);
  const start = now.ok ? part(startSchema, now.value) : now;
  if (!start.ok) return start;
  const own = ownParts(start.value);
  if (!own.ok) return own;
  const { mapping, config } = own.value;
  return { ok: true, value: { ...start.value, mapping, config } };
}

export function readSummary(value: unknown): Read<RunSummary> {
  const now = upToDate(value, RUN_VERSION, runFrom1);
  const summary = now.ok ? part(summarySchema, now.value) : now;
  if (!summary.ok) return summary;
  const own = ownParts(summary.value);
  if (!own.ok) return own;
  const { mapping, config, lesson } = own.value;
  const evaluation = part(z.nullable(lesson.schemas.report), summary.value.evaluation, 'evaluation');
  if (!evaluation.ok) return evaluation;
  if (evaluation.value !== null && !lesson.reportFits(evaluation.value, mapping))
    return bad('evaluation', 'the evaluation is of another task');
  return { ok: true, value: { ...summary.value, mapping, config, evaluation: evaluation.value } };
}

/** Rows that were kept with a run. */
export function readReplay(value: unknown, { mapping }: Pick<RunStart, 'mapping'>): Read<unknown[]> {
  const lesson = lessonFor(mapping);
  return lesson.ok ? part(z.array(lesson.value.schemas.example), value) : lesson;
}

export function readMapping(value: unknown): Read<Mapping> {
  const now = mappingFrom1(value);
  const lesson = lessonFor(now);
  return lesson.ok ? part(lesson.value.schemas.mapping, now) : lesson;
}

/** The state of a data set, or null when the value is none that can be read. */
export function readDatasetState(value: unknown): DatasetState | null {
  const now = upToDate(value, DATASET_VERSION, datasetFrom1);
  const state = now.ok ? part(stateSchema, now.value) : now;
  const mapping = state.ok ? readMapping(state.value.mapping) : state;
  return state.ok && mapping.ok ? { ...state.value, mapping: mapping.value } : null;
}

/** For what comes from outside. */
export const runReaders: RunReaders = {
  start: readStart,
  summary: readSummary,
  replay: readReplay,
  problem: (run) =>
    lessons()
      .find(({ id }) => id === run.mapping.lesson)
      ?.problemsOf(run.config)[0] ?? null,
};

/** For what this browser keeps: a run whose results cannot be read is not lost for that; it can be tested again. */
export const keptReaders: RunReaders = {
  ...runReaders,
  summary(value) {
    const whole = readSummary(value);
    return whole.ok || whole.newer || !isObject(value) ? whole : readSummary({ ...value, evaluation: null });
  },
};
