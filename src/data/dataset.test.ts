/** Whole imports: real files, every format, mapping, split, health, reopening. */
import { must } from '../base/assert';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../base/bytes';
import { DEFAULT_SPLIT } from '../domain/dataset';
import { SPLITS } from '../domain/task';
import { Dataset } from './dataset';
import { exampleOf, examplesOf, given, memoryStores, open, rowLessons } from '../testing/data';

const SNIPS = '../shared/data/snips';
const INSTRUCTIONS = '../shared/data/instructions';

describe.skipIf(!existsSync(SNIPS))('the SNIPS intents (skipped without ../shared/data/snips)', () => {
  it('are read, mapped, split and hashed', async () => {
    const bytes = readFileSync(`${SNIPS}/intents.train.csv`);
    const { info, ...rest } = await open(bytes, 'intents.train.csv').then((dataset) => ({
      info: dataset.info,
      dataset,
    }));
    expect(info).toMatchObject({
      rows: 13_784,
      columns: ['text', 'label'],
      source: { format: 'csv', encoding: 'utf-8', delimiter: ',', hasHeader: true },
    });
    expect(info.mapping).toMatchObject({ task: 'single-label', text: 'text', labels: ['label'], split: null });
    expect(info.mappingInWords).toBe('We take `text` as the text and `label` as the label.');
    expect(info.labels.map((label) => label.name)).toEqual([
      'AddToPlaylist',
      'BookRestaurant',
      'GetWeather',
      'PlayMusic',
      'RateBook',
      'SearchCreativeWork',
      'SearchScreeningEvent',
    ]);
    expect(info.sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
    expect(info.health.blocker).toBeNull();
    const usable = info.usableRows;
    for (const name of SPLITS)
      expect(Math.abs(info.splitRows[name] - usable * DEFAULT_SPLIT[name])).toBeLessThanOrEqual(1);
    for (const label of info.labels) expect(Math.abs(label.bySplit.test - label.count * 0.1)).toBeLessThanOrEqual(1);
    expect(examplesOf(rest.dataset, 'test')).toHaveLength(info.splitRows.test);
  });

  it('count 100 rows a label in the validation file', async () => {
    const { info } = await open(readFileSync(`${SNIPS}/intents.validation.csv`), 'v.csv');
    expect(info.rows).toBe(700);
    expect(info.labels.map((label) => label.count)).toEqual([100, 100, 100, 100, 100, 100, 100]);
  });
});

describe.skipIf(!existsSync(INSTRUCTIONS))(
  'JSON arrays of real instruction data (skipped without ../shared/data/instructions)',
  () => {
    it.each([
      ['alpaca_en_demo.json', 999, ['instruction', 'input', 'output']],
      ['dpo_en_demo.json', 300, ['conversations', 'chosen', 'rejected']],
      ['kto_en_demo.json', 300, ['messages', 'label']],
    ])('%s', async (file, rows, columns) => {
      const text = readFileSync(`${INSTRUCTIONS}/${file}`, 'utf8');
      const dataset = await open(text, file);
      expect(dataset.info).toMatchObject({ rows, columns, source: { format: 'json' } });
      const expected = (JSON.parse(text) as Record<string, unknown>[]).map((row) =>
        columns.map((key) => (typeof row[key] === 'string' ? row[key] : JSON.stringify(row[key]))),
      );
      expect(dataset.rows(0, rows, 'all').rows.map((row) => row.cells)).toEqual(expected);
    });
  },
);

const ROWS = Array.from({ length: 40 }, (_, i) => ({
  text: `text number ${i}, with "quotes"; and ${i % 3} ü 日本 😀`,
  label: i % 2 === 0 ? 'even' : 'odd',
}));

describe('examples', () => {
  it('give class indices in the order of the label names', async () => {
    const dataset = await open(JSON.stringify(ROWS), 'data.json');
    expect(exampleOf(dataset, 1)).toEqual({ row: 1, text: must(ROWS[0]).text, label: 0 });
    expect(exampleOf(dataset, 2)?.label).toBe(1);
    expect(exampleOf(dataset, 0)).toBeNull();
    expect(exampleOf(dataset, 41)).toBeNull();
    const all = SPLITS.flatMap((split) => examplesOf(dataset, split).map((example) => example.row));
    expect(all.sort((a, b) => a - b)).toEqual(ROWS.map((_, i) => i + 1));
  });

  it('order numeric labels by number', async () => {
    const dataset = await open(
      `text,label\n${['10', '9', '2', '10', '9', '2'].map((label, i) => `t${i},${label}`).join('\n')}`,
    );
    expect(dataset.info.labels.map((label) => label.name)).toEqual(['2', '9', '10']);
  });

  it('give multi-hot rows for lists, in JSON, Python and bar notation', async () => {
    const lines = ['text,labels', '"a","[""x"", ""y""]"', '"b","[\'y\']"', 'c,x|z', 'd,[]', 'e,z;y'];
    const dataset = await open(lines.join('\n'));
    await dataset.setMapping(
      given({
        lesson: 'classify',
        task: 'multi-label',
        text: 'text',
        textPair: null,
        labels: ['labels'],
        labelLayout: 'list',
        split: null,
      }),
    );
    expect([1, 2, 3, 4, 5].map((row) => exampleOf(dataset, row)?.label)).toEqual([
      [1, 1, 0],
      [0, 1, 0],
      [1, 0, 1],
      [0, 0, 0],
      [0, 1, 1],
    ]);
  });

  it('give multi-hot rows for 0/1 columns', async () => {
    const dataset = await open('comment,toxic,insult\nyou fool,1,1\nnice day,0,0\nawful,1,0\n');
    expect(dataset.info.mapping).toMatchObject({
      task: 'multi-label',
      labels: ['toxic', 'insult'],
      labelLayout: 'one-hot',
    });
    expect(dataset.info.labels.map((label) => label.name)).toEqual(['insult', 'toxic']);
    expect(exampleOf(dataset, 1)?.label).toEqual([1, 1]);
    expect(exampleOf(dataset, 3)?.label).toEqual([0, 1]);
  });

  it('keep a 0/1 column as a class even when no row carries it', async () => {
    const dataset = await open('comment,toxic,insult,threat\nyou fool,1,1,0\nnice day,0,0,0\nawful,1,0,0\n');
    expect(dataset.info.labels.map((label) => [label.name, label.count])).toEqual([
      ['insult', 1],
      ['threat', 0],
      ['toxic', 2],
    ]);
    expect(exampleOf(dataset, 1)?.label).toEqual([1, 0, 1]);
    expect(dataset.info.health.warnings.join(' ')).toContain('No row carries "threat"');
  });

  it('give numbers for regression and pairs with both texts', async () => {
    const dataset = await open(
      'sentence1\tsentence2\tscore\nA plane takes off.\tAn air plane leaves.\t4.75\nA man plays.\tA cat runs.\t0.5\n',
      'pairs.tsv',
    );
    expect(dataset.info.mapping).toMatchObject({
      task: 'regression',
      text: 'sentence1',
      textPair: 'sentence2',
      labels: ['score'],
    });
    expect(dataset.info.target).toEqual({ min: 0.5, max: 4.75, mean: 2.625, standardDeviation: 2.125, skewness: 0 });
    expect(exampleOf(dataset, 1)).toEqual({
      row: 1,
      text: 'A plane takes off.',
      textPair: 'An air plane leaves.',
      label: 4.75,
    });
  });
});

describe('the split', () => {
  const csv = `text,label\n${Array.from({ length: 200 }, (_, i) => `text ${i},${i < 150 ? 'big' : i < 199 ? 'small' : 'single'}`).join('\n')}`;

  it('is stratified, depends on the seed alone, and keeps a label with one row in training', async () => {
    const dataset = await open(csv);
    const first = dataset.rows(0, 200, 'all').rows.map((row) => row.split);
    expect(dataset.info.splitRows).toEqual({ train: 160, validation: 20, test: 20 });
    expect(dataset.info.labels.map((label) => [label.name, label.bySplit.validation, label.bySplit.test])).toEqual([
      ['big', 15, 15],
      ['single', 0, 0],
      ['small', 5, 5],
    ]);
    expect(dataset.info.health.singletonLabels).toEqual(['single']);
    expect(dataset.info.health.warnings.join(' ')).toContain('"single"');
    await dataset.setSplit({ ...DEFAULT_SPLIT, seed: 7 });
    expect(dataset.rows(0, 200, 'all').rows.map((row) => row.split)).not.toEqual(first);
    await dataset.setSplit(DEFAULT_SPLIT);
    expect(dataset.rows(0, 200, 'all').rows.map((row) => row.split)).toEqual(first);
  });

  it('refuses shares that do not add up and keeps the old ones', async () => {
    const dataset = await open(csv);
    await expect(dataset.setSplit({ ...DEFAULT_SPLIT, test: 0.5 })).rejects.toMatchObject({ code: 'bad-config' });
    expect(dataset.info.split).toEqual(DEFAULT_SPLIT);
    await dataset.setSplit({ ...DEFAULT_SPLIT, train: 0.5, validation: 0.25, test: 0.25 });
    expect(dataset.info.splitRows).toEqual({ train: 100, validation: 50, test: 50 });
  });

  it('honours a split column exactly and lists unknown names', async () => {
    const names = ['train', 'Training', 'dev', 'valid', 'TEST', 'eval', 'other', 'train'];
    const dataset = await open(`text,label,split\n${names.map((name, i) => `t${i},${i % 2},${name}`).join('\n')}`);
    expect(dataset.info).toMatchObject({
      splitFromColumn: true,
      splitRows: { train: 3, validation: 2, test: 2 },
      issues: { total: 1, byProblem: { 'unknown-split': 1 } },
    });
    expect(dataset.rows(0, 9, 'all').rows.map((row) => row.split)).toEqual([
      'train',
      'train',
      'validation',
      'validation',
      'test',
      'test',
      null,
      'train',
    ]);
  });

  it('says so when the column names no validation rows', async () => {
    const dataset = await open(
      `text,label,split\n${['train', 'train', 'test', 'train'].map((name, i) => `t${i},${i % 2},${name}`).join('\n')}`,
    );
    expect(dataset.info.splitRows.validation).toBe(0);
    expect(dataset.info.health.warnings.join(' ')).toContain('names no validation rows');
    expect(dataset.info.health.blocker).toBeNull();
  });

  it('leaves repeats out when asked', async () => {
    const dataset = await open(
      `text,label\n${Array.from({ length: 60 }, (_, i) => `same ${i % 30},${i % 2}`).join('\n')}`,
    );
    expect(dataset.info.health.duplicates).toBe(30);
    const info = await dataset.setSplit({ ...DEFAULT_SPLIT, dropDuplicates: true });
    expect(info.splitRows.train + info.splitRows.validation + info.splitRows.test).toBe(30);
    expect(dataset.rows(0, 5, 'duplicates')).toMatchObject({
      total: 30,
      rows: [{ row: 31, duplicateOf: 1, split: null }, {}, {}, {}, { row: 35, duplicateOf: 5 }],
    });
  });
});

describe('health', () => {
  it('counts repeats, conflicts, empty texts and lengths', async () => {
    const dataset = await open('text,label\nhello,a\nhello,a\nhello,b\nhello,b\n   ,a\nlonger text,b\n');
    expect(dataset.info.health).toMatchObject({
      duplicates: 2,
      emptyTexts: 1,
      longestCharacters: 11,
      imbalance: 1.5,
      meanCharacters: (4 * 5 + 11) / 5,
    });
    expect(dataset.info.health.conflicts).toBe(2);
    expect(dataset.rows(0, 9, 'issues')).toEqual({
      total: 1,
      rows: [
        {
          row: 5,
          cells: ['   ', 'a'],
          split: null,
          duplicateOf: null,
          issue: { file: 'data.csv', row: 5, problem: 'empty-text', message: 'The text in "text" is empty.' },
        },
      ],
    });
  });

  it('warns of held-out rows that are also trained on', async () => {
    const dataset = await open(`text,label,split\nsame,a,train\nsame,a,test\nother,b,train\nmore,a,train\n`);
    expect(dataset.info.health.warnings.join(' ')).toContain('flatters');
  });
});

it('says so when the text column holds lists', async () => {
  const dataset = await open(
    '{"tokens": ["a", "b"], "tags": ["O", "B"]}\n{"tokens": ["c"], "tags": ["O"]}\n',
    'ner.jsonl',
  );
  expect(dataset.info.health.warnings.join(' ')).toContain('`tokens` are lists or objects');
});

describe('stored data sets', () => {
  it('reopen to the same information without the source', async () => {
    const stores = memoryStores();
    const source = bytesSource('data.json', new TextEncoder().encode(JSON.stringify(ROWS)));
    const dataset = await Dataset.import(source, 'id', stores, rowLessons, { durable: true });
    await dataset.setSplit({ ...DEFAULT_SPLIT, seed: 3, dropDuplicates: true });
    const state = JSON.parse(JSON.stringify(dataset.state())) as ReturnType<Dataset['state']>;
    const again = await Dataset.reopen(state, stores, rowLessons);
    expect(again.info).toEqual(dataset.info);
    expect(examplesOf(again, 'test')).toEqual(examplesOf(dataset, 'test'));
  });

  it('refuse to reopen when the stored rows are damaged', async () => {
    const stores = memoryStores();
    const dataset = await Dataset.import(
      bytesSource('d.csv', new TextEncoder().encode('text,label\none,a\ntwo,b\n')),
      'test',
      stores,
      rowLessons,
      { durable: true },
    );
    const rows = stores.rows.read(0, stores.rows.size);
    const index = stores.index.read(0, stores.index.size);
    const spoilt = (at: number, byte: number, of: Uint8Array): Uint8Array =>
      of.map((old, i) => (i === at ? byte : old));
    const kept = (rowBytes: Uint8Array, indexBytes: Uint8Array) => {
      const again = memoryStores();
      again.rows.append(rowBytes);
      again.index.append(indexBytes);
      return again;
    };
    // A quote that is gone, a number where a text was, and a row that ends before it begins.
    for (const [rowBytes, indexBytes] of [
      [spoilt(1, 0x20, rows), index],
      [spoilt(rows.length - 1, 0x7d, rows), index],
      [rows, spoilt(7, 0x40 | 0x80, index)],
    ] as const)
      await expect(Dataset.reopen(dataset.state(), kept(rowBytes, indexBytes), rowLessons)).rejects.toMatchObject({
        code: 'storage',
      });
  });

  it('refuse to reopen when rows are missing', async () => {
    const dataset = await open(JSON.stringify(ROWS), 'data.json');
    await expect(Dataset.reopen(dataset.state(), memoryStores(), rowLessons)).rejects.toMatchObject({
      code: 'storage',
    });
  });
});

describe('mapping', () => {
  it('refuses unknown and repeated columns and keeps the old mapping', async () => {
    const dataset = await open('text,label\na,x\nb,y\n');
    const mapping = dataset.info.mapping;
    await expect(dataset.setMapping(given({ ...mapping, text: 'body' }))).rejects.toMatchObject({
      code: 'bad-config',
      place: { column: 'body' },
    });
    await expect(dataset.setMapping(given({ ...mapping, text: 'label' }))).rejects.toMatchObject({
      code: 'bad-config',
    });
    expect(dataset.info.mapping).toEqual(mapping);
    expect(dataset.state().mapping).toEqual(mapping);
  });

  it('can be cancelled', async () => {
    const dataset = await open('text,label\na,x\nb,y\n');
    await expect(dataset.setMapping(dataset.info.mapping, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'cancelled',
    });
  });
});
