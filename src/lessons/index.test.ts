/**
 * The lessons there are. Of their settings, each is one row, from which come the schema of records and kept changes,
 * bounds, defaults and what is drawn.
 */
import { describe, expect, it } from 'vitest';
import { greedy } from '../domain/generation';
import type { ModelInfo } from '../domain/model';
import { firstRows } from '../data/columns';
import { addLesson, lessonOf, lessons, rowLessons } from './index';
import type { NamedSetting } from './settings';

const MODEL: ModelInfo = {
  name: 'both',
  architecture: 'bert',
  parameters: 1000,
  bytes: 4000,
  hiddenSize: 384,
  layers: 2,
  maxPositions: 64,
  vocabularySize: 100,
  licence: null,
  linearModules: ['query', 'value'],
  recipes: {},
  head: { modules: ['classifier', 'pooler'], labels: null },
  writing: { ownTemplate: false, template: 'chatml', generation: greedy(16) },
};
const COMMON = [
  'learningRate',
  'epochs',
  'batchSize',
  'gradientAccumulation',
  'maxLength',
  'schedule',
  'warmupRatio',
  'weightDecay',
  'maxGradNorm',
  'dropout',
];
const COURSE = ['validateEverySteps', 'earlyStoppingPatience', 'seed', 'keepBest', 'fromAdapter'];
const LORA = ['rank', 'alpha', 'dropout', 'targetModules', 'modulesToSave'].map((name) => `lora.${name}`);

const contextOf = (id: string, method: 'lora' | 'full' = 'lora') => ({
  method,
  mapping: lessonOf({ lesson: id }).start(['a', 'b', 'c'], null),
  trainRows: 100,
  model: MODEL,
});

/** A value that the control allows and that is not the default. */
function another({ setting }: NamedSetting, value: unknown): unknown {
  const { control } = setting;
  switch (control.kind) {
    case 'number':
    case 'optional-number':
      return value === control.max ? control.min : control.max;
    case 'choice':
      return control.options(MODEL).find((choice) => choice.value !== value)?.value;
    case 'switch':
      return value !== true;
    case 'names':
      return control.of(MODEL).slice(1);
  }
}

it('stand on the page in this order', () => {
  expect(lessons().map(({ id, settings }) => [id, settings.list.map(({ name }) => name)])).toEqual([
    ['classify', [...COMMON, 'labelSmoothing', 'classWeights', 'logTargets', ...COURSE, ...LORA]],
    ['answer', [...COMMON, ...COURSE, 'template', 'base', 'gradientCheckpointing', 'packing', ...LORA]],
    ['prefer', [...COMMON, 'labelSmoothing', ...COURSE, 'template', 'base', 'beta', 'gradientCheckpointing', ...LORA]],
  ]);
});

describe.each(['classify', 'answer', 'prefer'])('each setting of %s', (id) => {
  const lesson = lessonOf({ lesson: id });
  const { config } = lesson.defaults(contextOf(id));

  it.each(lesson.settings.list.map((row) => [row.name, row] as const))('%s', (name, row) => {
    const value = row.valueIn(config);
    expect(row.setting.schema.safeParse(value).success).toBe(true);
    const change = row.changeTo(another(row, value));
    expect(lesson.settings.changes.safeParse(change)).toEqual({ success: true, data: change });
    const next = lesson.settings.changed(config, change);
    expect(next).not.toEqual(config);
    expect(row.valueIn(next)).toEqual(another(row, value));
    expect(lesson.settings.schema.safeParse(next)).toEqual({ success: true, data: next });
    // Values of another type are no changes.
    const wrong = row.changeTo({ no: 'value' });
    expect(lesson.settings.changed(config, wrong)).toEqual(config);
    expect(lesson.settings.changes.safeParse(wrong).success).toBe(false);
    if (row.setting.control.kind !== 'number') return;
    // What is being typed may be no number yet: it can be held, but neither kept nor run.
    for (const typed of [NaN, Infinity, row.setting.control.max + 1]) {
      const held = lesson.settings.changed(config, row.changeTo(typed));
      expect(row.valueIn(held)).toBe(typed);
      expect(lesson.problemsOf(held).join(' ')).toMatch(new RegExp(name.split('.').at(-1) ?? name, 'i'));
    }
  });

  it('without LoRA, those of LoRA need not fit', () => {
    const broken = { ...config, lora: { ...config.lora, rank: 0 } };
    expect(lesson.problemsOf(broken)).toEqual(['LoRA rank must be a whole number from 1 to 512.']);
    expect(lesson.problemsOf({ ...broken, method: 'full' })).toEqual([]);
  });

  it('is all that there is, and none may be missing', () => {
    expect(lesson.problemsOf({ ...config, epochs: undefined } as never)).toEqual([
      'epochs must be a whole number from 1 to 1000, not undefined.',
    ]);
    expect(lesson.problemsOf({ ...config, keepBest: undefined } as never)).toHaveLength(1);
    expect(lesson.settings.changed(config, { magic: 1 })).toEqual(config);
  });
});

it('choices that a model does not have are settled', () => {
  const { config, defaults } = lessonOf({ lesson: 'answer' }).withChanges(contextOf('answer'), {
    template: 'own',
    maxLength: 512,
    lora: { targetModules: ['query', 'q_proj'], modulesToSave: ['pooler', 'x'] },
  });
  expect(config).toMatchObject({ template: 'chatml', maxLength: 64, lora: { targetModules: ['query'] } });
  expect(defaults).toMatchObject({ template: 'chatml', lora: { targetModules: ['query', 'value'] } });
});

describe('the registration', () => {
  const TABLE = { columns: ['text', 'label'], decimalComma: false };
  const first = firstRows(TABLE, [['a fine day', 'x']]);

  it('has these lessons, in this order, and knows no other', () => {
    expect(lessons().map(({ id, words }) => [id, words.name])).toEqual([
      ['classify', 'Labels'],
      ['answer', 'Answers'],
      ['prefer', 'Preferences'],
    ]);
    expect(() => lessonOf({ lesson: 'draw' })).toThrow(expect.objectContaining({ code: 'unsupported' }));
    expect(() => rowLessons.reading({ lesson: 'draw', split: null }, TABLE)).toThrow(/knows no lesson “draw”/);
    expect(() => rowLessons.reading({ lesson: 'classify', split: null }, TABLE)).toThrow(
      expect.objectContaining({ code: 'bad-config', message: expect.stringMatching(/“Labels”.*“task”/) as string }),
    );
  });

  it.each([
    [0.4, 'classify'],
    [0.5, 'classify'],
    [0.6, 'draw'],
  ])('takes the surest guess, of equals that of the first: %f', (certainty, lesson) => {
    const drawing = { lesson: 'draw', split: null };
    const undo = addLesson({
      ...lessonOf({ lesson: 'classify' }),
      id: 'draw',
      guess: () => ({ mapping: drawing, certainty }),
    });
    expect(rowLessons.guess(first).lesson).toBe(lesson);
    expect(lessons().at(-1)?.id).toBe('draw');
    undo();
    expect([lessons().length, rowLessons.guess(first).lesson]).toEqual([3, 'classify']);
  });

  it('passes a lesson by that cannot read the table', () => {
    expect(lessonOf({ lesson: 'answer' }).guess(first)).toBeNull();
    expect(lessonOf({ lesson: 'prefer' }).guess(first)).toBeNull();
  });
});
