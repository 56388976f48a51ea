/** What is made of columns that may be texts and labels, and the words for it. */
import { describe, expect, it } from 'vitest';
import { firstRows } from '../../../data/columns';
import { given, open } from '../../../testing/data';
import { guess } from './guess';
import { classify } from './index';
import { AS_BEFORE } from './schema';
import type { ClassifyMapping } from './schema';

function table(columns: readonly string[], rows: readonly string[][], times = 20): ClassifyMapping {
  const many = Array.from({ length: times }, (_, i) =>
    rows.map((row) => row.map((cell) => cell.replace('#', String(i)))),
  ).flat();
  return guess(firstRows({ columns, decimalComma: false }, many)).mapping;
}

describe('columns', () => {
  it.each<[string, string[], string[][], Partial<ClassifyMapping>]>([
    [
      'text, label',
      ['text', 'label'],
      [
        ['a text #', 'x'],
        ['b text #', 'y'],
      ],
      { text: 'text', labels: ['label'], task: 'single-label' },
    ],
    [
      'label first',
      ['label', 'text'],
      [
        ['x', 'a text #'],
        ['y', 'b text #'],
      ],
      { text: 'text', labels: ['label'] },
    ],
    [
      'text, target as 0/1',
      ['text', 'target'],
      [
        ['a #', '0'],
        ['b #', '1'],
      ],
      { labels: ['target'], task: 'single-label' },
    ],
    [
      'id, body, queue',
      ['id', 'body', 'queue'],
      [
        ['#1', 'long body #', 'x'],
        ['#2', 'body #', 'y'],
      ],
      { text: 'body', labels: ['queue'] },
    ],
    [
      'names that say nothing',
      ['alpha', 'beta'],
      [
        ['red', 'a long text number #'],
        ['blue', 'another long text #'],
      ],
      { text: 'beta', labels: ['alpha'], task: 'single-label' },
    ],
    [
      'premise, hypothesis',
      ['premise', 'hypothesis', 'label'],
      [
        ['p #', 'h #', 'yes'],
        ['q #', 'i #', 'no'],
      ],
      { text: 'premise', textPair: 'hypothesis', labels: ['label'] },
    ],
    [
      'question, answer alone',
      ['question', 'answer'],
      [
        ['long question #', 'yes'],
        ['other question #', 'no'],
      ],
      { text: 'question', textPair: null, labels: ['answer'] },
    ],
    [
      'a list of labels',
      ['text', 'labels'],
      [
        ['a #', '["x","y"]'],
        ['b #', '[]'],
      ],
      { task: 'multi-label', labelLayout: 'list' },
    ],
    [
      'bars between labels',
      ['text', 'tags'],
      [
        ['a #', 'x|y'],
        ['b #', 'z'],
      ],
      { task: 'multi-label', labelLayout: 'list' },
    ],
    [
      'one-hot',
      ['text', 'a', 'b', 'c'],
      [
        ['a #', '0', '1', '0'],
        ['b #', '1', '1', '0'],
      ],
      { task: 'multi-label', labelLayout: 'one-hot', labels: ['a', 'b', 'c'] },
    ],
    [
      'a decimal score',
      ['text', 'score'],
      [
        ['a #', '1.5'],
        ['b #', '#'],
      ],
      { task: 'regression' },
    ],
    [
      'many whole numbers',
      ['text', 'price'],
      [
        ['a #', '#0'],
        ['b #', '#5'],
      ],
      { task: 'regression', labels: ['price'] },
    ],
    [
      'stars from 1 to 5',
      ['review', 'stars'],
      [
        ['a #', '1'],
        ['b #', '5'],
        ['c #', '3'],
      ],
      { task: 'single-label' },
    ],
    [
      'a split column',
      ['text', 'label', 'split'],
      [
        ['a #', 'x', 'train'],
        ['b #', 'y', 'test'],
      ],
      { split: 'split', labels: ['label'] },
    ],
    [
      'a split column of another name',
      ['text', 'label', 'part'],
      [
        ['a #', 'x', 'train'],
        ['b #', 'y', 'dev'],
      ],
      { split: 'part', labels: ['label'] },
    ],
  ])('%s', (_name, columns, rows, expected) => {
    expect(table(columns, rows)).toMatchObject(expected);
  });

  it('a table of a single column has no label', () => {
    expect(table(['text'], [['a #']]).labels).toEqual([]);
  });
});

describe('words', () => {
  const base: ClassifyMapping = {
    ...AS_BEFORE,
    lesson: 'classify',
    task: 'single-label',
    text: 'body',
    textPair: null,
    labels: ['queue'],
    labelLayout: 'column',
    split: null,
  };

  it.each<[Partial<ClassifyMapping>, string]>([
    [{}, 'We take `body` as the text and `queue` as the label.'],
    [{ textPair: 'reply' }, 'We take `body` and `reply` as the pair of texts and `queue` as the label.'],
    [{ task: 'regression' }, 'We take `body` as the text and `queue` as the number to predict.'],
    [
      { task: 'multi-label', labelLayout: 'one-hot', labels: ['a', 'b', 'c'] },
      'We take `body` as the text and `a`, `b` and `c` as labels that are 0 or 1.',
    ],
    [
      { split: 'part' },
      'We take `body` as the text and `queue` as the label. `part` says which rows are for training, ' +
        'validation and test.',
    ],
    [{ labels: [] }, 'We take `body` as the text and found no column for the label.'],
  ])('%j', async (change, words) => {
    const dataset = await open('body,reply,queue,a,b,c,part\nx,y,1,0,1,0,train\nz,y,2,1,1,0,test\n');
    expect((await dataset.setMapping(given({ ...base, ...change }))).mappingInWords).toBe(words);
  });

  it('a layout that does not fit the task is refused', () => {
    const table = { columns: ['body', 'queue', 'x'], decimalComma: false };
    expect(() => classify.reading(given({ ...base, labelLayout: 'one-hot' }), table)).toThrow(
      expect.objectContaining({ code: 'bad-config' }),
    );
    expect(() => classify.reading(given({ ...base, labels: ['queue', 'x'] }), table)).toThrow(
      expect.objectContaining({ code: 'bad-config' }),
    );
  });
});
