/** Chat templates: any program ends within its limits, as text or as a typed refusal, whatever it is made of. */
import fc from 'fast-check';
import { ChatTemplate, templateSource } from '../../src/text/chat-template';
import type { TemplateLimits } from '../../src/text/chat-template';
import { STANDARD_TEMPLATES } from '../../src/text/standard-templates';
import { agree, fuzzTarget, holds, outcomeOf } from '../target';
import { spoiltText } from '../hostile';

/** Small, so that a program without an end reaches them soon. No time limit: steps and sizes alone have to do. */
const LIMITS: TemplateLimits = { steps: 3000, characters: 4000, values: 500, elapsedMs: Infinity };

const name = fc.constantFrom(
  'messages',
  'message',
  'x',
  'y',
  'loop',
  'bos_token',
  'eos_token',
  'add_generation_prompt',
  'none',
  'true',
  'namespace()',
  'range(9)',
  'range(10 ** 9)',
  '__proto__',
  'constructor',
);
const literal = fc.constantFrom(
  "'a'",
  "''",
  "'<|im_start|>'",
  '0',
  '1',
  '-1',
  '3',
  '99999999',
  '1.5',
  '[]',
  "['a', 'b']",
  '{}',
  "{'a': 1}",
  '[1, 2, 3]',
  'messages[0]',
  "message['role']",
  'message.content',
);
const filter = fc.constantFrom(
  'trim',
  'length',
  'upper',
  'tojson',
  'tojson(indent=4)',
  'tojson(indent=99999999)',
  'join',
  "join(',')",
  'list',
  'sort',
  'reverse',
  'first',
  'last',
  'int',
  'string',
  'items',
  "replace('a', 'aaaaaaaa')",
  "replace('', x)",
  'indent',
  'indent(9999999)',
  "selectattr('role')",
  "map(attribute='role')",
  "map('upper')",
  'default(x)',
  'unique',
  'safe',
  'capitalize',
  'center(999999999)',
  'abs',
);
const method = fc.constantFrom(
  '.strip()',
  '.split()',
  ".split('')",
  '.upper()',
  '.items()',
  '.keys()',
  ".replace('a', 'bbbb')",
  ".replace('', 'x')",
  ".startswith('a')",
  "['role']",
  '[0]',
  '[::-1]',
  '[1:]',
  '[:-1]',
  '.title()',
  '.append(x)',
  '.constructor',
  '.__proto__',
  ".get('a')",
  ".join(['a'])",
  '.format(x)',
  '.lstrip()',
);
const operator = fc.constantFrom(
  '+',
  '~',
  '*',
  '-',
  '/',
  '%',
  '==',
  '!=',
  '<',
  'and',
  'or',
  'in',
  'not in',
  '**',
  '//',
);
const { expression } = fc.letrec<{ expression: string }>((tie) => ({
  expression: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.oneof(name, literal),
    fc.tuple(tie('expression'), filter).map(([inner, one]) => `${inner} | ${one}`),
    fc.tuple(tie('expression'), method).map(([inner, one]) => `(${inner})${one}`),
    fc.tuple(tie('expression'), operator, tie('expression')).map((parts) => `(${parts.join(' ')})`),
    fc
      .tuple(tie('expression'), tie('expression'), tie('expression'))
      .map(([yes, test, no]) => `(${yes} if ${test} else ${no})`),
    tie('expression').map((inner) => `(not ${inner})`),
    fc
      .tuple(tie('expression'), fc.constantFrom('defined', 'none', 'string', 'mapping', 'iterable', 'number', 'odd'))
      .map(([inner, test]) => `(${inner} is ${test})`),
  ),
}));
const { body } = fc.letrec<{ body: string }>((tie) => ({
  body: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    fc.constantFrom('text', ' ', '\n', '<|im_end|>'),
    expression.map((inner) => `{{ ${inner} }}`),
    fc
      .tuple(fc.constantFrom('x', 'y', 'messages', 'ns.x'), expression)
      .map(([target, value]) => `{% set ${target} = ${value} %}`),
    fc
      .tuple(fc.constantFrom('message', 'x', 'i'), expression, tie('body'))
      .map(([variable, list, inner]) => `{% for ${variable} in ${list} %}${inner}{% endfor %}`),
    fc
      .tuple(expression, tie('body'), tie('body'))
      .map(([test, yes, no]) => `{% if ${test} %}${yes}{% else %}${no}{% endif %}`),
    fc.tuple(tie('body'), tie('body')).map((parts) => parts.join('')),
    // What grows: a value that is put together with itself, again and again.
    fc
      .tuple(
        fc.constantFrom(
          'x ~ x',
          'x + x',
          '[x, x]',
          '(x | tojson)',
          "{'a': x, 'b': x}",
          'x | list + x | list',
          "x | replace('a', x)",
          "(x | string).replace('a', x | string)",
          'x | join(x)',
        ),
        tie('body'),
      )
      .map(
        ([value, inner]) =>
          `{% set x = 'aaaa' %}{% for i in range(60) %}{% set x = ${value} %}${inner}{% endfor %}{{ x }}`,
      ),
    tie('body').map((inner) => `{% macro x(y) %}${inner}{{ x(y) }}{% endmacro %}{{ x('a') }}`),
    expression.map((inner) => `{{ raise_exception(${inner}) }}`),
    expression.map((inner) => `{{ strftime_now(${inner}) }}`),
  ),
}));
const template = fc.oneof(
  { weight: 4, arbitrary: body },
  {
    weight: 1,
    arbitrary: spoiltText(fc.constantFrom(...STANDARD_TEMPLATES.map(({ source }) => source)), [
      '{{',
      '}}',
      '{%',
      '%}',
      '{#',
      '|',
      '(',
      "'",
      'messages',
      '-',
      '~ x',
      ' '.repeat(999),
      '\u0000',
    ]),
  },
  {
    weight: 1,
    arbitrary: fc.string({
      unit: fc.constantFrom('{', '}', '%', '#', '-', ' ', "'", '"', 'a', '(', ')', '[', ']', '|', '\n'),
      maxLength: 30,
    }),
  },
);
const role = fc.constantFrom('system' as const, 'user' as const, 'assistant' as const);
const messages = fc.array(
  fc.record({
    role,
    content: fc.oneof(fc.constantFrom('Hi', '', '{{ x }}', '<|im_end|>', '{% for %}'), fc.string({ maxLength: 8 })),
  }),
  { maxLength: 3 },
);

