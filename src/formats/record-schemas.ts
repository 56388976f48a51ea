/** What runs and their data are made of, field by field: for what comes from outside, and for what another version of the app may have kept. */
import { z } from 'zod';
import type { LabelMapping, LanguageMapping, SplitConfig } from '../domain/dataset';
import type { EvaluationReport, TaskMetrics } from '../domain/metrics';
import type { ModelSource } from '../domain/model';
import type { RunStart, RunSummary, StepRecord, TrainingProgress, ValidationRecord } from '../domain/run';
import type { Example, TaskKind } from '../domain/task';
import type { TrainingConfig } from '../domain/training-config';

/** Any number that a computer has. */
const number = z.union([z.number(), z.nan(), z.literal(Infinity), z.literal(-Infinity)]);
const counter = z.int().nonnegative();
const column = z.nullable(z.string());
const taskKind = z.enum(['single-label', 'multi-label', 'regression']);

export const labelMappingSchema: z.ZodType<LabelMapping> = z.object({
  task: taskKind,
  text: z.string(),
  textPair: column,
  labels: z.array(z.string()),
  labelLayout: z.enum(['column', 'list', 'one-hot']),
  split: column,
});

export const languageMappingSchema: z.ZodType<LanguageMapping> = z.object({
  task: z.enum(['chat', 'preference']),
  layout: z.enum(['messages', 'prompt', 'text', 'pair']),
  columns: z.partialRecord(z.enum(['messages', 'system', 'prompt', 'input', 'answer', 'text', 'chosen', 'rejected']), z.string()),
  split: column,
});

export const splitSchema: z.ZodType<SplitConfig> = z.object({ train: z.number(), validation: z.number(), test: z.number(), seed: z.number(), dropDuplicates: z.boolean() });

export const validationSchema: z.ZodType<ValidationRecord> = z.object({ step: number, epoch: number, loss: number, metricName: z.string(), metricValue: number, best: z.boolean() });

export const stepSchema: z.ZodType<StepRecord> = z.object({
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
  rewards: z.object({ chosen: number, rejected: number, margins: number, accuracies: number }).optional(),
});

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

const lora = z.object({ rank: z.number(), alpha: z.number(), dropout: z.number(), targetModules: z.array(z.string()), modulesToSave: z.array(z.string()) });

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
const configSchema: z.ZodType<TrainingConfig> = settings.extend({ method, lora });

const sourceSchema: z.ZodType<ModelSource> = z.union([
  z.object({ kind: z.literal('embedded'), id: z.string() }),
  z.object({ kind: z.literal('hub'), id: z.string(), revision: z.string() }),
  z.object({ kind: z.literal('files'), name: z.string(), cacheKey: z.string() }),
]);

const modelSchema = z.object({
  name: z.string(),
  architecture: z.enum(['bert', 'distilbert', 'roberta', 'xlm-roberta']),
  parameters: counter,
  bytes: counter,
  hiddenSize: counter,
  layers: counter,
  maxPositions: counter,
  vocabularySize: counter,
  licence: z.nullable(z.string()),
  linearModules: z.array(z.string()),
  headModules: z.array(z.string()),
  checkpointLabels: z.nullable(z.array(z.string())),
  recipes: z.partialRecord(method, settings.partial().extend({ lora: lora.partial().optional() })),
});

const classes = z.array(z.object({ label: z.string(), precision: number, recall: number, f1: number, support: counter }));
const metricsSchema: z.ZodType<TaskMetrics> = z.union([
  z
    .object({ task: z.literal('single-label'), accuracy: number, macroF1: number, weightedF1: number, loss: z.nullable(number), perClass: classes, confusion: z.array(z.array(counter)) })
    .refine(({ perClass, confusion }) => confusion.length === perClass.length && confusion.every(({ length }) => length === perClass.length), 'the confusion matrix has another size'),
  z.object({ task: z.literal('multi-label'), microF1: number, macroF1: number, subsetAccuracy: number, loss: z.nullable(number), perClass: classes }),
  z.object({ task: z.literal('regression'), mae: number, rmse: number, r2: number, pearson: number, loss: z.nullable(number) }),
]);

const evaluationSchema: z.ZodType<EvaluationReport> = z.object({
  testRows: counter,
  baseline: z.object({ kind: z.enum(['majority-class', 'no-label', 'mean-value', 'checkpoint-head']), description: z.string(), metrics: metricsSchema }),
  tuned: metricsSchema,
  mistakes: z.array(z.object({ row: counter, text: z.string(), textPair: z.string().optional(), expected: z.string(), predicted: z.string(), confidence: number })),
  elapsedMs: number,
});

const date = z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'no date');

const start = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: date,
  task: taskKind,
  labels: z.array(z.string()),
  datasetId: z.string(),
  datasetName: z.string(),
  datasetSha256: z.string(),
  mapping: labelMappingSchema,
  split: splitSchema,
  splitRows: z.object({ train: counter, validation: counter, test: counter }),
  model: modelSchema,
  modelSource: sourceSchema,
  config: configSchema,
  backend: z.string(),
  device: z.string(),
});

/** Runs that teach labels, begun or ended. */
export type LabelStart = Extract<RunStart, { task: TaskKind }>;
export type LabelSummary = Extract<RunSummary, { task: TaskKind }>;

export const startSchema: z.ZodType<LabelStart> = start;

export const summarySchema: z.ZodType<LabelSummary> = start
  .extend({
    reason: z.enum(['completed', 'stopped', 'early-stopping', 'bad-numbers']),
    steps: z.array(stepSchema),
    validations: z.array(validationSchema),
    elapsedMs: number,
    bestStep: z.nullable(counter),
    evaluation: z.nullable(evaluationSchema),
  })
  .refine(({ task, evaluation }) => !evaluation || [evaluation.tuned.task, evaluation.baseline.metrics.task].every((of) => of === task), 'the evaluation is of another task');

export const exampleSchema: z.ZodType<Example> = z.object({ row: counter, text: z.string(), textPair: z.string().optional(), label: z.union([number, z.array(number)]) });
