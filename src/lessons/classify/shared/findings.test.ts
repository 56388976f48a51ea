/** What is found in tables as people have them, what is said of it, and what the buttons do. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { must } from '../../../base/assert';
import type { Dataset } from '../../../data/dataset';
import type { DatasetInfo } from '../../../domain/dataset';
import { examplesOf, given, open, openRows } from '../../../testing/data';
import type { ClassifyMapping } from './schema';
import { mappingSchema } from './schema';

const opened = (name: string): Promise<Dataset> =>
  open(readFileSync(new URL(`./cases/${name}`, import.meta.url), 'utf8'), name);

const table = (header: string, rows: number, line: (row: number) => string): Promise<Dataset> =>
  open([header, ...Array.from({ length: rows }, (_, row) => line(row))].join('\n'));

const mappingOf = ({ info }: Dataset): ClassifyMapping => mappingSchema.parse(info.mapping);
const counts = ({ labels }: DatasetInfo): Record<string, number> =>
  Object.fromEntries(labels.map(({ name, count }) => [name, count]));
const sentences = ({ info }: Dataset): string => info.health.findings.map(({ text }) => text).join('\n');

/** Presses the button with these words. */
function press(dataset: Dataset, label: string): Promise<DatasetInfo> {
  const found = dataset.info.health.findings.find(({ action }) => action?.label === label);
  return dataset.setMapping(must(found?.action, `a button “${label}”`).mapping);
}

describe('several labels in a cell', () => {
  it.each([
    ['genres.csv', ','],
    ['hash.csv', '#'],
  ])('%s is taken apart at %s, and left whole at a press', async (name, separator) => {
    const dataset = await opened(name);
    expect(mappingOf(dataset)).toMatchObject({ task: 'multi-label', labelLayout: 'list', separator });
    expect(counts(dataset.info)).toEqual({ food: 30, music: 40, sport: 30 });
    expect(sentences(dataset)).toContain('30 rows with several labels');
    const before = dataset.info.mapping;
    const whole = await press(dataset, 'Keep cells whole');
    expect(whole.labels).toHaveLength(6);
    await press(dataset, 'Take them apart');
    expect(dataset.info.mapping).toEqual(before);
  });

  it.each([
    ['numpy.csv', 60],
    ['vectors.jsonl', 60],
  ])('%s has a label for each place', async (name, rows) => {
    const dataset = await opened(name);
    expect(mappingOf(dataset)).toMatchObject({ task: 'multi-label', labelLayout: 'vector' });
    expect(counts(dataset.info)).toEqual({ 'label 1': 30, 'label 2': 30, 'label 3': 40 });
    const named = await dataset.setMapping({ ...mappingOf(dataset), names: ['food', 'sport', 'music'] } as never);
    expect(counts(named)).toEqual({ food: 30, sport: 30, music: 40 });
    expect(named.usableRows).toBe(rows);
  });

  it('names that stand in every row are those of the places', async () => {
    const dataset = await openRows(
      Array.from({ length: 20 }, (_, i) => ({
        text: `text ${i}`,
        labels: [i % 2, 1 - (i % 2)],
        label_names: ['calm', 'angry'],
      })),
    );
    expect(counts(dataset.info)).toEqual({ angry: 10, calm: 10 });
    expect(mappingOf(dataset).task).toBe('single-label');
  });

  it('choices of an annotation tool, one or several', async () => {
    const dataset = await opened('label-studio-min.json');
    expect(mappingOf(dataset)).toMatchObject({ task: 'multi-label', labels: ['topic'] });
    expect(counts(dataset.info)).toEqual({ food: 30, music: 40, sport: 30 });
  });

  it('rows whose cell is empty are left out, or teach that none applies', async () => {
    const cells = ['"a,b"', 'a', '', 'b', '"a,c"', 'c'];
    const dataset = await table('text,tags', 60, (row) => `text ${row},${cells[row % 6]}`);
    expect(dataset.info.usableRows).toBe(50);
    expect((await press(dataset, 'Teach that none applies')).usableRows).toBe(60);
    expect(sentences(dataset)).toContain('10 rows carry no label');
    expect((await press(dataset, 'Leave empty ones out')).usableRows).toBe(50);
  });

  it('scores by label', async () => {
    const row = (i: number, one: boolean) => ({
      text: `text ${i}`,
      cats: { food: i % 2, price: one ? 1 - (i % 2) : Number(i % 3 === 0), rare: 0.2 },
    });
    const several = await openRows(Array.from({ length: 30 }, (_, i) => row(i, false)));
    expect(mappingOf(several)).toMatchObject({ task: 'multi-label', labels: ['cats'] });
    expect(counts(several.info)).toEqual({ food: 15, price: 10, rare: 0 });
    expect(sentences(several)).toContain('0.5 and more');
    const one = await openRows(Array.from({ length: 30 }, (_, i) => row(i, true)));
    expect(mappingOf(one).task).toBe('single-label');
  });

  it('lists of always one label are labels', async () => {
    const dataset = await opened('doccano.jsonl');
    expect(mappingOf(dataset).task).toBe('single-label');
    expect(counts(dataset.info)).toEqual({ food: 20, music: 20, sport: 20 });
    expect((await press(dataset, 'Expect several labels')).mapping).toMatchObject({ task: 'multi-label' });
  });

  it('a row with more than one is left out and counted where one is expected', async () => {
    const dataset = await opened('doccano.jsonl');
    const info = await (
      await openRows([
        ...Array.from({ length: 9 }, (_, i) => ({ text: `text ${i}`, label: [`l${i % 2}`] })),
        { text: 'both', label: ['l0', 'l1'] },
      ])
    ).setMapping(dataset.info.mapping);
    expect(info.issues).toEqual({ total: 1, byProblem: { 'bad-label': 1 } });
  });

  it.each([
    ['a comma within each label', ['Washington, D.C.', 'Buffalo, NY', 'Albany, NY', 'Boston, MA']],
    ['a blank', ['very good', 'good', 'very bad', 'bad']],
    ['a slash', ['AC/DC', 'rock', 'pop', 'n/a or so']],
  ])('%s parts nothing', async (_name, labels) => {
    const dataset = await table('text,label', 60, (row) => `text ${row},"${labels[row % labels.length]}"`);
    expect(mappingOf(dataset)).toMatchObject({ task: 'single-label', labelLayout: 'column' });
    expect(dataset.info.labels).toHaveLength(labels.length);
  });
});