export const chatTemplates = fuzzTarget(
  'Chat templates',
  fc.record({ template, messages, asked: fc.boolean() }),
  async ({ template: source, messages: turns, asked }) => {
    const before = JSON.stringify(turns);
    const now = () => new Date(0);
    const render = () =>
      new ChatTemplate(source, LIMITS).render(turns, asked, { tokens: { bos_token: '<s>', eos_token: '</s>' }, now });
    const first = await outcomeOf(render);
    agree(turns, JSON.parse(before), 'the template changed the conversation');
    holds(
      ({} as Record<string, unknown>)['a'] === undefined && ![].includes('a' as never),
      'the template reached the prototypes',
    );
    if (!first.ok) return false;
    holds(first.value.length <= LIMITS.characters, `${first.value.length} characters`);
    agree(await outcomeOf(render), first, 'the same template gives another text');
    return true;
  },
);

const templates = fc.oneof<fc.Arbitrary<unknown>[]>(
  fc.string(),
  fc.array(
    fc.record({
      name: fc.constantFrom<unknown>('default', 'tool_use', null, 1),
      template: fc.oneof<fc.Arbitrary<unknown>[]>(fc.string(), fc.jsonValue()),
    }),
  ),
  fc.array(fc.jsonValue()),
  fc.jsonValue(),
);

export const templateSources = fuzzTarget(
  'Templates in tokenizer_config.json',
  fc.record({ chat_template: templates }),
  (config) => {
    const source = templateSource(null, config);
    holds(source === null || typeof source === 'string', 'a template is no text');
    return source !== null;
  },
);
