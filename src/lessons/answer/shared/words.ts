/** What lessons that teach writing say alike. */
import type { DatasetInfo } from '../../../domain/dataset';
import type { ModelInfo } from '../../../domain/model';
import type { Method, TrainingConfig } from '../../../domain/training-config';
import type { Headline, LessonShared, Words } from '../../contract';
import { METHODS, faintRunNotice } from './settings';
import type { AnswerLayout, LanguageEvaluation } from './schema';
import type { WritingConfig } from '../../../domain/language-config';

export const LAYOUT_WORDS: Record<AnswerLayout, string> = {
  prompt: 'A question and its answer, in columns of their own',
  messages: 'Whole conversations in one column',
  text: 'Texts to learn to continue',
};

/** "64 rows of question and answer". */
export const rowsLine = ({ usableRows }: DatasetInfo, what: string): string =>
  `${usableRows.toLocaleString('en')} row${usableRows === 1 ? '' : 's'} ${what}`;

const METHOD_WORDS: Partial<Readonly<Record<Method, Words & { term: string }>>> = {
  lora: {
    name: 'Balanced',
    about:
      'Small add-on matrices inside the model learn. Close to the full result, with a small file; the ' +
      'model’s other skills are kept best.',
    term: 'LoRA: low-rank adapters on linear layers.',
  },
};

/** The parts in which all lessons that teach writing are the same. */
export const writingParts = {
  lines: {
    tryIt: 'Ask it something',
    tryAbout: 'Ask anything and compare what the base model and the fine-tuned one write.',
    misfit: ({ name }: ModelInfo) => ({
      message: `${name} gives labels, and the rows are read as answers to learn.`,
      fix: 'Choose a model that writes text; or choose on the Data step that labels are learned.',
    }),
  },
  fits: ({ writing }: ModelInfo): boolean => writing !== null,
  methods: (): readonly Method[] => METHODS,
  methodWords: METHOD_WORDS,
  foretell(steps: number | null, config: WritingConfig): string[] {
    const faint = steps === null ? null : faintRunNotice(steps, config);
    return faint === null ? [] : [faint];
  },
  headline: (
    { before, after }: LanguageEvaluation,
    _mapping: unknown,
    number: (value: number) => string,
  ): Headline => ({ text: `Loss ${number(before.loss)} before, ${number(after.loss)} after`, rest: ', on test rows' }),
  reportFits: (): boolean => true,
} satisfies Partial<LessonShared<never, TrainingConfig & WritingConfig, never, LanguageEvaluation>>;