describe('spellings', () => {
  it('of one label are counted, merged and kept apart again', async () => {
    const dataset = await opened('variants.csv');
    expect(sentences(dataset)).toContain('"food" ×12, "FOOD" ×4, "Food" ×4');
    const before = counts(dataset.info);
    expect(counts(await press(dataset, 'Merge them'))).toEqual({ food: 20, music: 20, sport: 20 });
    expect(sentences(dataset)).toContain('"FOOD" as "food"');
    expect(counts(await press(dataset, 'Keep them apart'))).toEqual(before);
  });

  it('of whole numbers are one label from the beginning', async () => {
    const labels = ['0', '0.0', '1', '1.0'];
    const dataset = await table('text,label', 40, (row) => `text ${row},${labels[row % 4]}`);
    expect(counts(dataset.info)).toEqual({ '0': 20, '1': 20 });
    expect(sentences(dataset)).toContain('"0.0" as "0", "1.0" as "1"');
    expect(counts(await press(dataset, 'Keep them apart'))).toEqual({ '0': 10, '0.0': 10, '1': 10, '1.0': 10 });
  });

  it('differ in Unicode form and in blanks', async () => {
    const labels = ['café', 'cafe\u0301', 'big  cat', 'big cat', 'ﬁsh', 'fish'];
    const dataset = await table('text,label', 60, (row) => `text ${row},${labels[row % 6]}`);
    expect((await press(dataset, 'Merge them')).labels).toHaveLength(3);
  });

  it('digits beyond the reach of numbers stay what they are', async () => {
    const labels = ['9007199254740993', '9007199254740992', '007', '7'];
    const dataset = await table('text,label', 40, (row) => `text ${row},${labels[row % 4]}`);
    expect(Object.keys(counts(dataset.info)).sort()).toEqual([...labels].sort());
  });

  it('names that objects have of themselves are labels like others', async () => {
    const labels = ['constructor', 'Constructor', '__proto__', 'toString'];
    const dataset = await table('text,label', 40, (row) => `text ${row},${labels[row % 4]}`);
    const merged = await press(dataset, 'Merge them');
    expect(merged.labels.map(({ name, count }) => `${name} ${count}`)).toEqual(
      ['Constructor 20', '__proto__ 10', 'toString 10'].sort(),
    );
  });
});

