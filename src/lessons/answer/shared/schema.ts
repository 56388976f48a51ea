/** What is kept of a run that writes: its mapping, rows that prove its exports, and its results. */
import * as z from 'zod/mini';
import { anyNumber } from '../../../base/json-numbers';
import type { LanguageContent, LanguageExample } from '../../../domain/conversation';
import type { LanguageMetrics } from '../../../domain/language-metrics';
import { columnsSchema } from './columns';
import type { Layout } from './columns';
import { repairsSchema } from './order';

const counter = z.int().check(z.nonnegative());

/**
 * How one row holds what is learned. `messages`: a list of turns in one cell (OpenAI's messages, ShareGPT's
 * conversations); `prompt`: question and answer in columns of their own (also Alpaca); `text`: text to be continued.
 */
export const LAYOUT_NAMES = ['messages', 'prompt', 'text'] as const;
export type AnswerLayout = (typeof LAYOUT_NAMES)[number];

export const LAYOUTS: Record<AnswerLayout, Layout> = {
  messages: { needs: ['messages'], may: ['system', 'good'] },
  prompt: { needs: ['prompt', 'answer'], may: ['input', 'history', 'system', 'good'] },
  text: { needs: ['text'], may: [] },
};

export const mappingSchema = z.object({
  lesson: z.literal('answer'),
  layout: z.enum(LAYOUT_NAMES),
  columns: columnsSchema,
  repair: repairsSchema,
  split: z.nullable(z.string()),
});
export type AnswerMapping = z.infer<typeof mappingSchema>;

export const messagesSchema = z.array(
  z.object({
    role: z.enum(['system', 'user', 'assistant']),
    content: z.string(),
    reasoning: z.exactOptional(z.string()),
    learned: z.exactOptional(z.boolean()),
  }),
);

/** A row that teaches an answer, or a text. */
export type AnswerExample = Extract<LanguageExample, { kind: 'chat' | 'text' }>;
export type AnswerContent = Extract<LanguageContent, { kind: 'chat' | 'text' }>;
export const exampleSchema: z.ZodMiniType<AnswerExample> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('chat'), row: counter, messages: messagesSchema }),
  z.object({ kind: z.literal('text'), row: counter, text: z.string() }),
]);

const metrics: z.ZodMiniType<LanguageMetrics> = z.object({
  loss: anyNumber,
  perplexity: anyNumber,
  tokenAccuracy: anyNumber,
  exactMatch: z.nullable(anyNumber),
  rougeL: z.nullable(anyNumber),
});

/** The base model and the taught one side by side on the test rows. */
export const reportSchema = z.object({
  rows: counter,
  before: metrics,
  after: metrics,
  /** Held-out questions with both answers; fewer than the rows, because writing takes long. */
  answers: z.array(
    z.object({ row: counter, question: z.string(), expected: z.string(), before: z.string(), after: z.string() }),
  ),
  /** Of the test pairs, where preferences were taught. */
  rewards: z.nullable(z.object({ chosen: anyNumber, rejected: anyNumber, margins: anyNumber, accuracies: anyNumber })),
  elapsedMs: anyNumber,
});
export type LanguageEvaluation = z.infer<typeof reportSchema>;
/** One held-out question with both answers. */
export type AnswerPair = LanguageEvaluation['answers'][number];
