/** Chat templates: what they render, and that loops, bombs and errors end in a typed error within the budget. */
import { must } from '../base/assert';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { ChatMessage } from '../domain/conversation';
import { ChatTemplate, TEMPLATE_LIMITS, templateSource } from './chat-template';
import { STANDARD_TEMPLATES, suggestTemplate } from './standard-templates';
import type { StandardTemplateId } from '../domain/language-config';

const VARIABLES = { tokens: { bos_token: '<s>', eos_token: '</s>' } };
const HI: ChatMessage[] = [{ role: 'user', content: 'Hi' }];
const TALK: ChatMessage[] = [
  { role: 'system', content: 'Be kind.' },
  { role: 'user', content: 'Hi' },
  { role: 'assistant', content: 'Hello' },
  { role: 'user', content: 'Bye' },
  { role: 'assistant', content: 'See you' },
];
const render = (source: string, messages: readonly ChatMessage[] = HI, forAnswer = false): string =>
  new ChatTemplate(source).render(messages, forAnswer, VARIABLES);

describe('templates that loop, swell or fail', () => {
  const looping = '{% for a in range(50000) %}{% for b in range(50000) %}{{ b }}{% endfor %}{% endfor %}';
  it.each<[string, string, RegExp]>([
    ['nested loops', looping, /does not come to an end/],
    [
      'empty nested loops',
      '{% for a in range(50000) %}{% for b in range(50000) %}{% endfor %}{% endfor %}',
      /does not come to an end/,
    ],
    ['a macro that calls itself', '{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}', /nested too deeply|fails/],
    [
      'a macro that branches',
      '{% macro f(x) %}{% if x %}{{ f(x - 1) }}{{ f(x - 1) }}{% endif %}{% endmacro %}{{ f(60) }}',
      /does not come to an end/,
    ],
    ['an endless range', '{% for a in range(10 ** 12) %}{% endfor %}', /counts to more than/],
    [
      'a text that doubles',
      `{% set ns = namespace(s='abcdefgh') %}{% for a in range(60) %}{% set ns.s = ns.s + ns.s %}{% endfor %}`,
      /text of more than/,
    ],
    [
      'a list that doubles',
      '{% set ns = namespace(l=[1, 2]) %}{% for a in range(60) %}{% set ns.l = ns.l + ns.l %}{% endfor %}',
      /list of more than/,
    ],
    [
      'a list in lists in lists',
      '{% set ns = namespace(l=[1]) %}{% for a in range(60) %}{% set ns.l = [ns.l, ns.l] %}{% endfor %}{{ ' +
        'ns.l | tojson }}',
      /does not come to an end/,
    ],
    ['an unknown function', '{{ nothing() }}', /fails/],
    ['a tag that does not exist', '{% frobnicate %}', /cannot be read/],
    ['a loop that is never closed', '{% for a in messages %}', /cannot be read/],
    ['a text that is never closed', `{{ 'abc`, /cannot be read/],
    ['brackets without end', `{{ ${'('.repeat(20_000)} }}`, /cannot be read/],
    ['brackets in brackets', `{{ ${'('.repeat(20_000)}1${')'.repeat(20_000)} }}`, /nested too deeply/],
    ['a template of 100,000 characters', '{{ 1 }}'.repeat(15_000), /too long/],
    ['white space without end', `{{ 1 }}${' '.repeat(60_000)}{% generation %}`, /cannot be read/],
  ])('%s', (_name, source, message) => {
    expect(() => render(source)).toThrow(
      expect.objectContaining({
        name: 'TabtuneError',
        code: 'bad-tokenizer',
        message: expect.stringMatching(message) as unknown,
        fix: expect.any(String) as unknown,
      }),
    );
  });

  it('time is up when the clock says so, whatever the steps', () => {
    let now = 0;
    const template = new ChatTemplate(looping, TEMPLATE_LIMITS, () => (now += 0.1));
    expect(() => template.render(HI, false, VARIABLES)).toThrow(/longer than 1 s/);
    expect(now).toBeLessThan(1001);
  });

  it('steps are counted', () => {
    expect(() =>
      new ChatTemplate(looping, { ...TEMPLATE_LIMITS, steps: 500, elapsedMs: Infinity }).render(HI, false, VARIABLES),
    ).toThrow(/more than 500 steps/);
  });

  it('a refusal of the template’s own is the row’s fault', () => {
    expect(() => render(`{{ raise_exception('Roles must alternate') }}`)).toThrow(
      expect.objectContaining({
        code: 'bad-data',
        message: 'The chat template refuses this conversation: Roles must alternate',
      }),
    );
  });

  it('messages are data, not templates', () => {
    expect(render('{{ messages[0].content }}', [{ role: 'user', content: '{{ 1 + 1 }}{% raw %}' }])).toBe(
      '{{ 1 + 1 }}{% raw %}',
    );
  });
});

