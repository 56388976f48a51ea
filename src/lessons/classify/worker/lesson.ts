/** Teaches labels: an encoder over tokenized rows. */
import type { TrainEvent } from '../../../domain/run';
import { buildModel } from '../../../engine/build-model';
import { classification } from '../../../engine/learners/classification';
import { LabelRunInHand, buildOptions } from './run';
import { encodeExample, encodeRows, heldOutOf } from './items';
import type { Lesson } from '../../../worker/run/lesson';
import type { LabelSetup } from '../../../worker/run/setup';
import { datasetFor } from '../../../worker/run/setup';
import type { Context } from '../../../worker/link/server';
import type { Session } from '../../../worker/session';
import { pickWatched, watchedPredictions } from './look';

/**
 * Reads the rows; what it returns builds the model on them, as often as a GPU is lost. Throws `cancelled` and
 * `bad-data`, building throws what the engine throws.
 */
export async function labelLesson(
  session: Session,
  setup: LabelSetup,
  context: Context,
): Promise<() => Promise<Lesson>> {
  const { start, model: loaded } = setup;
  const { task, labels, config } = start;
  const data = await session.dataTurns.take(() =>
    encodeRows(datasetFor(session, setup), loaded.tokenizer, config.maxLength, context.signal, (done, total) =>
      context.trainEvent({ type: 'phase', phase: 'tokenizing', done, total }),
    ),
  );
  const watched = pickWatched(task, data.watchable);
  const encoded = watched.map((example) => encodeExample(loaded.tokenizer, example, config.maxLength));
  return async () => {
    const model = await session.engineTurns.take(() => {
      session.run?.release();
      return buildModel(buildOptions(loaded, start));
    });
    return {
      weights: model,
      looksFirst: true,
      begin: (signal) => classification(model, data, config, signal),
      async look(step): Promise<TrainEvent> {
        const logits = await session.engineTurns.take(() => model.predict(encoded, { signal: context.signal }));
        return { type: 'watched', step, predictions: watchedPredictions(task, labels, watched, logits) };
      },
      finish(outcome) {
        const summary = { ...start, ...outcome, evaluation: null };
        return {
          summary,
          replay: data.replay,
          inHand: (weights) =>
            new LabelRunInHand({
              summary,
              model: loaded,
              replay: data.replay,
              weights,
              heldOut: heldOutOf(data),
              tuned: model,
            }),
        };
      },
    };
  };
}
