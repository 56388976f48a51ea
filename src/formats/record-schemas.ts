/**
 * What runs and their data are made of, field by field: for what comes from outside, and for what another version of
 * the app may have kept.
 */
import { z } from 'zod';
import { DECODER_ARCHITECTURES, ENCODER_ARCHITECTURES } from '../domain/architectures';
import type { LanguageExample } from '../domain/conversation';
import type { LabelMapping, LanguageMapping, SplitConfig } from '../domain/dataset';
import type { GenerationSettings } from '../domain/generation';
import { BASE_WEIGHTS, TEMPLATE_CHOICES } from '../domain/language-config';
import type { LanguageEvaluation } from '../domain/language-evaluation';
import type { EvaluationReport, TaskMetrics } from '../domain/metrics';
import type { DecoderInfo, EncoderInfo, ModelSource } from '../domain/model';
import type { RunStart, RunSummary, StepRecord, TrainingProgress, ValidationRecord } from '../domain/run';
import type { Example } from '../domain/task';

/** Any number that a computer has. */
const number = z.union([z.number(), z.nan(), z.literal(Infinity), z.literal(-Infinity)]);
const counter = z.int().nonnegative();
const column = z.nullable(z.string());
const taskKind = z.enum(['single-label', 'multi-label', 'regression']);
const languageTask = z.enum(['chat', 'preference']);

export const labelMappingSchema: z.ZodType<LabelMapping> = z.object({
  task: taskKind,
  text: z.string(),
  textPair: column,
  labels: z.array(z.string()),
  labelLayout: z.enum(['column', 'list', 'one-hot']),
  split: column,
});

export const languageMappingSchema: z.ZodType<LanguageMapping> = z.object({
  task: languageTask,
  layout: z.enum(['messages', 'prompt', 'text', 'pair']),
  columns: z.partialRecord(
    z.enum(['messages', 'system', 'prompt', 'input', 'answer', 'text', 'chosen', 'rejected']),
    z.string(),
  ),
  split: column,
});

export const splitSchema: z.ZodType<SplitConfig> = z.object({
  train: z.number(),
  validation: z.number(),
  test: z.number(),
  seed: z.number(),
  dropDuplicates: z.boolean(),
});

export const validationSchema: z.ZodType<ValidationRecord> = z.object({
  step: number,
  epoch: number,
  loss: number,
  metricName: z.string(),
  metricValue: number,
  best: z.boolean(),
});

const rewards = z.object({ chosen: number, rejected: number, margins: number, accuracies: number });

/** Steps that earlier versions recorded have the figures of preferences as `rewards: { margins … }`. */
function withExtras(record: unknown): unknown {
  const parsed = z.looseObject({ rewards }).safeParse(record);
  if (!parsed.success) return record;
  const { rewards: old, ...rest } = parsed.data;
  return {
    ...rest,
    extras: Object.fromEntries(Object.entries(old).map(([name, value]) => [`rewards/${name}`, value])),
  };
}

const currentStep: z.ZodType<StepRecord> = z.object({
  step: number,
  totalSteps: number,
  epoch: number,
  loss: number,
  learningRate: number,
  gradientNorm: number,
  examplesPerSecond: number,
  tokensPerSecond: number,
  elapsedMs: number,
  remainingMs: number,
  memoryBytes: number,
  extras: z.record(z.string(), number).optional(),
});

export const stepSchema: z.ZodType<StepRecord> = z.preprocess(withExtras, currentStep);

export const progressSchema: z.ZodType<TrainingProgress> = z.object({
  step: counter,
  microStep: counter,
  epoch: counter,
  batch: counter,
  elapsedMs: z.number(),
  validatedAt: z.int().min(-1),
  sinceBest: counter,
  best: z.nullable(validationSchema),
});

const lora = z.object({
  rank: z.number(),
  alpha: z.number(),
  dropout: z.number(),
  targetModules: z.array(z.string()),
  modulesToSave: z.array(z.string()),
});

const settings = z.object({
  learningRate: z.number(),
  epochs: z.number(),
  batchSize: z.number(),
  gradientAccumulation: z.number(),
  maxLength: z.number(),
  schedule: z.enum(['linear', 'cosine', 'constant']),
  warmupRatio: z.number(),
  weightDecay: z.number(),
  maxGradNorm: z.number(),
  dropout: z.nullable(z.number()),
  labelSmoothing: z.number(),
  classWeights: z.enum(['none', 'balanced']),
  earlyStoppingPatience: z.number(),
  keepBest: z.boolean(),
  validateEverySteps: z.number(),
  seed: z.number(),
});

const method = z.enum(['full', 'lora', 'head']);
const template = z.enum(TEMPLATE_CHOICES);
const base = z.enum(BASE_WEIGHTS);
const recipes = z.partialRecord(
  method,
  settings
    .partial()
    .extend({
      lora: lora.partial().optional(),
      packing: z.boolean().optional(),
      beta: z.number().optional(),
      base: base.optional(),
      gradientCheckpointing: z.boolean().optional(),
    }),
);

const sourceSchema: z.ZodType<ModelSource> = z.union([
  z.object({ kind: z.literal('embedded'), id: z.string() }),
  z.object({ kind: z.literal('hub'), id: z.string(), revision: z.string() }),
  z.object({ kind: z.literal('files'), name: z.string(), cacheKey: z.string() }),
]);

