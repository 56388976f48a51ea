/** Conversations as token ids: which tokens are trained on, what is cut, and when there is nothing to train on. */
import { must } from '../base/assert';
import { existsSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TabtuneError } from '../base/errors';
import type { ChatMessage } from '../domain/conversation';
import { ChatRenderer, countTrained } from './chat-renderer';
import type { MarkedTokens } from './chat-renderer';
import { ChatTemplate } from './chat-template';
import { LanguageRows, countsInWords, refuseWhenEmpty } from './language-rows';
import { STANDARD_TEMPLATES } from './standard-templates';
import type { StandardTemplateId } from '../domain/language-config';
import { tinyTokenizer } from '../testing/text';
import { loadTokenizer } from './tokenizer';
import type { TextTokenizer } from './tokenizer';

const tokenizer = tinyTokenizer();
const EOS = 202;
const user = (content: string): ChatMessage => ({ role: 'user', content });
const assistant = (content: string): ChatMessage => ({ role: 'assistant', content });

function renderer(
  template: StandardTemplateId | { source: string },
  of: TextTokenizer = tokenizer,
  eosId: number | null = EOS,
): ChatRenderer {
  const source =
    typeof template === 'string'
      ? must(STANDARD_TEMPLATES.find((known) => known.id === template)).source
      : template.source;
  const endIds = [of.idOf('<|im_end|>'), eosId].filter((id) => id !== null);
  return new ChatRenderer({
    tokenizer: of,
    template: new ChatTemplate(source),
    variables: { tokens: { bos_token: '<s>', eos_token: '</s>' } },
    eosId,
    stopIds: new Set(endIds),
  });
}

/** The tokens as text, the trained ones in brackets. */
function marked({ ids, trained }: MarkedTokens, of: TextTokenizer = tokenizer): string {
  let text = '';
  for (const [i, id] of ids.entries()) {
    if (trained[i] && !trained[i - 1]) text += '[';
    text += of.spell(id).replace(/Ġ/g, ' ').replace(/Ċ/g, '⏎');
    if (trained[i] && !trained[i + 1]) text += ']';
  }
  return text;
}

