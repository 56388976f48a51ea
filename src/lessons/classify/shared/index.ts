/** Labels or numbers for texts, and for pairs of texts: what page and worker share. */
import { HEADLINE } from '../../../domain/metrics';
import type { Example } from '../../../domain/task';
import { defineLesson } from '../../define';
import { settled } from '../../settings';
import { guess } from './guess';
import { reading } from './rows';
import { exampleSchema, mappingSchema, reportSchema } from './schema';
import type { ClassifyMapping, EvaluationReport } from './schema';
import { METHODS, fewStepsNotice, recipeOf, settings } from './settings';
import type { ClassifyConfig } from './settings';
import { PROBLEM_WORDS } from './words';

export { exampleReader } from './rows';
export { exampleSchema, mappingSchema, reportSchema } from './schema';
export type { ClassifyMapping, EvaluationReport } from './schema';
export { settings } from './settings';
export { TASK_WORDS } from './words';

const count = (value: number, noun: string): string => `${value.toLocaleString('en')} ${noun}${value === 1 ? '' : 's'}`;

export const classify = defineLesson<ClassifyMapping, ClassifyConfig, Example, EvaluationReport>('classify', {
  words: { name: 'Labels', about: 'A label or a number for each text. For encoder models such as MiniLM.' },
  lines: {
    tryIt: 'Type a text, see both answers',
    tryAbout: 'Type any text and compare the answers before and after fine-tuning.',
    misfit: ({ name }) => ({
      message: `${name} writes text, and the rows are read as texts with labels.`,
      fix: 'On the Data step, choose that it learns answers; or choose a model that gives labels.',
    }),
  },
  schemas: { mapping: mappingSchema, example: exampleSchema, report: reportSchema },
  settings,
  guess,
  start(columns, split) {
    const [text = '', label] = columns.filter((column) => column !== split);
    return {
      lesson: 'classify',
      task: 'single-label',
      text,
      textPair: null,
      labels: label === undefined ? [] : [label],
      labelLayout: 'column',
      split,
    };
  },
  reading,
  problems: PROBLEM_WORDS,
  dataLine: ({ usableRows, labels, mapping }) => {
    const { task } = mappingSchema.parse(mapping);
    return `${count(usableRows, 'example')}, ${task === 'regression' ? 'numbers' : count(labels.length, 'label')}`;
  },
  fits: ({ head }) => head !== null,
  methods: () => METHODS,
  methodWords: {},
  defaults: (context) => settings.defaults(context, recipeOf(context)),
  settle: settled,
  check: () => [],
  foretell(steps, { method }, { textPair }) {
    const few = steps === null ? null : fewStepsNotice(steps, method);
    const pairs =
      textPair !== null && method === 'head'
        ? 'Quick can hardly compare two texts: its features were not made for it. Balanced or Thorough suits pairs.'
        : null;
    return [pairs, few].filter((sentence) => sentence !== null);
  },
  aboutLoss: ({ task }) =>
    task === 'regression'
      ? 'Squared error of the numbers (or logarithms) as the model learns them: less their mean, over their standard ' +
        'deviation. 1 is as good as always saying the mean. Everything else is in the unit of your numbers.'
      : null,
  headline({ tuned }, _mapping, number) {
    const { name, of } = HEADLINE[tuned.task];
    const value = of(tuned);
    const share = Number.isFinite(value) ? `${(value * 100).toFixed(1)} %` : '–';
    return { text: `${tuned.task === 'regression' ? number(value) : share} ${name} on test rows`, rest: '' };
  },
  reportFits: ({ tuned, baseline }, { task }) => tuned.task === task && baseline.metrics.task === task,
});
