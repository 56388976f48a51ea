/** What a run answers to `predict`: one text before and after training; a newer request makes the older one give up. */
import { throwIfCancelled } from '../../../base/errors';
import { nextTurn } from '../../../base/turn';
import type { Ask } from '../../../worker/run/run';
import type { PredictionPair } from '../shared/asked';
import { predictSchema } from '../shared/asked';
import { encodeExample } from './rows';
import type { LabelRun } from './run';
import { predictionInWords } from './words';

/** Answers the latest request only; older ones fail with `cancelled`. */
export function predictor(run: LabelRun): Ask {
  let latest = new AbortController();
  return async (params, { session, context }): Promise<PredictionPair> => {
    const { text, textPair } = predictSchema.parse(params);
    latest.abort();
    latest = new AbortController();
    const signal = AbortSignal.any([latest.signal, context.signal]);
    const { labels, config, mapping } = run.start;
    const { tokenizer } = run.model;
    const example = { row: 0, text, ...(textPair === null ? {} : { textPair }), label: 0 };
    const encoded = encodeExample(tokenizer, example, config.maxLength);
    const { truncated } = tokenizer.encode(text, textPair, config.maxLength);
    // What was typed meanwhile is taken first: this may be out of date already.
    await nextTurn();
    return session.engineTurns.take(async () => {
      throwIfCancelled(signal);
      const tuned = await run.tuned();
      const [after] = await tuned.predict([encoded], { signal });
      throwIfCancelled(signal);
      const [before] = await (await run.before()).predict([encoded], { signal });
      const chances = (logits: Float32Array | undefined): number[] =>
        predictionInWords(mapping.task, labels, logits ?? new Float32Array()).probabilities;
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
