/** What a run that writes is asked and answers, and what is seen of it while it learns. */
import { z } from 'zod/mini';

/** Of `askRun` with `answer`. */
export const answerSchema = z.object({
  /** A conversation whose next answer is wanted, or a text to be continued. */
  from: z.union([
    z.array(z.object({ role: z.enum(['system', 'user', 'assistant']), content: z.string() })),
    z.string(),
  ]),
  side: z.enum(['before', 'after']),
  /** Bounds are checked by `checkGeneration`. */
  settings: z.object({
    maxNewTokens: z.number(),
    doSample: z.boolean(),
    temperature: z.number(),
    topK: z.number(),
    topP: z.number(),
    repetitionPenalty: z.number(),
    stopStrings: z.readonly(z.array(z.string())),
    seed: z.number(),
  }),
});
export type AnswerRequest = z.infer<typeof answerSchema>;

/** What `answer` gives back, beside the text that comes as it is written. */
export const answerResultSchema = z.object({
  text: z.string(),
  tokens: z.number(),
  /** At an end token or a stop string, or because it was long enough. */
  ended: z.enum(['stopped', 'length']),
  /** Earlier messages that no longer fitted. */
  dropped: z.number(),
});
export type AnswerResult = z.infer<typeof answerResultSchema>;

/** Of `rowSeen`: the sequences of a row, as a person sees them. */
export const rowSeenSchema = z.array(
  z.object({
    /** Which side of a preference this is; `sequence` for everything else. */
    part: z.enum(['sequence', 'chosen', 'rejected']),
    /** `trained`: whether the model learns to write it. */
    tokens: z.array(z.object({ text: z.string(), id: z.number(), trained: z.boolean() })),
    truncated: z.boolean(),
  }),
);
export type ShownSequence = z.infer<typeof rowSeenSchema>[number];

/** Of the event `look`: what the model writes for a few fixed questions while it learns. */
export const lookSchema = z.array(
  z.object({ row: z.number(), question: z.string(), expected: z.string(), answer: z.string() }),
);
export type WrittenSample = z.infer<typeof lookSchema>[number];
