/** What is kept of a run that teaches preferences; its results are those of a run that teaches answers. */
import * as z from 'zod/mini';
import type { LanguageContent, LanguageExample } from '../../../domain/conversation';
import { columnsSchema } from '../../answer/shared/columns';
import type { Layout } from '../../answer/shared/columns';
import { repairsSchema } from '../../answer/shared/order';
import { messagesSchema } from '../../answer/shared/schema';

/** Two answers, one preferred. */
export const LAYOUTS: Record<'pair', Layout> = { pair: { needs: ['chosen', 'rejected'], may: ['prompt', 'system'] } };

export const mappingSchema = z.object({
  lesson: z.literal('prefer'),
  layout: z.literal('pair'),
  columns: columnsSchema,
  repair: repairsSchema,
  split: z.nullable(z.string()),
});
export type PreferMapping = z.infer<typeof mappingSchema>;

export type PreferExample = Extract<LanguageExample, { kind: 'preference' }>;
export type PreferContent = Extract<LanguageContent, { kind: 'preference' }>;
export const exampleSchema: z.ZodMiniType<PreferExample> = z.object({
  kind: z.literal('preference'),
  row: z.int().check(z.nonnegative()),
  prompt: messagesSchema,
  chosen: z.string(),
  rejected: z.string(),
});
