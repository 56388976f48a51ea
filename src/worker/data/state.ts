/**
 * Checks that what storage gives back for a data set is its state, field by field; another version of the app may have
 * written it.
 */
import { z } from 'zod';
import type { DatasetState } from '../../data/dataset';
import { labelMappingSchema, languageMappingSchema, splitSchema } from '../../formats/record-schemas';

const counted = z.number().int().nonnegative();

/** Formats keep more than these, and one that is no longer known can still be read: its rows are in the store. */
const source = z
  .looseObject({
    format: z.string(),
    decimalComma: z.boolean().optional(),
    encoding: z.enum(['utf-8', 'utf-8-bom', 'utf-16le', 'utf-16be']).optional(),
    delimiter: z.string().optional(),
    hasHeader: z.boolean().optional(),
  })
  // Earlier versions kept no word on decimal commas: the delimiter decided.
  .transform((found) => ({
    ...found,
    decimalComma: found.decimalComma ?? (found.delimiter === ';' || found.delimiter === '\t'),
  }));

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
  mapping: z.union([labelMappingSchema, languageMappingSchema]),
  split: splitSchema,
});

/** The state, or null when the value is none. */
export function readDatasetState(value: unknown): DatasetState | null {
  const read = schema.safeParse(value);
  return read.success ? read.data : null;
}
