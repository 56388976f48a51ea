/** For tests: a lesson that teaches a number, how many words (or letters) a text has. What page and worker share. */
import * as z from 'zod/mini';
import { anyNumber } from '../../../base/json-numbers';
import type { Mapping } from '../../../domain/dataset';
import type { TrainingConfig } from '../../../domain/training-config';
import { defineLesson } from '../../../lessons/define';
import { commonSettings } from '../../../lessons/common-settings';
import { settled, settingsOf } from '../../../lessons/settings';

const UNITS = ['words', 'letters'] as const;

export const mappingSchema = z.object({ lesson: z.literal('count'), story: z.string(), split: z.nullable(z.string()) });
type CountMapping = z.infer<typeof mappingSchema>;

export interface CountConfig extends TrainingConfig {
  unit: (typeof UNITS)[number];
}

export const exampleSchema = z.object({ row: z.number(), story: z.string() });
export type CountExample = z.infer<typeof exampleSchema>;

/** Mean absolute error on the test rows, before and after. */
export const reportSchema = z.object({ rows: z.number(), before: anyNumber, after: anyNumber });
export type CountReport = z.infer<typeof reportSchema>;

const { learning, course, lora } = commonSettings<CountMapping>({
  learningRate: { initial: () => 1e-2 },
  epochs: { initial: () => 4 },
  batchSize: { initial: () => 8 },
  maxLength: { initial: ({ model }) => Math.min(24, model.maxPositions) },
  schedule: { initial: () => 'constant' },
  warmupRatio: { initial: () => 0 },
  weightDecay: { initial: () => 0 },
  keepBest: { initial: () => false },
  lora: {
    rank: { initial: () => 4 },
    alpha: { initial: () => 8 },
    dropout: { initial: () => 0 },
    targetModules: { initial: ({ model }) => [...model.linearModules] },
    modulesToSave: { initial: () => [] },
  },
});

export const settings = settingsOf<CountConfig, CountMapping>(z.literal('full'), {
  ...learning,
  unit: {
    schema: z.enum(UNITS),
    control: { kind: 'choice', options: () => UNITS.map((value) => ({ value, label: value })) },
    label: 'What is counted',
    initial: () => 'words',
  },
  ...course,
  lora,
});

const storyOf = (mapping: CountMapping, columns: readonly string[], cells: readonly string[]): string =>
  cells[columns.indexOf(mapping.story)] ?? '';

/** Reads rows of a data set; null for those that are left out. */
export const exampleReader =
  (mapping: Mapping, columns: readonly string[]) =>
  (row: number, cells: readonly string[]): CountExample | null => {
    const story = storyOf(mappingSchema.parse(mapping), columns, cells);
    return story === '' ? null : { row, story };
  };

export const count = defineLesson<CountMapping, CountConfig, CountExample, CountReport>('count', {
  words: { name: 'Counting', about: 'How long a text is.' },
  lines: {
    tryIt: 'Type a text',
    tryAbout: 'Type a text and see how long the model thinks it is.',
    misfit: ({ name }) => ({ message: `${name} cannot count.`, fix: 'Choose an encoder.' }),
  },
  schemas: { mapping: mappingSchema, example: exampleSchema, report: reportSchema },
  settings,
  guess: ({ columns, split }) =>
    columns.includes('story') ? { mapping: { lesson: 'count', story: 'story', split }, certainty: 1 } : null,
  start: ([story = ''], split) => ({ lesson: 'count', story, split }),
  reading: (mapping, { columns }) => ({
    columns: [mapping.story],
    textColumns: [mapping.story],
    inWords: `\`${mapping.story}\` as the story`,
    classes: { several: false, known: [] },
    numbers: false,
    read(cells) {
      const story = storyOf(mapping, columns, cells);
      if (story === '') return { ok: false, trouble: { problem: 'no-story', message: 'There is no story.' } };
      return { ok: true, row: { texts: [story], repeat: { text: story, label: '' }, labels: [], target: NaN } };
    },
    health: () => ({ blocker: null, warnings: [], imbalance: null, emptyTexts: 0 }),
  }),
  problems: { 'no-story': 'no story' },
  dataLine: ({ usableRows }) => `${usableRows} stories`,
  fits: ({ head }) => head !== null,
  methods: () => ['full'],
  methodWords: {},
  defaults: (context) => settings.defaults(context),
  settle: settled,
  check: () => [],
  foretell: () => [],
  headline: ({ after }, _mapping, number) => ({ text: `off by ${number(after)}`, rest: '' }),
  reportFits: () => true,
});