describe('words for no label', () => {
  it('are those of pandas, counted, and labels at a press', async () => {
    const dataset = await opened('missing-words.csv');
    expect(counts(dataset.info)).toEqual({ food: 15, music: 15, sport: 15 });
    expect(sentences(dataset)).toContain('15 rows say "NaN" ×3, "nan" ×3, "N/A" ×3, "null" ×3, "None" ×3');
    expect((await press(dataset, 'Keep them as labels')).labels).toHaveLength(8);
    expect((await press(dataset, 'Leave these rows out')).usableRows).toBe(45);
  });

  it.each(['-', '?', 'none', 'unlabelled', '-1'])('%s is a label until a person says otherwise', async (word) => {
    const labels = word === '-1' ? ['0', '1', word] : ['yes', 'no', word];
    const dataset = await table('text,label', 60, (row) => `text ${row},${labels[row % 3]}`);
    expect(dataset.info.labels).toHaveLength(3);
    expect((await press(dataset, 'Leave these rows out')).usableRows).toBe(40);
    expect((await press(dataset, 'Keep them as labels')).usableRows).toBe(60);
  });

  it('unknown is a label', async () => {
    const dataset = await table('text,label', 20, (row) => `text ${row},${row % 2 ? 'unknown' : 'known'}`);
    expect(dataset.info.health.findings).toEqual([]);
  });
});

describe('numbers', () => {
  it.each([
    ['percent.csv', '.', '%', 0, 99],
    ['decimal-comma.csv', ',', '', 1, 4.6],
  ])('%s', async (name, decimal, unit, min, max) => {
    const dataset = await opened(name);
    expect(mappingOf(dataset)).toMatchObject({ task: 'regression', decimal, unit });
    expect(dataset.info.usableRows).toBe(60);
    expect(dataset.info.target).toMatchObject({ min, max });
    expect(dataset.info.health.findings).toHaveLength(1);
  });

  it('that can be read in two ways are asked about', async () => {
    const dataset = await table('text,price', 40, (row) => `text ${row},"${1 + (row % 9)},${100 + row}"`);
    expect(dataset.info.target).toMatchObject({ min: 1100 });
    expect((await press(dataset, 'Take “,” as the decimal mark')).target).toMatchObject({ max: 9.135 });
    expect((await press(dataset, 'Take “.” as the decimal mark')).target).toMatchObject({ min: 1100 });
  });

  it('of another unit are left out, those without one are counted', async () => {
    const dataset = await table('text,price', 60, (row) => `text ${row},$${row}.50`);
    const mixed = await open(
      ['text,price', ...Array.from({ length: 57 }, (_, row) => `t${row},$${row}.50`), 'a,7', 'b,€8', 'c,1.2 kg'].join(
        '\n',
      ),
    );
    expect(dataset.info.target).toMatchObject({ min: 0.5, max: 59.5 });
    expect(mixed.info.issues.byProblem).toEqual({ 'bad-label': 2 });
    expect(sentences(mixed)).toContain('1 row has a number without “$”');
  });

  it.each(['', '.0', '/5', ' out of 5 stars'])('from 1 to 5%s are labels, or numbers at a press', async (rest) => {
    const dataset = await table('text,stars', 50, (row) => `text ${row},${1 + (row % 5)}${rest}`);
    expect(mappingOf(dataset).task).toBe('single-label');
    expect((await press(dataset, 'Teach as a number')).target).toMatchObject({ min: 1, max: 5 });
  });
});

