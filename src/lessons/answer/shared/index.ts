/** To write answers, or to go on with texts: what page and worker share. */
import { defineLesson } from '../../define';
import { PROBLEM_WORDS } from './columns';
import { guess } from './guess';
import { reading } from './rows';
import { exampleSchema, mappingSchema, reportSchema } from './schema';
import type { AnswerExample, AnswerLayout, AnswerMapping, LanguageEvaluation } from './schema';
import { checkWriting, methodOf, recipeOf, settings, settleWriting } from './settings';
import type { AnswerConfig } from './settings';
import { rowsLine, writingParts } from './words';

export type { Layout, RoleColumns } from './columns';
export { exampleReader } from './rows';
export { LAYOUTS, exampleSchema, mappingSchema, reportSchema } from './schema';
export type { LanguageEvaluation } from './schema';
export { settings } from './settings';

const LAYOUT_LINE: Record<AnswerLayout, string> = {
  messages: 'of conversation',
  prompt: 'of question and answer',
  text: 'of text',
};

export const answer = defineLesson<AnswerMapping, AnswerConfig, AnswerExample, LanguageEvaluation>('answer', {
  ...writingParts,
  words: {
    name: 'Answers',
    about: 'To write the answer to a question, or to go on with a text. For language models such as SmolLM2.',
  },
  schemas: { mapping: mappingSchema, example: exampleSchema, report: reportSchema },
  settings,
  guess,
  start(columns, split) {
    const [first = '', second] = columns.filter((column) => column !== split);
    return second === undefined
      ? { lesson: 'answer', layout: 'text', columns: { text: first }, split }
      : { lesson: 'answer', layout: 'prompt', columns: { prompt: first, answer: second }, split };
  },
  reading,
  problems: PROBLEM_WORDS,
  dataLine: (info) => rowsLine(info, LAYOUT_LINE[mappingSchema.parse(info.mapping).layout]),
  defaults: (context) => settings.defaults({ ...context, method: methodOf(context) }, recipeOf(context)),
  settle: settleWriting,
  check: checkWriting,
});
