/** Of two answers, to prefer the better one: what page and worker share. */
import { PROBLEM_WORDS } from '../../answer/shared/columns';
import { reportSchema } from '../../answer/shared/schema';
import type { LanguageEvaluation } from '../../answer/shared/schema';
import { checkWriting, methodOf, settleWriting } from '../../answer/shared/settings';
import { rowsLine, writingParts } from '../../answer/shared/words';
import { defineLesson } from '../../define';
import { guess } from './guess';
import { reading } from './rows';
import { exampleSchema, mappingSchema } from './schema';
import type { PreferExample, PreferMapping } from './schema';
import { settings } from './settings';
import type { PreferConfig } from './settings';

export { exampleReader } from './rows';
export { LAYOUTS, exampleSchema, mappingSchema } from './schema';
export { settings } from './settings';

export const prefer = defineLesson<PreferMapping, PreferConfig, PreferExample, LanguageEvaluation>('prefer', {
  ...writingParts,
  words: {
    name: 'Preferences',
    about: 'Of two answers, to prefer the better one. For language models that answer already.',
  },
  schemas: { mapping: mappingSchema, example: exampleSchema, report: reportSchema },
  settings,
  guess,
  start(columns, split) {
    const [first = '', second, third] = columns.filter((column) => column !== split);
    const named =
      third === undefined
        ? { chosen: first, ...(second === undefined ? {} : { rejected: second }) }
        : { prompt: first, chosen: second ?? '', rejected: third };
    return { lesson: 'prefer', layout: 'pair', columns: named, split };
  },
  reading,
  problems: PROBLEM_WORDS,
  dataLine: (info) => rowsLine(info, 'of preferences'),
  defaults: (context) => settings.defaults({ ...context, method: methodOf(context) }),
  settle: settleWriting,
  check: checkWriting,
});