describe('what is trained on', () => {
  it('the answer and the token that ends it, not the question', () => {
    expect(marked(renderer('chatml').chat([user('Hi'), assistant('Hello')], 99))).toBe(
      '<|im_start|>user⏎Hi<|im_end|>⏎<|im_start|>assistant⏎[Hello<|im_end|>⏎]',
    );
  });

  it('every turn of the assistant, or its last one only', () => {
    const talk = [
      { role: 'system' as const, content: 'Kind.' },
      user('Hi'),
      assistant('Hello'),
      user('Bye'),
      assistant('Hello'),
    ];
    const before = '<|im_start|>system⏎Kind.<|im_end|>⏎<|im_start|>user⏎Hi<|im_end|>⏎<|im_start|>assistant⏎';
    const between = '<|im_start|>user⏎Bye<|im_end|>⏎<|im_start|>assistant⏎[Hello<|im_end|>⏎]';
    expect(marked(renderer('chatml').chat(talk, 999))).toBe(`${before}[Hello<|im_end|>⏎]${between}`);
    expect(marked(renderer('chatml').chat(talk, 999, true))).toBe(`${before}Hello<|im_end|>⏎${between}`);
  });

  it('the end token is added where the template writes none, so that it is learned', () => {
    const source =
      `{% for m in messages %}{{ m.role + ': ' + m.content + '\\n' }}{% endfor %}{% if ` +
      'add_generation_prompt %}assistant: {% endif %}';
    expect(marked(renderer({ source }).chat([user('Hi'), assistant('Hello')], 99))).toBe(
      'user: Hi⏎assistant: [Hello⏎</s>]',
    );
    expect(marked(renderer({ source }, tokenizer, null).chat([user('Hi'), assistant('Hello')], 99))).toBe(
      'user: Hi⏎assistant: [Hello⏎]',
    );
    expect(marked(renderer('plain').chat([user('Hi'), assistant('Hello')], 99))).toBe('<s>Hi⏎[Hello</s>]');
  });

  it('a token that reaches across the border belongs to the answer', () => {
    const source =
      `{% for m in messages %}{% if m.role == 'user' %}{{ m.content + ' H' }}{% else %}{{ m.content ` +
      '}}{% endif %}{% endfor %}';
    expect(marked(renderer({ source }).chat([user('Hi'), assistant('ello')], 99))).toBe('Hi [Hello</s>]');
  });

  it('a template that writes earlier turns differently still marks the right ones', () => {
    // Earlier answers lose what is before the bar, as reasoning is left out of earlier turns.
    const source =
      `{% for m in messages %}{% if m.role == 'assistant' %}{{ '<|im_start|>assistant\\n' }}{% if ` +
      `loop.last %}{{ '(why)' }}{% endif %}{{ m.content + '<|im_end|>' }}{% else %}{{ ` +
      `'<|im_start|>user\\n' + m.content + '<|im_end|>' }}{% endif %}{% endfor %}{% if ` +
      `add_generation_prompt %}{{ '<|im_start|>assistant\\n(why)' }}{% endif %}`;
    expect(
      marked(renderer({ source }).chat([user('Hi'), assistant('Hello'), user('Bye'), assistant('So long')], 99)),
    ).toBe(
      '<|im_start|>user⏎Hi<|im_end|><|im_start|>assistant⏎[Hello<|im_end|>]<|im_start|>user⏎Bye<|im_end|><|im_start|>assistant⏎(why)[So ' +
        'long<|im_end|>]',
    );
  });

  it('a template that leaves the reasoning of earlier turns out marks what it writes of them', () => {
    const source =
      `{% for m in messages %}{{ '<|im_start|>' + m.role + '\\n' }}{% if m.role == 'assistant' and not ` +
      `loop.last %}{{ m.content.split('#')[-1] }}{% else %}{{ m.content }}{% endif %}{{ '<|im_end|>' ` +
      `}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}`;
    expect(
      marked(renderer({ source }).chat([user('Hi'), assistant('Hm#Hello'), user('Bye'), assistant('Hm#So long')], 99)),
    ).toBe(
      '<|im_start|>user⏎Hi<|im_end|><|im_start|>assistant⏎[Hello<|im_end|>]<|im_start|>user⏎Bye<|im_end|><|im_start|>assistant⏎[Hm#So ' +
        'long<|im_end|>]',
    );
  });

  it('a question that holds the words of its answer is not taken for it', () => {
    const source =
      `{% for m in messages %}{{ m.role[0] + ':' + m.content + '</s>' }}{% if not loop.last %}{{ '.' ` +
      `}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ 'a:' }}{% endif %}`;
    expect(
      marked(renderer({ source }).chat([user('Say Hi'), assistant('Hi'), user('Say Yo'), assistant('Yo')], 99)),
    ).toBe('u:Say Hi</s>.a:[Hi</s>].u:Say Yo</s>.a:[Yo</s>]');
  });

  it('plain text is trained on as a whole, in pieces that fit, with the end token at the end', () => {
    const pieces = renderer('plain').plainText('Hello, Hello', 4);
    expect(pieces.map((piece) => marked(piece))).toEqual(['[Hello, ]', '[Hello</s>]']);
    expect(pieces.map(countTrained)).toEqual([3, 2]);
  });

  it('both sides of a preference share the prompt', () => {
    const row = renderer('chatml').row(
      { kind: 'preference', prompt: [user('Hi'), assistant('Hell'), user('Hi')], chosen: 'Yes', rejected: 'No' },
      99,
    );
    const head =
      '<|im_start|>user⏎Hi<|im_end|>⏎<|im_start|>assistant⏎Hell<|im_end|>⏎<|im_start|>user⏎Hi<|im_end|>⏎<|im_start|>assistant⏎';
    expect(row.kind === 'preference' && [marked(row.chosen), marked(row.rejected)]).toEqual([
      `${head}[Yes<|im_end|>⏎]`,
      `${head}[No<|im_end|>⏎]`,
    ]);
  });

  it('the prompt for generation is what training saw before the answer', () => {
    for (const template of ['chatml', 'alpaca', 'llama-2', 'plain'] as const) {
      const { ids, trained } = renderer(template).chat([user('Hi'), assistant('Hello')], 99);
      expect(renderer(template).prompt([user('Hi')])).toEqual([...ids.slice(0, trained.indexOf(1))]);
    }
  });

  it('a template that leaves out the answer is no use', () => {
    expect(() => renderer({ source: '{{ messages[0].content }}' }).chat([user('Hi'), assistant('Hello')], 99)).toThrow(
      expect.objectContaining({ code: 'bad-data' }),
    );
  });
});

