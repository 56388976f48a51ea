/** Teaches writing: a decoder over conversations, texts, or pairs of answers. */
import type { LanguageExample } from '../../../domain/conversation';
import { greedy } from '../../../domain/generation';
import { buildLanguageModel } from '../../../engine/build-language-model';
import type { OpenLesson, Setup } from '../../../worker/lesson';
import { datasetFor } from '../../../worker/run/setup';
import type { Call } from '../../../worker/session';
import type { WrittenSample } from '../shared/asked';
import type { WritingKind } from './kind';
import { writingStart } from './kind';
import { questionOf } from './question';
import { renderRows, replayOf } from './rows';
import { languageBuildOptions, rendererFor } from './run';
import { TaughtWriting } from './taught';
import { writeAnswer } from './writing';

/**
 * Questions that are answered while it learns, and how long such an answer may be: writing takes long on modest
 * hardware.
 */
const SAMPLES = 2;
const SAMPLE_TOKENS = 32;

/** As `open` of `LessonWorker`. */
export async function openWriting(
  kind: WritingKind,
  { session, context }: Call,
  setup: Setup,
): Promise<() => Promise<OpenLesson>> {
  const start = writingStart(kind, setup.start);
  const { model: loaded } = setup;
  const { config, mapping } = start;
  const { signal } = context;
  const renderer = rendererFor(loaded, config.template);
  const data = await session.dataTurns.take(() => {
    const dataset = datasetFor(session, setup);
    return renderRows({
      dataset,
      read: kind.reader(mapping, dataset.info),
      renderer,
      maxLength: config.maxLength,
      signal,
      onProgress: (done, total) => context.trainEvent({ type: 'phase', phase: 'tokenizing', done, total }),
    });
  });
  const shown = (data.validation.examples.length > 0 ? data.validation : data.train).examples.slice(0, SAMPLES);
  const replay = replayOf(data);
  return async () => {
    const model = await session.engineTurns.take(async () => {
      session.run?.release();
      return buildLanguageModel(languageBuildOptions(loaded, start));
    });
    const sample = async (example: LanguageExample): Promise<WrittenSample> => {
      const { prompt, question, expected } = questionOf(renderer, example, config.maxLength);
      const { text } = await writeAnswer(session, async () => ({ model, base: false }), renderer, prompt, {
        settings: greedy(SAMPLE_TOKENS),
        signal,
      });
      return { row: example.row, question, expected, answer: text };
    };
    return {
      weights: model,
      looksFirst: false,
      replay,
      begin: (signal) =>
        kind.learner(model, { train: data.train.rows, validation: data.validation.rows }, config, signal),
      async look(): Promise<WrittenSample[]> {
        const samples: WrittenSample[] = [];
        for (const example of shown) samples.push(await sample(example));
        return samples;
      },
      inHand: (summary, weights) =>
        new TaughtWriting(kind, { summary, model: loaded, replay, weights, held: data.test, tuned: model }),
    };
  };
}
