/** What a run that gives labels is asked and answers, and what is seen of it while it learns. */
import { z } from 'zod/mini';

/** Any number: what a model gives that failed may be none. */
const figure = z.custom<number>((value) => typeof value === 'number');

/** Of `askRun` with `predict`: one text before and after training. */
export const predictSchema = z.object({ text: z.string(), textPair: z.nullable(z.string()) });
export type PredictRequest = z.infer<typeof predictSchema>;

export const predictResultSchema = z.object({
  labels: z.array(z.string()),
  /** Probabilities (regression: one value) before training. */
  before: z.array(figure),
  after: z.array(figure),
  /** What "before" is, in words: the untrained head, or the checkpoint's own. */
  beforeDescription: z.string(),
  truncated: z.boolean(),
});
export type PredictionPair = z.infer<typeof predictResultSchema>;

/** Of `askRun` with `cellRows`: test rows of one confusion cell (class indices). */
export const cellSchema = z.object({ actual: z.number(), predicted: z.number() });
export type CellRequest = z.infer<typeof cellSchema>;

export const cellRowsSchema = z.array(
  z.object({
    row: z.number(),
    text: z.string(),
    textPair: z.optional(z.string()),
    expected: z.string(),
    predicted: z.string(),
    confidence: figure,
  }),
);
export type CellRow = z.infer<typeof cellRowsSchema>[number];

/** Of `rowSeen`: the tokens that the model sees of a row. */
export const rowSeenSchema = z.object({
  tokens: z.array(
    z.object({
      text: z.string(),
      id: z.number(),
      special: z.boolean(),
      segment: z.union([z.literal(0), z.literal(1)]),
    }),
  ),
  truncated: z.boolean(),
});
export type TokenView = z.infer<typeof rowSeenSchema>;

/** Of the event `look`: a few fixed rows with what the model says about them now. */
export const lookSchema = z.array(
  z.object({
    row: z.number(),
    text: z.string(),
    textPair: z.optional(z.string()),
    expected: z.string(),
    predicted: z.string(),
    /** Probability per label; for regression the single predicted value. */
    probabilities: z.array(figure),
    correct: z.nullable(z.boolean()),
  }),
);
export type WatchedPrediction = z.infer<typeof lookSchema>[number];