it(
  'whatever is said: what is trained on is the answers, each with its end, and what comes before the ' +
    'last is the prompt',
  () => {
    const said = fc
      .constantFrom('Hi', 'Hello', 'a b', 'No.', 'He', 'llo', '### Response:', '<|im_end|>', 'x\ny')
      .filter((text) => text.trim() !== '');
    const talk = fc.array(fc.tuple(said, said), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(
        talk,
        fc.constantFrom<StandardTemplateId>('chatml', 'alpaca', 'llama-2', 'llama-3', 'plain'),
        (turns, template) => {
          const messages = turns.flatMap(([question, answer]) => [user(question), assistant(answer)]);
          const of = renderer(template);
          const { ids, trained } = of.chat(messages, 9999);
          const spans: number[][] = [];
          for (const [i, id] of ids.entries())
            if (trained[i]) (trained[i - 1] ? must(spans.at(-1)) : must(spans[spans.push([]) - 1])).push(id);
          expect(spans).toHaveLength(turns.length);
          for (const [i, [, answer]] of turns.entries())
            expect(tokenizer.decode(must(spans[i]), false)).toContain(answer);
          const start = trained.lastIndexOf(0) + 1;
          expect([...ids.slice(0, start)]).toEqual(of.prompt(messages.slice(0, -1)));
          expect([...ids.slice(start)].some((id) => of.format.stopIds.has(id))).toBe(true);
        },
      ),
    );
  },
);

