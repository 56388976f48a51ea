/** Teaches labels: an encoder over tokenized rows. */
import { buildModel } from '../../../engine/build-model';
import { classification } from '../../../engine/learners/classification';
import type { OpenLesson, Setup } from '../../../worker/lesson';
import { datasetFor } from '../../../worker/run/setup';
import type { Call } from '../../../worker/session';
import type { WatchedPrediction } from '../shared/asked';
import { pickWatched, watchedPredictions } from './look';
import { encodeExample, encodeRows, heldOutOf } from './rows';
import { buildOptions } from './run';
import { labelStart } from './start';
import { TaughtLabels } from './taught';

/** As `open` of `LessonWorker`. */
export async function openLabels({ session, context }: Call, setup: Setup): Promise<() => Promise<OpenLesson>> {
  const start = labelStart(setup.start);
  const { model: loaded } = setup;
  const { tokenizer } = loaded;
  const { config, labels, mapping } = start;
  const { maxLength } = config;
  const data = await session.dataTurns.take(() =>
    encodeRows({
      dataset: datasetFor(session, setup),
      mapping,
      tokenizer,
      maxLength,
      signal: context.signal,
      onProgress: (done, total) => context.trainEvent({ type: 'phase', phase: 'tokenizing', done, total }),
    }),
  );
  const watched = pickWatched(mapping.task, data.watchable);
  const encoded = watched.map((example) => encodeExample(tokenizer, example, maxLength));
  return async () => {
    const model = await session.engineTurns.take(() => {
      session.run?.release();
      return buildModel(buildOptions(loaded, start));
    });
    return {
      weights: model,
      looksFirst: true,
      replay: data.replay,
      begin: (signal) => classification(model, data, config, signal),
      async look(): Promise<WatchedPrediction[]> {
        const logits = await session.engineTurns.take(() => model.predict(encoded, { signal: context.signal }));
        return watchedPredictions(mapping.task, labels, watched, logits);
      },
      inHand: (summary, weights) =>
        new TaughtLabels({
          summary,
          model: loaded,
          replay: data.replay,
          weights,
          heldOut: heldOutOf(data),
          tuned: model,
        }),
    };
  };
}