const modelFacts = z.object({
  name: z.string(),
  parameters: counter,
  bytes: counter,
  hiddenSize: counter,
  layers: counter,
  maxPositions: counter,
  vocabularySize: counter,
  licence: z.nullable(z.string()),
  linearModules: z.array(z.string()),
  recipes,
});

const encoderSchema: z.ZodType<EncoderInfo> = modelFacts.extend({
  architecture: z.enum(ENCODER_ARCHITECTURES),
  headModules: z.array(z.string()),
  checkpointLabels: z.nullable(z.array(z.string())),
});

const generationSchema: z.ZodType<GenerationSettings> = z.object({
  maxNewTokens: z.number(),
  doSample: z.boolean(),
  temperature: z.number(),
  topK: z.number(),
  topP: z.number(),
  repetitionPenalty: z.number(),
  stopStrings: z.array(z.string()),
  seed: z.number(),
});

const decoderSchema: z.ZodType<DecoderInfo> = modelFacts.extend({
  architecture: z.enum(DECODER_ARCHITECTURES),
  ownTemplate: z.boolean(),
  template,
  generation: generationSchema,
});

const classes = z.array(
  z.object({ label: z.string(), precision: number, recall: number, f1: number, support: counter }),
);
const metricsSchema: z.ZodType<TaskMetrics> = z.union([
  z
    .object({
      task: z.literal('single-label'),
      accuracy: number,
      macroF1: number,
      weightedF1: number,
      loss: z.nullable(number),
      perClass: classes,
      confusion: z.array(z.array(counter)),
    })
    .refine(
      ({ perClass, confusion }) =>
        confusion.length === perClass.length && confusion.every(({ length }) => length === perClass.length),
      'the confusion matrix has another size',
    ),
  z.object({
    task: z.literal('multi-label'),
    microF1: number,
    macroF1: number,
    subsetAccuracy: number,
    loss: z.nullable(number),
    perClass: classes,
  }),
  z.object({
    task: z.literal('regression'),
    mae: number,
    rmse: number,
    r2: number,
    pearson: number,
    loss: z.nullable(number),
  }),
]);

const evaluationSchema: z.ZodType<EvaluationReport> = z.object({
  testRows: counter,
  baseline: z.object({
    kind: z.enum(['majority-class', 'no-label', 'mean-value', 'checkpoint-head']),
    description: z.string(),
    metrics: metricsSchema,
  }),
  tuned: metricsSchema,
  mistakes: z.array(
    z.object({
      row: counter,
      text: z.string(),
      textPair: z.string().optional(),
      expected: z.string(),
      predicted: z.string(),
      confidence: number,
    }),
  ),
  elapsedMs: number,
});

const languageMetrics = z.object({
  loss: number,
  perplexity: number,
  tokenAccuracy: number,
  exactMatch: z.nullable(number),
  rougeL: z.nullable(number),
});
const languageEvaluationSchema: z.ZodType<LanguageEvaluation> = z.object({
  rows: counter,
  before: languageMetrics,
  after: languageMetrics,
  answers: z.array(
    z.object({ row: counter, question: z.string(), expected: z.string(), before: z.string(), after: z.string() }),
  ),
  rewards: z.nullable(rewards),
  elapsedMs: number,
});

const date = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'no date');

const facts = z.object({
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
});

const labelStart = facts.extend({
  task: taskKind,
  labels: z.array(z.string()),
  mapping: labelMappingSchema,
  model: encoderSchema,
  config: settings.extend({ method, lora }),
});
const languageStart = facts.extend({
  task: languageTask,
  mapping: languageMappingSchema,
  model: decoderSchema,
  config: settings.extend({
    method: z.enum(['full', 'lora']),
    lora,
    base,
    gradientCheckpointing: z.boolean(),
    template,
    packing: z.boolean(),
    beta: z.number(),
  }),
});

const outcome = {
  reason: z.enum(['completed', 'stopped', 'early-stopping', 'bad-numbers']),
  steps: z.array(stepSchema),
  validations: z.array(validationSchema),
  elapsedMs: number,
  bestStep: z.nullable(counter),
};

const labelRun = labelStart
  .extend({ ...outcome, evaluation: z.nullable(evaluationSchema) })
  .refine(
    ({ task, evaluation }) =>
      !evaluation || [evaluation.tuned.task, evaluation.baseline.metrics.task].every((of) => of === task),
    'the evaluation is of another task',
  );
const languageRun = languageStart.extend({ ...outcome, evaluation: z.nullable(languageEvaluationSchema) });

/** A run that has begun, and one that has ended. */
export const startSchema: z.ZodType<RunStart> = z.discriminatedUnion('task', [labelStart, languageStart]);
export const summarySchema: z.ZodType<RunSummary> = z.discriminatedUnion('task', [labelRun, languageRun]);

const row = counter;
const messages = z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() }));
const example: z.ZodType<Example> = z.object({
  row,
  text: z.string(),
  textPair: z.string().optional(),
  label: z.union([number, z.array(number)]),
});
const languageExample: z.ZodType<LanguageExample> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('chat'), row, messages }),
  z.object({ kind: z.literal('text'), row, text: z.string() }),
  z.object({ kind: z.literal('preference'), row, prompt: messages, chosen: z.string(), rejected: z.string() }),
]);

/** Rows that prove an export: of labels, or of language. */
export const replaySchema: z.ZodType<Example[] | LanguageExample[]> = z.union([
  z.array(example),
  z.array(languageExample),
]);
