/**
 * Files as people really have them (cases/, made by us after public reports): each is read right without being told
 * anything, and what was done to it is said.
 */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { open } from '../../testing/data';
import type { Dataset } from '../dataset';

const bytesOf = (name: string): Uint8Array => new Uint8Array(readFileSync(new URL(`cases/${name}`, import.meta.url)));
const openCase = (name: string): Promise<Dataset> => open(bytesOf(name), name);
const cellsOf = (dataset: Dataset): string[][] => dataset.rows(0, 100, 'all').rows.map(({ cells }) => cells);
const said = (dataset: Dataset): string => dataset.state().readWarnings.join(' ');
const troubled = (dataset: Dataset): number => dataset.rows(0, 1, 'issues').total;

const TOPICS = ['food', 'music', 'sport'];

describe('files as people have them', () => {
  it.each([
    ['names-twice.csv', ['id', 'text', 'id.1', 'label'], 'called id.1 here'],
    [
      'trailing-commas.csv',
      ['text', 'label', 'column 3', 'column 4', 'column 5'],
      'called column 3, column 4, column 5',
    ],
    [
      'long-name.csv',
      [
        'Timestamp',
        'Please tell us in your own words what you thought of the visit and what we should change before next time',
        'Topic',
      ],
      '',
    ],
    ['wrapped-one-line.json', ['text', 'label'], ''],
    ['splits.json', ['text', 'label', 'split'], ''],
    ['by-columns.json', ['text', 'label'], ''],
    ['by-lists.json', ['text', 'label'], ''],
    ['by-split.json', ['text', 'label'], ''],
    ['nan.jsonl', ['text', 'label', 'score'], ''],
    ['latin.csv', ['text', 'label'], ''],
    ['shift-jis.csv', ['text', 'label'], ''],
    ['quotes-as-text.tsv', ['text', 'label'], ''],
    ['label-studio.json', ['id', 'text', 'topic'], 'not read: predictions, meta, project'],
    ['doccano.jsonl', ['id', 'text', 'label', 'Comments'], ''],
    ['fasttext.txt', ['text', 'label'], ''],
    ['comment.csv', ['text', 'label'], '“# made by a tool”'],
    ['space-before-quotes.csv', ['text', 'label'], ''],
    ['space-before-quotes-three.csv', ['id', 'text', 'label'], ''],
  ])('%s: columns %j, 60 rows, three topics', async (name, columns, words) => {
    const dataset = await openCase(name);
    expect(dataset.info.columns).toEqual(columns);
    expect([dataset.info.rows, troubled(dataset)]).toEqual([60, 0]);
    expect(said(dataset)).toContain(words);
    const at = columns.findIndex((column) => /^(label|topic)$/i.test(column));
    const labels = new Set(cellsOf(dataset).map((cells) => cells[at]?.replace(/^\["(.*)"\]$/, '$1')));
    expect([...labels].sort()).toEqual(TOPICS);
  });

  it('lists of splits give all rows, each with its split', async () => {
    const dataset = await openCase('splits.json');
    const splits = cellsOf(dataset).map((cells) => cells[2]);
    expect([
      splits.filter((split) => split === 'train').length,
      splits.filter((split) => split === 'test').length,
    ]).toEqual([40, 20]);
    expect(dataset.info.splitFromColumn).toBe(true);
  });

  it('NaN is a missing cell', async () => {
    const scores = cellsOf(await openCase('nan.jsonl')).map((cells) => cells[2]);
    expect([...new Set(scores)].sort()).toEqual(['', '0.5']);
  });

  it.each([
    ['latin.csv', 'windows-1252', 'étaient déjà'],
    ['shift-jis.csv', 'shift_jis', '日本語の文章'],
  ])('%s is read in its encoding, and it is said', async (name, encoding, words) => {
    const dataset = await openCase(name);
    expect(dataset.info.source.encoding).toBe(encoding);
    expect(cellsOf(dataset)[0]?.[0]).toContain(words);
  });

  it('quotes of a TSV whose texts begin with quotes are text', async () => {
    const dataset = await openCase('quotes-as-text.tsv');
    const lines = new TextDecoder().decode(bytesOf('quotes-as-text.tsv')).trim().split('\n').slice(1);
    expect(cellsOf(dataset)).toEqual(lines.map((line) => line.split('\t')));
    expect(dataset.info.sourceInWords).toContain('quotes are text');
  });

  it('several choices of Label Studio are a list, one is a label', async () => {
    const dataset = await openCase('label-studio-min.json');
    const topics = cellsOf(dataset).map((cells) => cells[dataset.info.columns.indexOf('topic')]);
    expect(topics.slice(0, 2)).toEqual(['food', '["food","music"]']);
  });

  it('a blank before a quote is no part of the text', async () => {
    expect(cellsOf(await openCase('space-before-quotes-three.csv'))[0]).toEqual([
      '0',
      'Note 0: the soup was odd, they say',
      'food',
    ]);
  });

  it('whole numbers keep their digits', async () => {
    const dataset = await openCase('big-integers.jsonl');
    const labels = new Set(cellsOf(dataset).map((cells) => cells[1]));
    expect([...labels].sort()).toEqual([
      '1234567890123456780',
      '1234567890123456789',
      '9007199254740992',
      '9007199254740993',
    ]);
  });

  const yaml = [
    'version: "3.1"',
    'nlu:',
    '- intent: greet',
    '  examples: |',
    '    - hey there',
    '    - hello [Ann](name)',
    '- intent: book',
    '  examples: |',
    '    - a flight to [Berlin]{"entity": "city"} please',
    '- synonym: NYC',
    '  examples: |',
    '    - New York',
  ];
  const markdown = [
    '## intent:greet',
    '- hey there',
    '- hello [Ann](name)',
    '',
    '## intent:book',
    '- a flight to [Berlin](city) please',
    '## synonym:NYC',
    '- New York',
  ];
  it.each([
    ['nlu.yml', yaml],
    ['nlu.md', markdown],
  ])('Rasa’s %s gives a row an example, without marks', async (name, lines) => {
    const dataset = await open(`${lines.join('\n')}\n`, name);
    expect(dataset.info).toMatchObject({ columns: ['text', 'intent'], source: { format: 'rasa' } });
    expect(cellsOf(dataset)).toEqual([
      ['hey there', 'greet'],
      ['hello Ann', 'greet'],
      ['a flight to Berlin please', 'book'],
    ]);
    expect(said(dataset)).toContain('2 texts have marks of entities');
    expect(said(dataset)).toContain('1 × synonym');
  });

  it('Rasa’s examples may be a list of texts or of objects', async () => {
    const lines = [
      'nlu:',
      '- intent: greet',
      '  examples:',
      '  - "hey: there"',
      '  - text: |',
      '      - hello',
      '  - text: hi',
      'rules:',
      '- rule: x',
    ];
    const dataset = await open(lines.join('\n'), 'nlu.yml');
    expect(cellsOf(dataset)).toEqual([
      ['hey: there', 'greet'],
      ['- hello', 'greet'],
      ['hi', 'greet'],
    ]);
  });

  it('lines that Python printed are read, and it is said', async () => {
    const dataset = await open(
      `{'text': "it's fine", 'label': None}\n{'text': 'say "hi"', 'label': 'x'}\n`,
      'rows.jsonl',
    );
    expect(cellsOf(dataset)).toEqual([
      ["it's fine", ''],
      ['say "hi"', 'x'],
    ]);
    expect(said(dataset)).toContain('2 rows are written as Python prints them');
  });

  it('JSON lines whose first line is longer than the head of the file give all rows', async () => {
    const row = (text: string): string => JSON.stringify({ messages: [{ role: 'user', content: text }] });
    const dataset = await open([row('long '.repeat(80_000)), row('short'), row('last')].join('\n'), 'chats.jsonl');
    expect(dataset.info).toMatchObject({ rows: 3, columns: ['messages'], source: { format: 'jsonl' } });
  });
});
