/** What is kept of a run that gives labels: its mapping, rows that prove its exports, and its results. */
import * as z from 'zod/mini';
import { anyNumber } from '../../../base/json-numbers';
import type { TaskMetrics } from '../../../domain/metrics';
import type { Example } from '../../../domain/task';

const counter = z.int().check(z.nonnegative());

/**
 * How cells are read, as mappings read them that were kept before these could be chosen. `joined` are columns whose
 * values follow those of `text` in one text, a line `name: value` each; none where the text stands alone. `separator`
 * parts the labels of a cell that is no list of JSON or Python: null for `|` or else `;`, empty where such a cell is
 * one label. `names` are those of the places of a 0/1 vector, or of scores. `noLabel` are words that stand where there
 * is no label; `emptyIsNone` says that such a row, where it may have several labels, is one that has none. `merged`
 * gives labels the name that they count under. `decimal` and `unit` are how numbers are written: null for plain ones,
 * with a decimal comma where the file has them.
 */
export const AS_BEFORE = {
  joined: [] as string[],
  separator: null as string | null,
  names: [] as string[],
  noLabel: [] as string[],
  merged: {} as Record<string, string>,
  emptyIsNone: false,
  decimal: null as '.' | ',' | null,
  unit: '',
};

const strings = z.array(z.string());

/**
 * Which columns are text and label, and what is learned from them. `labels` holds one column unless the layout is
 * `one-hot`, one 0/1 column a label; `list` is several labels in a cell (`["a", "b"]`, `a|b`, scores by name);
 * `vector` is 0 or 1 for each place (`[1, 0, 0]`).
 */
export const mappingSchema = z.object({
  lesson: z.literal('classify'),
  task: z.enum(['single-label', 'multi-label', 'regression']),
  text: z.string(),
  textPair: z.nullable(z.string()),
  labels: strings,
  labelLayout: z.enum(['column', 'list', 'vector', 'one-hot']),
  split: z.nullable(z.string()),
  joined: z._default(strings, AS_BEFORE.joined),
  separator: z._default(z.nullable(z.string()), AS_BEFORE.separator),
  names: z._default(strings, AS_BEFORE.names),
  noLabel: z._default(strings, AS_BEFORE.noLabel),
  merged: z._default(z.record(z.string(), z.string()), AS_BEFORE.merged),
  emptyIsNone: z._default(z.boolean(), AS_BEFORE.emptyIsNone),
  decimal: z._default(z.nullable(z.enum(['.', ','])), AS_BEFORE.decimal),
  unit: z._default(z.string(), AS_BEFORE.unit),
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