describe('what templates use', () => {
  it('variables, the date and Python’s words', () => {
    const now = (): Date => new Date(2026, 1, 3, 4, 5, 6);
    const source =
      `{{ bos_token }}{{ strftime_now('%d %b %Y %A %B %H:%M:%S %y %%') }}{{ True and not False }}{{ ` +
      `none is none }}{{ range(1, 8, 3) | join(',') }}{{ range(3) | list | length }}`;
    expect(new ChatTemplate(source).render(HI, false, { ...VARIABLES, now })).toBe(
      '<s>03 Feb 2026 Tuesday February 04:05:06 26 %TrueTrue1,4,73',
    );
  });

  it('undefined variables are false, as in transformers', () => {
    expect(render(`{% if tools %}tools{% else %}none{% endif %}{{ add_generation_prompt }}`, HI, true)).toBe(
      'noneTrue',
    );
  });

  it('the source is found where transformers keeps it', () => {
    const several = {
      chat_template: [
        { name: 'tool_use', template: 'b' },
        { name: 'default', template: 'a' },
      ],
    };
    expect([
      templateSource(null, { chat_template: 'a' }),
      templateSource(null, several),
      templateSource('j', several),
      templateSource(null, {}),
      templateSource(null, { chat_template: [1, null] }),
    ]).toEqual(['a', 'a', 'j', null, null]);
  });
});

describe('standard templates', () => {
  it.each<[StandardTemplateId, string, string]>([
    [
      'chatml',
      '<|im_start|>system\nBe ' +
        'kind.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n<|im_start|>user\nBye<|im_end|>\n<|im_start|>assistant\nSee ' +
        'you<|im_end|>\n',
      '<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n',
    ],
    [
      'llama-3',
      '<s><|start_header_id|>system<|end_header_id|>\n\nBe ' +
        'kind.<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nHello<|eot_id|><|start_header_id|>user<|end_header_id|>\n\nBye<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\nSee ' +
        'you<|eot_id|>',
      '<s><|start_header_id|>user<|end_header_id|>\n\nHi<|eot_id|><|start_header_id|>assistant<|end_header_id|>\n\n',
    ],
    [
      'llama-2',
      '<s>[INST] <<SYS>>\nBe kind.\n<</SYS>>\n\nHi [/INST] Hello </s><s>[INST] Bye [/INST] See you </s>',
      '<s>[INST] Hi [/INST]',
    ],
    [
      'alpaca',
      '<s>Be kind.\n\n### Instruction:\nHi\n\n### Response:\nHello</s>\n\n### Instruction:\nBye\n\n### ' +
        'Response:\nSee you</s>',
      '<s>### Instruction:\nHi\n\n### Response:\n',
    ],
    ['plain', '<s>Be kind.\nHi\nHello</s>Bye\nSee you</s>', '<s>Hi\n'],
  ])('%s', (id, talk, prompt) => {
    const { source } = must(STANDARD_TEMPLATES.find((template) => template.id === id));
    expect([render(source, TALK), render(source, HI, true)]).toEqual([talk, prompt]);
  });

  it('the one that fits is suggested by the tokens that are known', () => {
    const knows =
      (...tokens: string[]) =>
      (token: string) =>
        tokens.includes(token) ? 1 : null;
    expect([
      suggestTemplate(knows('<|im_start|>', '<|im_end|>')),
      suggestTemplate(knows('<|start_header_id|>', '<|eot_id|>')),
      suggestTemplate(knows('<s>')),
    ]).toEqual(['chatml', 'llama-3', 'alpaca']);
  });
});

const SMOL = 'public/models/SmolLM2-135M-Instruct/SmolLM2-135M-Instruct.Q4_1.gguf';
const GOLDEN = 'e2e/fixtures/golden/SmolLM2-135M-Instruct.json';

/** The template in the GGUF's metadata: after the key, the type (8, a string), its length and its bytes. */
function ggufTemplate(): string {
  const file = openSync(SMOL, 'r');
  const head = Buffer.alloc(8 << 20);
  readSync(file, head, 0, head.length, 0);
  closeSync(file);
  const at = head.indexOf('tokenizer.chat_template') + 'tokenizer.chat_template'.length;
  expect(head.readUInt32LE(at)).toBe(8);
  const length = Number(head.readBigUInt64LE(at + 4));
  return head.subarray(at + 12, at + 12 + length).toString('utf8');
}

it('the template of SmolLM2 renders its golden prompts', () => {
  const { cases } = JSON.parse(readFileSync(GOLDEN, 'utf8')) as { cases: { prompt: string }[] };
  const template = ggufTemplate();
  const prompts = cases.map((entry) => entry.prompt).filter((prompt) => prompt.startsWith('<|im_start|>'));
  expect(prompts).toHaveLength(2);
  for (const prompt of prompts) {
    const turns = [...prompt.matchAll(/<\|im_start\|>(\w+)\n(.*?)<\|im_end\|>/gs)].map(([, role, content]) => ({
      role: role as ChatMessage['role'],
      content: must(content),
    }));
    // Its own system prompt comes by itself.
    const own = turns.filter((turn) => !turn.content.startsWith('You are a helpful AI assistant named SmolLM'));
    expect(new ChatTemplate(template).render(own, true, VARIABLES)).toBe(prompt);
  }
});
