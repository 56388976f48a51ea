/** Teaches writing: a decoder over conversations, texts, or pairs of answers. */
import type { LanguageExample } from '../../../domain/conversation';
import { greedy } from '../../../domain/generation';
import type { TrainEvent, WrittenSample } from '../../../domain/run';
import { buildLanguageModel } from '../../../engine/build-language-model';
import { answers, preferences } from '../../../engine/learners/language';
import type { LanguageSplits } from '../../../engine/learners/language';
import type { LanguageRow } from '../../../text/language-rows';
import { questionOf } from './question';
import { LanguageRunInHand, languageBuildOptions, rendererFor, renderRows, replayOf } from './run';
import type { Lesson } from '../../../worker/run/lesson';
import type { LanguageSetup } from '../../../worker/run/setup';
import { datasetFor } from '../../../worker/run/setup';
import type { Context } from '../../../worker/link/server';
import type { Session } from '../../../worker/session';
import { writeAnswer } from './writing';

/**
 * Questions that are answered while it learns, and how long such an answer may be: writing takes long on modest
 * hardware.
 */
const SAMPLES = 2;
const SAMPLE_TOKENS = 32;

/** As `labelLesson`. */
export async function languageLesson(
  session: Session,
  setup: LanguageSetup,
  context: Context,
): Promise<() => Promise<Lesson>> {
  const { start, model: loaded } = setup;
  const { config } = start;
  const renderer = rendererFor(loaded, config.template);
  const data = await session.dataTurns.take(() =>
    renderRows(datasetFor(session, setup), renderer, config.maxLength, context.signal, (done, total) =>
      context.trainEvent({ type: 'phase', phase: 'tokenizing', done, total }),
    ),
  );
  const shown = (data.validation.examples.length > 0 ? data.validation : data.train).examples.slice(0, SAMPLES);
  return async () => {
    const model = await session.engineTurns.take(async () => {
      session.run?.release();
      return Promise.resolve(buildLanguageModel(languageBuildOptions(loaded, start)));
    });
    const sample = async (example: LanguageExample): Promise<WrittenSample> => {
      const { prompt, question, expected } = questionOf(renderer, example, config.maxLength);
      const { text } = await writeAnswer(session, () => Promise.resolve({ model, base: false }), renderer, prompt, {
        settings: greedy(SAMPLE_TOKENS),
        signal: context.signal,
      });
      return { row: example.row, question, expected, answer: text };
    };
    return {
      weights: model,
      looksFirst: false,
      begin(signal) {
        const { train, validation } = data;
        if (start.task === 'preference')
          return preferences(model, { train: pairs(train.rows), validation: pairs(validation.rows) }, config, signal);
        const splits: LanguageSplits<ReturnType<typeof sequences>[number]> = {
          train: sequences(train.rows),
          validation: sequences(validation.rows),
        };
        return answers(model, splits, config);
      },
      async look(step): Promise<TrainEvent> {
        const samples: WrittenSample[] = [];
        for (const example of shown) samples.push(await sample(example));
        return { type: 'samples', step, samples };
      },
      finish(outcome) {
        const summary = { ...start, ...outcome, evaluation: null };
        const replay = replayOf(data);
        return {
          summary,
          replay,
          inHand: (weights) =>
            new LanguageRunInHand({ summary, model: loaded, replay, weights, held: data.test, tuned: model }),
        };
      },
    };
  };
}

const sequences = (rows: readonly LanguageRow[]) =>
  rows.flatMap((row) => (row.kind === 'sequence' ? [{ row: row.row, ...row.tokens }] : []));
const pairs = (rows: readonly LanguageRow[]) => rows.flatMap((row) => (row.kind === 'preference' ? [row] : []));
