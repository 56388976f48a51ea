/** The request `predict`: one text before and after training; a newer request makes the older one give up. */
import { throwIfCancelled } from '../../../base/errors';
import { encodeExample } from './items';
import type { PredictionPair } from '../../../worker/link/protocol';
import type { Context } from '../../../worker/link/server';
import type { Session } from '../../../worker/session';
import { predictionInWords } from './words';

/** Answers `predict` requests, the latest one only; older ones fail with `cancelled`. */
export function predictor(
  session: Session,
): (params: { text: string; textPair: string | null }, context: Context) => Promise<PredictionPair> {
  let latest = new AbortController();
  return async ({ text, textPair }, context) => {
    latest.abort();
    latest = new AbortController();
    const signal = AbortSignal.any([latest.signal, context.signal]);
    const run = session.requireLabelRun();
    const { task, labels, config } = run.summary;
    const example = { row: 0, text, ...(textPair === null ? {} : { textPair }), label: 0 };
    const encoded = encodeExample(run.model.tokenizer, example, config.maxLength);
    const { truncated } = run.model.tokenizer.encode(text, textPair, config.maxLength);
    return session.engineTurns.take(async () => {
      throwIfCancelled(signal);
      const tuned = await run.tuned();
      const [after] = await tuned.predict([encoded], { signal });
      throwIfCancelled(signal);
      const [before] = await (await run.before()).predict([encoded], { signal });
      const chances = (logits: Float32Array | undefined): number[] =>
        predictionInWords(task, labels, logits ?? new Float32Array()).probabilities;
      return {
        labels,
        before: chances(before),
        after: chances(after),
        beforeDescription: tuned.headFromCheckpoint
          ? 'the base model with its own head'
          : 'the base model with an untrained head',
        truncated,
      };
    });
  };
}
