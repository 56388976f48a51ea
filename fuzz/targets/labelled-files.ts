/** Files of labelling tools: right ones give their rows, spoilt ones a typed refusal or rows, whatever is in them. */
import fc from 'fast-check';
import { bytesSource, memoryStore } from '../../src/base/bytes';
import { importRows } from '../../src/data/import';
import { RowReader } from '../../src/data/row-store';
import { spoiltText, utf8 } from '../hostile';
import { agree, fuzzTarget, holds, outcomeOf } from '../target';

const TOOLS = ['label-studio', 'prodigy', 'spacy', 'fasttext', 'rasa'] as const;
type Tool = (typeof TOOLS)[number];

const word = fc.constantFrom('soup', 'bread', 'goal', 'Übermaß', '日本', 'a:b', "it's", '#x', '100%');
const row = fc.record({
  text: fc.array(word, { minLength: 2, maxLength: 5 }).map((words) => `note ${words.join(' ')} end`),
  labels: fc.uniqueArray(fc.constantFrom('food', 'sport', 'music'), { minLength: 1, maxLength: 3 }),
});
const rows = fc.array(row, { minLength: 2, maxLength: 6 });
type Rows = { text: string; labels: string[] }[];

function written(tool: Tool, given: Rows): string {
  switch (tool) {
    case 'label-studio':
      return JSON.stringify(
        given.map(({ text, labels }, id) => ({
          id,
          data: { text },
          annotations: [{ result: [{ from_name: 'topic', type: 'choices', value: { choices: labels } }] }],
        })),
      );
    case 'prodigy':
      return given
        .map(({ text, labels }) => JSON.stringify({ text, options: [], accept: labels, answer: 'accept' }))
        .join('\n');
    case 'spacy':
      return given
        .map(({ text, labels }) => JSON.stringify({ text, cats: Object.fromEntries(labels.map((name) => [name, 1])) }))
        .join('\n');
    case 'fasttext':
      return given
        .map(({ text, labels }) => `${labels.map((name) => `__label__${name}`).join(' ')} ${text}`)
        .join('\n');
    case 'rasa':
      return `nlu:\n${given.map(({ text, labels }) => `- intent: ${labels[0] ?? ''}\n  examples: |\n    - ${text}`).join('\n')}\n`;
  }
}

async function read(text: string, tool: Tool) {
  const stores = { rows: memoryStore(), index: memoryStore() };
  const name = tool === 'rasa' ? 'nlu.yml' : tool === 'fasttext' ? 'train.txt' : 'rows.json';
  const imported = await importRows(bytesSource(name, utf8(text)), stores, {});
  return { ...imported, stored: new RowReader(stores, imported.rows).read(0, 100) };
}

const labelOf = (tool: Tool, labels: readonly string[]): string =>
  labels.length === 1 || tool === 'rasa' ? (labels[0] ?? '') : JSON.stringify(labels);

export const labelledFiles = fuzzTarget(
  'Files of labelling tools',
  fc.record({ tool: fc.constantFrom(...TOOLS), given: rows }),
  async ({ tool, given }) => {
    const { columns, stored } = await read(written(tool, given), tool);
    const [text, label] = ['text', ['topic', 'label', 'intent'].find((name) => columns.includes(name)) ?? ''].map(
      (name) => columns.indexOf(name),
    );
    agree(
      stored.map(({ cells }) => [cells[text ?? -1], cells[label ?? -1]]),
      given.map((one) => [one.text, labelOf(tool, one.labels)]),
      `${tool} gives other rows`,
    );
    return true;
  },
  { refuses: false },
);

export const spoiltLabelledFiles = fuzzTarget(
  'Spoilt files of labelling tools',
  fc.constantFrom(...TOOLS).chain((tool) =>
    fc.record({
      tool: fc.constant(tool),
      text: spoiltText(
        rows.map((given) => written(tool, given)),
        ['{', '}', '[', ']', '"', ':', '- ', '\n', '  ', '&a', '*a', '|', '__label__', 'null', '!!', '<<: *a'],
      ),
    }),
  ),
  async ({ tool, text }) => {
    const opened = await outcomeOf(() => read(text, tool));
    if (!opened.ok) return false;
    const { rows: count, stored, columns } = opened.value;
    holds(count === stored.length, 'rows are counted that are not there');
    holds(
      stored.every(({ cells }) => cells.length <= columns.length || cells.length === 1),
      'a cell has no column',
    );
    return stored.every(({ trouble }) => trouble === null);
  },
);
