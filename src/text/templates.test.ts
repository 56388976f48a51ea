/** Chat templates as transformers renders them: expected values are written by templates.py. */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { TabtuneError } from '../base/errors';
import type { ChatMessage } from '../domain/conversation';
import { ChatTemplate, TEMPLATE_LIMITS } from './chat-template';
import { Unsupported } from './jinja';

interface Result {
  text?: string;
  spans?: [number, number][];
  error?: string;
}
interface Expected {
  talks: (Omit<ChatMessage, 'reasoning'> & { reasoning_content?: string })[][];
  tokens: Record<string, string>;
  now: [number, number, number, number, number, number];
  cases: { name: string; source: string; results: Result[] }[];
}

const file = gunzipSync(readFileSync(new URL('templates.json.gz', import.meta.url))).toString('utf8');
const { talks, tokens, now, cases } = JSON.parse(file) as Expected;
const TALKS = talks.map((talk) =>
  talk.map(({ reasoning_content, ...message }) =>
    reasoning_content === undefined ? message : { ...message, reasoning: reasoning_content },
  ),
);

type Verdict = { is: 'equal' | 'refused' } | { is: 'unequal'; at: number; got: unknown };

function verdict(render: ReturnType<typeof renderer>, at: number, { text, spans = [], error }: Result): Verdict {
  try {
    const found = render(TALKS[at >> 1] ?? [], at % 2 === 1);
    const same = found.text === text && JSON.stringify(found.generated) === JSON.stringify(spans);
    return same ? { is: 'equal' } : { is: 'unequal', at, got: found };
  } catch (thrown) {
    if (!(thrown instanceof TabtuneError)) throw thrown;
    if (thrown.cause instanceof Unsupported) return { is: 'refused' };
    return error === undefined ? { is: 'unequal', at, got: thrown.message } : { is: 'equal' };
  }
}

/** Renders with a template; one that cannot be read throws at each rendering. */
function renderer(source: string) {
  let template: ChatTemplate | null = null;
  return (talk: readonly ChatMessage[], prompt: boolean) => {
    template ??= new ChatTemplate(source, { ...TEMPLATE_LIMITS, elapsedMs: Infinity });
    return template.marked(talk, prompt, { tokens, now: () => new Date(...now) });
  };
}

describe('chat templates as transformers renders them', () => {
  const count = { equal: 0, refused: 0, unequal: 0 };

  it.each(cases.map(({ name, ...rest }) => [name, rest] as const))('%s', (_name, { source, results }) => {
    const render = renderer(source);
    const verdicts = results.map((expected, at) => verdict(render, at, expected));
    for (const { is } of verdicts) count[is]++;
    expect(verdicts.filter(({ is }) => is === 'unequal')).toEqual([]);
  });

  it('few are refused', () => {
    expect(count).toEqual({ equal: 20230, refused: 280, unequal: 0 });
  });
});

interface Cases {
  messages: ChatMessage[];
  date: string;
  templates: Record<string, { template: string; False: string | { error: string }; True: string | { error: string } }>;
}

describe('templates from the field', () => {
  const { messages, date, templates } = JSON.parse(
    readFileSync(new URL('cases/templates.json', import.meta.url), 'utf8'),
  ) as Cases;
  it.each(Object.entries(templates))('%s', (_name, { template, False, True }) => {
    for (const [prompt, expected] of [
      [false, False],
      [true, True],
    ] as const) {
      const render = () =>
        new ChatTemplate(template).render(messages, prompt, { tokens: {}, now: () => new Date(date) });
      if (typeof expected === 'string') expect(render()).toBe(expected);
      else expect(render).toThrow(TabtuneError);
    }
  });

  it('lines that end as on Windows are read as others', () => {
    const source =
      "{%- for m in messages %}\n    {%- if m['role'] == 'user' %}\n<|im_start|>user\n{{ m['content'] }}<|im_end|>\n" +
      '    {%- else %}\nA {{ m.content }}\n    {%- endif %}\n{%- endfor %}\n';
    const render = (text: string): string => new ChatTemplate(text).render(messages, false, { tokens: {} });
    expect(render(source.replaceAll('\n', '\r\n'))).toBe(render(source));
  });

  it('tools and documents are None, as transformers passes them', () => {
    const source =
      '{% if documents is not none %}D{% endif %}{% if tools is not none and tools|length > 0 %}T{% endif %}ok';
    expect(new ChatTemplate(source).render(messages, false, { tokens: {} })).toBe('ok');
  });
});
