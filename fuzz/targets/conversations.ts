/**
 * Rows for decoders: any JSON, read as any layout, becomes a conversation whose turns alternate, or a reason why it is
 * none.
 */
import fc from 'fast-check';
import { firstRows } from '../../src/data/columns';
import { cellOf } from '../../src/data/tables/json-values';
import { lessonOf } from '../../src/lessons';
import * as answer from '../../src/lessons/answer/shared';
import type { Layout, RoleColumns } from '../../src/lessons/answer/shared';
import * as prefer from '../../src/lessons/prefer/shared';
import { agree, fuzzTarget, holds } from '../target';
import { hostileJson } from '../hostile';

const words = fc.constantFrom(
  '',
  ' ',
  'Hi',
  'Hello there',
  'how are you today',
  '[',
  '{"role"',
  '\ud800',
  '{{ x }}',
  '__proto__',
);
const role = fc.constantFrom<unknown>('user', 'assistant', 'system', 'human', 'gpt', 'tool', '', null, 7);
const message = fc.oneof(
  fc.record({ role, content: words }),
  fc.record({ from: role, value: words }),
  fc.record({ role, content: fc.array(fc.record({ type: fc.constant('text'), text: words }), { maxLength: 2 }) }),
);
const spoken = (turn: number) => (turn % 2 === 0 ? 'user' : 'assistant');
const dialogue = fc
  .array(words, { minLength: 2, maxLength: 6 })
  .map((texts) => texts.map((content, turn) => ({ role: spoken(turn), content })));
const messages = fc.oneof(dialogue, fc.array(message, { maxLength: 5 }));
const value = fc.oneof(
  words,
  messages,
  message,
  fc.record({ messages }),
  fc.record({ conversations: messages }),
  fc.record({ contents: messages, systemInstruction: words }),
  dialogue.map((turns) =>
    turns.map((turn) => `\n\n${turn.role === 'user' ? 'Human' : 'Assistant'}: ${turn.content}`).join(''),
  ),
  dialogue.map(
    (turns) => `[${turns.map(({ role: who, content }) => `{'role': '${who}', 'content': '${content}'}`).join()}]`,
  ),
  fc.array(fc.tuple(words, words), { maxLength: 3 }),
  hostileJson,
);
const COLUMNS = ['a', 'b', 'c', 'd', 'e'];

const LAYOUTS = { ...answer.LAYOUTS, ...prefer.LAYOUTS };

/** All columns that a layout may have, but the mark of good answers: hardly any row would be left. */
const columnsOf = ({ needs, may }: Layout): RoleColumns =>
  Object.fromEntries([...needs, ...may].filter((name) => name !== 'good').map((name, i) => [name, COLUMNS[i]]));
const info = { columns: COLUMNS };
const split = null;
const readers = [[], ['join', 'first', 'last', 'system'] as const].flatMap((repairs) => {
  const repair = [...repairs];
  return [
    ...(['messages', 'prompt', 'text'] as const).map((layout) => {
      const mapping = { lesson: 'answer', layout, columns: columnsOf(LAYOUTS[layout]), repair, split } as const;
      return { mapping, read: answer.exampleReader(mapping, info) };
    }),
    ...(['pair'] as const).map((layout) => {
      const mapping = { lesson: 'prefer', layout, columns: columnsOf(LAYOUTS[layout]), repair, split } as const;
      return { mapping, read: prefer.exampleReader(mapping, info) };
    }),
  ];
});

export const conversations = fuzzTarget(
  'Conversations',
  fc.record({ row: fc.array(value, { minLength: 5, maxLength: 5 }), reader: fc.constantFrom(...readers) }),
  ({ row, reader: { mapping, read } }) => {
    const cells = row.map(cellOf);
    const outcome = lessonOf(mapping).reading(mapping, { columns: COLUMNS, decimalComma: false }).read(cells);
    const content = read(1, cells);
    holds(outcome.ok === (content !== null), 'the row is used by one and left out by the other');
    if (!outcome.ok || content === null) {
      holds(outcome.ok || outcome.trouble.message.endsWith('.'), 'a trouble is no sentence');
      return false;
    }
    holds(
      typeof outcome.row.repeat.text === 'string' && outcome.row.texts.join('').trim() !== '',
      'there is nothing to learn from',
    );
    if (content.kind === 'text') return true;
    const turns =
      content.kind === 'chat' ? content.messages : [...content.prompt, { role: 'assistant', content: content.chosen }];
    const talk = turns.slice(turns[0]?.role === 'system' ? 1 : 0);
    agree(
      talk.map((turn) => turn.role),
      talk.map((_, turn) => spoken(turn)),
      'user and assistant do not take turns',
    );
    holds(
      talk.at(-1)?.role === 'assistant' && talk.every((turn) => turn.content.trim() !== ''),
      'a turn is empty, or the last is not the assistant’s',
    );
    return true;
  },
);

const names = fc.uniqueArray(
  fc.constantFrom(
    'messages',
    'conversations',
    'prompt',
    'completion',
    'chosen',
    'rejected',
    'instruction',
    'input',
    'output',
    'text',
    'system',
    'split',
    'x',
  ),
  { minLength: 1, maxLength: 5 },
);

export const languageMappings = fuzzTarget(
  'Mapping of conversations',
  fc.record({ columns: names, rows: fc.array(fc.array(value, { minLength: 5, maxLength: 5 }), { maxLength: 4 }) }),
  ({ columns, rows }) => {
    const given = rows.map((row) => row.map(cellOf));
    const first = firstRows({ columns, decimalComma: false }, given);
    const answers = answer.answer.guess(first);
    const pairs = prefer.prefer.guess(first);
    const found = [
      ...(answers ? [answer.mappingSchema.parse(answers.mapping)] : []),
      ...(pairs ? [prefer.mappingSchema.parse(pairs.mapping)] : []),
    ];
    for (const mapping of found) {
      lessonOf(mapping).reading(mapping, first);
      holds(
        LAYOUTS[mapping.layout].needs.every((name) => mapping.columns[name] !== undefined),
        'a column that is needed is missing',
      );
    }
    return found.length > 0;
  },
);
