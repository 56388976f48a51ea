/** What is learned where templates mark it: as transformers' assistant masks, written by masks.py. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../domain/conversation';
import { ChatRenderer } from './chat-renderer';
import { ChatTemplate } from './chat-template';
import { loadTokenizer, tokenizersReady } from './tokenizer';

await tokenizersReady();

interface Expected {
  tokenizer: unknown;
  tokens: Record<string, string>;
  cases: Case[];
  script: Case[];
}
interface Case {
  name: string;
  source: string;
  talk: (ChatMessage & { reasoning_content?: string; weight?: number })[];
  ids: number[];
  mask: number[];
}
const { tokenizer, tokens, cases, script } = JSON.parse(
  gunzipSync(readFileSync(new URL('masks.json.gz', import.meta.url))).toString('utf8'),
) as Expected;
const files = new Map([['tokenizer.json', new TextEncoder().encode(JSON.stringify(tokenizer))]]);
const own = loadTokenizer(files, { vocab_size: 500 });

const renderer = (source: string): ChatRenderer =>
  new ChatRenderer({
    tokenizer: own,
    template: new ChatTemplate(source),
    variables: { tokens },
    eosId: own.idOf('</s>'),
    stopIds: new Set(['</s>', '<|im_end|>'].map((token) => own.idOf(token) ?? -1)),
  });
const messages = (talk: Case['talk']): ChatMessage[] =>
  talk.map(({ role, content, reasoning_content: reasoning, weight }) => ({
    role,
    content,
    ...(reasoning === undefined ? {} : { reasoning }),
    ...(weight === 0 ? { learned: false } : {}),
  }));
const named = (all: Case[]) => all.map(({ name, ...rest }) => [name, rest] as const);

describe('assistant masks of transformers', () => {
  it.each(named(cases))('%s', (_name, { source, talk, ids, mask }) => {
    const found = renderer(source).chat(messages(talk), 100_000);
    expect([...found.ids]).toEqual(ids);
    expect([...found.trained]).toEqual(mask);
  });

  it('there are enough of them', () => expect(cases.length).toBeGreaterThan(10));
});

describe('train.py learns the same tokens', () => {
  it.each(named(script))('%s', (_name, { source, talk, ids, mask }) => {
    const found = renderer(source).chat(messages(talk), 100_000);
    expect([...found.ids]).toEqual(ids);
    expect([...found.trained]).toEqual(mask);
  });
});

describe('turns with weight 0', () => {
  const talk: ChatMessage[] = [
    { role: 'user', content: 'Name one.' },
    { role: 'assistant', content: 'BAD BAD.', learned: false },
    { role: 'user', content: 'Try again.' },
    { role: 'assistant', content: 'Good one.' },
  ];
  const PLAIN =
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' + m.content + '<|im_end|>\n' }}{% endfor %}" +
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";
  const MARKING =
    "{% for m in messages %}{{ '<|im_start|>' + m.role + '\n' }}{% if m.role == 'assistant' %}" +
    "{% generation %}{{ m.content + '<|im_end|>\n' }}{% endgeneration %}{% else %}{{ m.content + '<|im_end|>\n' }}" +
    "{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}";

  it.each([
    ['found by the template’s prompt', PLAIN],
    ['marked by the template', MARKING],
  ])('are read and not learned: %s', (_name, source) => {
    const { ids, trained } = renderer(source).chat(talk, 1000);
    const learned = own.decode(
      [...ids].filter((_, i) => trained[i] === 1),
      false,
    );
    expect(learned).toMatch(/^Good one\.<\|im_end\|>\n(<\/s>)?$/);
    expect(own.decode([...ids], false)).toContain('BAD BAD.');
  });

  it('when it is the last turn, nothing behind it is learned either', () => {
    const last = [...talk.slice(0, 3), { role: 'assistant' as const, content: 'Worse.', learned: false }];
    const { trained } = renderer(PLAIN).chat(last, 1000);
    expect([...trained].some((each) => each === 1)).toBe(false);
  });
});

describe('reasoning', () => {
  const talk: ChatMessage[] = [
    { role: 'user', content: 'Why?' },
    { role: 'assistant', content: 'Because.', reasoning: 'Let me think.' },
  ];
  it('is learned where the template writes it, and missed where it does not', () => {
    const writes =
      "{% for m in messages %}{{ m.role + ': ' }}{% if m.reasoning_content %}{{ '<think>' + m.reasoning_content + " +
      "'</think>' }}{% endif %}{{ m.content + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}";
    const found = renderer(writes).chat(talk, 1000);
    const learned = own.decode(
      [...found.ids].filter((_, i) => found.trained[i] === 1),
      false,
    );
    expect(learned).toBe('<think>Let me think.</think>Because.\n</s>');
    expect(found.reasoningLost).toBeUndefined();
    const without =
      "{% for m in messages %}{{ m.role + ': ' + m.content + '\n' }}{% endfor %}{% if add_generation_prompt %}{{ 'assistant: ' }}{% endif %}";
    expect(renderer(without).chat(talk, 1000).reasoningLost).toBe(true);
  });
});
