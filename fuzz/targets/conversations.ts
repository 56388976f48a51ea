/**
 * Rows for decoders: any JSON, read as any layout, becomes a conversation whose turns alternate, or a reason why it is
 * none.
 */
import fc from 'fast-check';
import { guessLanguageMapping } from '../../src/data/guess-language';
import { cellOf } from '../../src/data/tables/json';
import { checkMapping } from '../../src/data/mapping';
import { keyOf, languageReader, textOf } from '../../src/data/read-language';
import { LANGUAGE_LAYOUTS } from '../../src/domain/dataset';
import type { LanguageLayout, LanguageMapping } from '../../src/domain/dataset';
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
  hostileJson,
);
const layouts = Object.keys(LANGUAGE_LAYOUTS) as LanguageLayout[];
const COLUMNS = ['a', 'b', 'c', 'd'];

export const conversations = fuzzTarget(
  'Conversations',
  fc.record({ row: fc.array(value, { minLength: 4, maxLength: 4 }), layout: fc.constantFrom(...layouts) }),
  ({ row, layout }) => {
    const { task, needs, may } = LANGUAGE_LAYOUTS[layout];
    const mapping: LanguageMapping = {
      task,
      layout,
      columns: Object.fromEntries([...needs, ...may].map((name, i) => [name, COLUMNS[i]])),
      split: null,
    };
    const outcome = languageReader(mapping, COLUMNS)(row.map(cellOf));
    if (!outcome.ok) {
      holds(outcome.trouble.message.endsWith('.'), 'a trouble is no sentence');
      return false;
    }
    const { content } = outcome;
    holds(typeof keyOf(content).text === 'string' && textOf(content).trim() !== '', 'there is nothing to learn from');
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
    const mapping = guessLanguageMapping(
      columns,
      rows.map((row) => row.map(cellOf)),
    );
    if (!mapping) return false;
    checkMapping(mapping, columns);
    holds(
      LANGUAGE_LAYOUTS[mapping.layout].needs.every((name) => mapping.columns[name] !== undefined),
      'a column that is needed is missing',
    );
    return true;
  },
);
