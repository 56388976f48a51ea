/** What is left out of a chat that outgrows the context. */
import { must } from '../base/assert';
import { expect, it } from 'vitest';
import type { ChatMessage } from '../domain/conversation';
import { chatFormat } from './chat-format';
import { ChatRenderer } from './chat-renderer';
import { fitHistory } from './fit-history';
import { tinyTokenizer } from '../testing/text';

const renderer = new ChatRenderer(
  chatFormat(
    { tokenizer: tinyTokenizer(), settings: {}, config: {}, generationConfig: null, template: null },
    'chatml',
  ),
);
const TALK: ChatMessage[] = [
  { role: 'system', content: 'Kind.' },
  { role: 'user', content: 'One' },
  { role: 'assistant', content: 'Two' },
  { role: 'user', content: 'Three' },
  { role: 'assistant', content: 'Four' },
  { role: 'user', content: 'Five' },
];
const all = renderer.prompt(TALK).length;
const alone = renderer.prompt([must(TALK[0]), must(TALK[5])]).length;

it('a chat that fits stays whole', () => {
  expect(fitHistory(renderer, TALK, all + 10, 10)).toEqual({ ids: renderer.prompt(TALK), dropped: 0 });
});

it('the oldest question and answer go together, the system turn stays', () => {
  expect(fitHistory(renderer, TALK, all + 9, 10)).toEqual({
    ids: renderer.prompt([must(TALK[0]), ...TALK.slice(3)]),
    dropped: 2,
  });
  expect(fitHistory(renderer, TALK, alone + 10, 10)).toEqual({
    ids: renderer.prompt([must(TALK[0]), must(TALK[5])]),
    dropped: 4,
  });
});

it('a question that does not fit by itself is refused', () => {
  expect(() => fitHistory(renderer, TALK, alone + 9, 10)).toThrow(expect.objectContaining({ code: 'bad-config' }));
});
