/** What exports of weights have in common: the template they carry, and how they are built again and tried. */
import { buildLanguageModel } from '../../../../engine/build-language-model';
import type { LanguageBuildOptions } from '../../../../engine/build-language-model';
import type { LanguageModel, MarkedSequence } from '../../../../engine/language-model';
import type { HfCheckpoint } from '../../../../formats/hf-folder';
import { chatFormat, chatSources, templateText } from '../../../../text/chat-format';
import { ChatRenderer } from '../../../../text/chat-renderer';
import { loadTokenizer } from '../../../../text/tokenizer';
import type { OutFile, Reread } from '../../../../worker/run/export';
import type { Call } from '../../../../worker/session';
import type { WritingRun } from '../run';
import { means, scoreSequences } from '../run';
import type { LanguageResults } from './card';

/** What `make` makes of the trained model. */
export const ofTuned = (
  run: WritingRun,
  { session }: Call,
  make: (tuned: LanguageModel) => Promise<OutFile[]>,
): Promise<OutFile[]> => session.engineTurns.take(async () => make(await run.tuned()));

/** The template that the files carry; none where plain text was taught and the model brings none. */
export const ownTemplate = ({ kind, start, chat }: WritingRun): string | null =>
  kind.isPlainText(start.mapping) ? chat.template : templateText(chat, start.config.template);

export function resultsOf({ record: { evaluation } }: WritingRun): LanguageResults | null {
  if (!evaluation) return null;
  const { rows, answers, before, after } = evaluation;
  return { rows, answers: answers.length, before, after };
}

/** Of files with exact weights: the largest difference of a row's mean log-probability a token. */
export const EXACT = (): number => 1e-3;

const idsOf = (sequences: readonly MarkedSequence[]): string => sequences.map(({ ids }) => ids.join()).join('|');

/** An export that is built with these options and reads conversations so. */
export function rereadAs(run: WritingRun, options: LanguageBuildOptions, renderer: ChatRenderer): Reread {
  const sequences = run.replayed(renderer);
  const same = idsOf(sequences) === idsOf(run.replayed());
  return {
    misread: same ? null : 'its tokenizer or its chat template cuts the held-out rows into other tokens.',
    async build() {
      const model = buildLanguageModel(options);
      return {
        figures: async (call) =>
          means(
            await scoreSequences(
              call,
              async () => ({ model, base: false }),
              sequences,
              'Scoring them by the exported file',
            ),
          ),
        dispose: () => model.dispose(),
      };
    },
  };
}

/** An export that holds the whole model, as anybody's checkpoint is read. */
export function rereadWhole(run: WritingRun, { config, tensors, tokenizerFiles, chat: files }: HfCheckpoint): Reread {
  const chat = chatSources(loadTokenizer(tokenizerFiles, config), config, files);
  const training = { ...run.start.config, method: 'full', base: 'f32' } as const;
  const template = chat.template === null ? training.template : 'own';
  return rereadAs(run, { config, tensors, training }, new ChatRenderer(chatFormat(chat, template)));
}
