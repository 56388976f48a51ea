/** Checks that what storage gives back for a data set is its state, field by field; another version of the app may have written it. */
import { z } from 'zod';
import type { DatasetState } from '../data/dataset';

const counted = z.number().int().nonnegative();
const split = z.nullable(z.string());

const source = z.object({
  format: z.enum(['csv', 'tsv', 'json', 'jsonl', 'text']),
  encoding: z.enum(['utf-8', 'utf-8-bom', 'utf-16le', 'utf-16be']),
  delimiter: z.string().optional(),
  hasHeader: z.boolean().optional(),
});

const labels = z.object({
  task: z.enum(['single-label', 'multi-label', 'regression']),
  text: z.string(),
  textPair: z.nullable(z.string()),
  labels: z.array(z.string()),
  labelLayout: z.enum(['column', 'list', 'one-hot']),
  split,
});

const language = z.object({
  task: z.enum(['chat', 'preference']),
  layout: z.enum(['messages', 'prompt', 'text', 'pair']),
  columns: z.partialRecord(z.enum(['messages', 'system', 'prompt', 'input', 'answer', 'text', 'chosen', 'rejected']), z.string()),
  split,
});

const schema: z.ZodType<DatasetState> = z.object({
  version: z.literal(1),
  id: z.string(),
  name: z.string(),
  bytes: counted,
  source,
  columns: z.array(z.string()),
  rows: counted,
  sha256: z.string(),
  durable: z.boolean(),
  readWarnings: z.array(z.string()),
  mapping: z.union([labels, language]),
  split: z.object({ train: z.number(), validation: z.number(), test: z.number(), seed: z.number(), dropDuplicates: z.boolean() }),
});

/** The state, or null when the value is none. */
export function readDatasetState(value: unknown): DatasetState | null {
  const read = schema.safeParse(value);
  return read.success ? read.data : null;
}