describe('columns', () => {
  const credit = (row: number): string =>
    `${row % 7} months,${['car', 'tv', ''][row % 3]},${row * 10},${row % 2 ? 'own' : 'rent'},${row % 4 ? 'good' : 'bad'}`;

  it('of a table without a text are all read, by name and value', async () => {
    const dataset = await table('duration,purpose,amount,housing,risk', 80, credit);
    expect(mappingOf(dataset)).toMatchObject({
      text: 'duration',
      joined: ['purpose', 'amount', 'housing'],
      labels: ['risk'],
    });
    expect(dataset.info.health.duplicates).toBe(0);
    expect(examplesOf(dataset, 'train').find(({ row }) => row === 3)).toMatchObject({
      text: 'duration: 2 months\namount: 20\nhousing: rent',
    });
    await press(dataset, 'Read “duration” alone');
    expect(dataset.info.health.duplicates).toBeGreaterThan(60);
    await press(dataset, 'Join into the text');
    expect(dataset.info.health.duplicates).toBe(0);
  });

  it('beside a text are named, and joined at a press', async () => {
    const dataset = await table('id,title,body,shop,label', 40, (row) =>
      [row, `title ${row}`, `the body of row ${row}`, `shop ${row % 3}`, row % 2 ? 'x' : 'y'].join(','),
    );
    expect(mappingOf(dataset)).toMatchObject({ text: 'body', joined: [] });
    expect(sentences(dataset)).toContain('2 columns are not read: `title` and `shop`.');
    await press(dataset, 'Join into the text');
    expect(examplesOf(dataset, 'train').find(({ row }) => row === 1)?.text).toBe(
      'body: the body of row 0\ntitle: title 0\nshop: shop 0',
    );
    expect(sentences(dataset)).toContain('made of 3 columns');
  });

  it('of sentences may be answers', async () => {
    const answers = ['A bike costs four crowns an hour.', 'Press the orange button, please.', 'Yes, helmets are free.'];
    const dataset = await table('question,answer', 60, (row) => `question ${row}?,"${answers[row % 3]}"`);
    expect(dataset.info.mapping.lesson).toBe('classify');
    const info = await press(dataset, 'Teach the answers');
    expect(info.mapping).toMatchObject({ lesson: 'answer', columns: { prompt: 'question', answer: 'answer' } });
  });
});

describe('what is not taught here', () => {
  it('a file of words and tags in one column', async () => {
    const rows = Array.from({ length: 30 }, (_, i) => ({ text: `EU NNP B-ORG\nrejects VBZ O\nit${i} NN O` }));
    const { info } = await openRows(rows);
    expect(info.mapping.lesson).toBe('classify');
    expect(info.health.blocker).toContain('words with a tag each');
  });

  it.each<[string, () => Promise<Dataset>]>([
    [
      'a word and a tag a row',
      () => table('word,tag', 60, (row) => `w${row},${['O', 'B-person', 'I-person'][row % 3]}`),
    ],
    [
      'lists of words and of tags',
      () => openRows(Array.from({ length: 30 }, (_, i) => ({ tokens: ['a', `b${i}`, 'c'], tags: ['O', 'B-x', 'O'] }))),
    ],
    [
      'lists of words and of numbers of tags',
      () =>
        openRows(
          Array.from({ length: 30 }, (_, i) => ({
            tokens: [`a${i}`, 'b'].concat(i % 2 ? ['c'] : []),
            ner_tags: [0, 3].concat(i % 2 ? [0] : []),
          })),
        ),
    ],
  ])('%s is named', async (_name, made) => {
    expect((await made()).info.health.blocker).toContain('words with a tag each');
  });

  it('labels that the test cannot judge are counted', async () => {
    const labels = [...Array<string>(30).fill('a'), ...Array<string>(30).fill('b'), 'c', 'c', 'd', 'd'];
    const parts = labels.map((_, row) => (row === 0 || row === 30 || row === 31 || row === 60 ? 'test' : 'train'));
    const dataset = await table('text,label,split', labels.length, (row) => `text ${row},${labels[row]},${parts[row]}`);
    expect(dataset.info.health.warnings).toEqual(
      expect.arrayContaining([
        'No test row carries "d" (1 of 4 labels): the test says nothing of it.',
        'One test row alone carries each of "a", "c" (2 of 4 labels): right or wrong there is chance.',
      ]),
    );
  });
});

it('mappings of before read as they did', async () => {
  const dataset = await open('text,label\na,x|y\nb,None\nc,1.0\nd,1\n');
  const before = { lesson: 'classify', task: 'multi-label', text: 'text', textPair: null, labels: ['label'] };
  const info = await dataset.setMapping(given({ ...before, labelLayout: 'list', split: null }));
  expect(Object.keys(counts(info)).sort()).toEqual(['1', '1.0', 'None', 'x', 'y']);
});