describe('rows of a split', () => {
  const rows = (template: StandardTemplateId | { source: string }, maxLength: number) =>
    new LanguageRows(renderer(template), maxLength);
  const chat = (row: number, question: string, answer: string) => ({
    row,
    kind: 'chat' as const,
    messages: [user(question), assistant(answer)],
  });

  it('are counted, cut at the limit, and left out when nothing of the answer is left', () => {
    const taken = rows('chatml', 26);
    const kept = [
      chat(1, 'Hi', 'Hello'),
      chat(2, 'Hi', 'Hello and hello again'),
      chat(3, 'A question that is far too long', 'Hello'),
    ].flatMap((row) => taken.take(row));
    expect(kept.map((row) => row.kind === 'sequence' && [row.row, row.tokens.ids.length])).toEqual([
      [1, 25],
      [2, 26],
    ]);
    expect(taken.counts).toMatchObject({
      rows: 3,
      kept: 2,
      sequences: 2,
      tokens: 51,
      longest: 26,
      truncated: 2,
      leftOut: { 'answer-cut-off': 1, refused: 0 },
    });
    expect(taken.counts.examples).toEqual([
      { row: 3, message: 'The question alone takes 26 tokens or more: nothing of the answer is left.' },
    ]);
    expect(taken.counts.trainedTokens).toBe(4 + 5);
    expect(() => refuseWhenEmpty(taken.counts)).not.toThrow();
  });

  it('what was cut and left out is said in sentences', () => {
    const taken = rows('chatml', 26);
    for (const row of [
      chat(1, 'Hi', 'Hello'),
      chat(2, 'Hi', 'Hello and hello again'),
      chat(3, 'Hi', 'Hello and hello once more'),
      chat(4, 'A question that is far too long', 'Hello'),
    ])
      taken.take(row);
    expect(countsInWords(taken.counts, 26)).toEqual([
      '1 row is left out: nothing of the answer is left within 26 tokens.',
      '2 rows are longer than 26 tokens and cut there.',
    ]);
    expect(countsInWords(rows('chatml', 26).counts, 26)).toEqual([]);
    const pairs = rows('plain', 6);
    pairs.take({ row: 1, kind: 'preference', prompt: [user('Hi')], chosen: 'Hello a', rejected: 'Hello b' });
    expect(countsInWords(pairs.counts, 6)).toEqual([
      '1 row is left out: the two answers are the same within 6 tokens.',
    ]);
    const choosy = rows({ source: `{{ raise_exception('no') }}` }, 26);
    for (const row of [chat(1, 'Hi', 'Hello'), chat(2, 'Hi', 'Hello')]) choosy.take(row);
    expect(countsInWords(choosy.counts, 26)).toEqual(['2 rows are left out: the chat template refuses them.']);
  });

  it('nothing to train on is refused with the reason', () => {
    const taken = rows('chatml', 8);
    expect([chat(7, 'Hi there', 'Hello')].flatMap((row) => taken.take(row))).toEqual([]);
    expect(() => refuseWhenEmpty(taken.counts)).toThrow(
      expect.objectContaining({
        code: 'bad-data',
        place: { row: 7 },
        message: expect.stringMatching(/Nothing would be trained on. Row 7: The question alone/) as unknown,
      }),
    );
    expect(() => refuseWhenEmpty(rows('chatml', 8).counts)).toThrow(/no rows for training/);
  });

  it('a conversation that the template refuses costs one row, a template that fails ends it all', () => {
    const taken = rows(
      {
        source:
          `{% if messages[0].content == 'Hi' %}{{ raise_exception('Not Hi') }}{% endif %}{% for m in messages ` +
          '%}{{ m.content }}{% endfor %}',
      },
      99,
    );
    expect([chat(1, 'Hi', 'Hello'), chat(2, 'Ho', 'Hello')].flatMap((row) => taken.take(row))).toHaveLength(1);
    expect(taken.counts).toMatchObject({
      leftOut: { refused: 1 },
      examples: [{ row: 1, message: 'The chat template refuses this conversation: Not Hi' }],
    });
    expect(() => rows({ source: '{{ nothing() }}' }, 99).take(chat(1, 'Hi', 'Hello'))).toThrow(TabtuneError);
  });

  it('answers that differ only beyond the limit are no preference', () => {
    const taken = rows('plain', 6);
    expect(
      taken.take({ row: 1, kind: 'preference', prompt: [user('Hi')], chosen: 'Hello a', rejected: 'Hello b' }),
    ).toEqual([]);
    expect(taken.take({ row: 2, kind: 'preference', prompt: [user('Hi')], chosen: 'a', rejected: 'b' })).toHaveLength(
      1,
    );
    expect(taken.counts).toMatchObject({ kept: 1, leftOut: { 'equal-after-cut': 1 } });
  });
});

const STORIES = '../shared/models/stories260K';

it.skipIf(!existsSync(STORIES))(
  'a SentencePiece tokenizer, whose words begin with their space (skipped without ../shared/models)',
  () => {
    const files = new Map(
      ['tokenizer.json', 'tokenizer_config.json'].map((name) => [
        name,
        new Uint8Array(readFileSync(`${STORIES}/${name}`)),
      ]),
    );
    const spiece = loadTokenizer(files, { vocab_size: 512 });
    const chat = renderer('llama-2', spiece, 2).chat([user('Tell me.'), assistant('Once upon a time')], 99);
    const trained = [...chat.ids].filter((_, i) => chat.trained[i]);
    expect([spiece.decode(trained, true).trim(), trained.at(-1), chat.ids[0]]).toEqual(['Once upon a time', 2, 1]);
    expect(
      spiece
        .decode(
          [...chat.ids].filter((_, i) => !chat.trained[i]),
          true,
        )
        .trim(),
    ).toBe('[INST] Tell me. [/INST]');
  },
);
