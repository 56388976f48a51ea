/** What is kept of a run that gives labels: its mapping, rows that prove its exports, and its results. */
import * as z from 'zod/mini';
import { anyNumber } from '../../../base/json-numbers';
import type { TaskMetrics } from '../../../domain/metrics';
import type { Example } from '../../../domain/task';

const counter = z.int().check(z.nonnegative());

/**
 * Which columns are text and label, and what is learned from them. `labels` holds one column unless the layout is
 * `one-hot`, one 0/1 column a label; `list` is a JSON array (or `a|b`, `a;b`) in one column.
 */
export const mappingSchema = z.object({
  lesson: z.literal('classify'),
  task: z.enum(['single-label', 'multi-label', 'regression']),
  text: z.string(),
  textPair: z.nullable(z.string()),
  labels: z.array(z.string()),
  labelLayout: z.enum(['column', 'list', 'one-hot']),
  split: z.nullable(z.string()),
});
export type ClassifyMapping = z.infer<typeof mappingSchema>;
export type LabelLayout = ClassifyMapping['labelLayout'];

export const exampleSchema: z.ZodMiniType<Example> = z.object({
  row: counter,
  text: z.string(),
  textPair: z.optional(z.string()),
  label: z.union([anyNumber, z.array(anyNumber)]),
});

const loss = z.nullable(anyNumber);
const perClass = z.array(
  z.object({ label: z.string(), precision: anyNumber, recall: anyNumber, f1: anyNumber, support: counter }),
);

const metricsSchema: z.ZodMiniType<TaskMetrics> = z.union([
  z
    .object({
      task: z.literal('single-label'),
      accuracy: anyNumber,
      macroF1: anyNumber,
      weightedF1: anyNumber,
      loss,
      perClass,
      confusion: z.array(z.array(counter)),
    })
    .check(
      z.refine(
        ({ perClass, confusion }) =>
          confusion.length === perClass.length && confusion.every(({ length }) => length === perClass.length),
        'the confusion matrix has another size',
      ),
    ),
  z.object({
    task: z.literal('multi-label'),
    microF1: anyNumber,
    macroF1: anyNumber,
    subsetAccuracy: anyNumber,
    loss,
    perClass,
  }),
  z.object({ task: z.literal('regression'), mae: anyNumber, rmse: anyNumber, r2: anyNumber, pearson: anyNumber, loss }),
]);

/** The test rows' figures beside those of a baseline; the most confident mistakes first, at most 50. */
export const reportSchema = z.object({
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
      textPair: z.optional(z.string()),
      expected: z.string(),
      predicted: z.string(),
      /** Probability given to the wrong answer; for regression the absolute error. */
      confidence: anyNumber,
    }),
  ),
  elapsedMs: anyNumber,
});
export type EvaluationReport = z.infer<typeof reportSchema>;
export type MistakenRow = EvaluationReport['mistakes'][number];
