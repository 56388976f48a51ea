/** A model's files to its chat format: template, special tokens, stop ids; and tokens as a person sees them. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { chatFormat, defaultTemplate, spellOut } from './chat-format';
import type { ChatSources } from './chat-format';
import { ChatRenderer } from './chat-renderer';
import { tinyTokenizer } from '../testing/text';
import { templateSource } from './chat-template';
import { loadTokenizer } from './tokenizer';

const tokenizer = tinyTokenizer();
const SOURCES: ChatSources = { tokenizer, settings: {}, config: {}, generationConfig: null, template: null };
const [START, END, EOS, BOS] = [200, 201, 202, 203];

describe('the format', () => {
  it('takes the special tokens from the tokenizer’s settings, as text or as objects', () => {
    const { variables, eosId, stopIds } = chatFormat(
      { ...SOURCES, settings: { bos_token: '<s>', eos_token: { content: '</s>', lstrip: false } } },
      'alpaca',
    );
    expect([variables, eosId, [...stopIds]]).toEqual([{ tokens: { bos_token: '<s>', eos_token: '</s>' } }, EOS, [EOS]]);
  });

  it('else from the ids of the configuration, as a GGUF has them', () => {
    const { variables, eosId, stopIds } = chatFormat(
      { ...SOURCES, config: { bos_token_id: BOS, eos_token_id: EOS }, generationConfig: { eos_token_id: [END, EOS] } },
      'alpaca',
    );
    expect([variables, eosId, [...stopIds]]).toEqual([
      { tokens: { bos_token: '<s>', eos_token: '<|im_end|>' } },
      END,
      [END, EOS],
    ]);
  });

  it('stops at the end token of a standard template too', () => {
    expect([...chatFormat({ ...SOURCES, settings: { eos_token: '</s>' } }, 'chatml').stopIds]).toEqual([END, EOS]);
  });

  it('does without an end token where there is none, and ignores ids that are none', () => {
    const { variables, eosId, stopIds } = chatFormat(
      { ...SOURCES, config: { eos_token_id: 99_999, bos_token_id: null } },
      'plain',
    );
    expect([variables, eosId, stopIds.size]).toEqual([{ tokens: {} }, null, 0]);
  });

  it('is the model’s own unless it has none', () => {
    expect([defaultTemplate(SOURCES), defaultTemplate({ ...SOURCES, template: '{{ messages }}' })]).toEqual([
      'chatml',
      'own',
    ]);
    expect(chatFormat({ ...SOURCES, template: 'x' }, 'own').template.source).toBe('x');
    expect(() => chatFormat(SOURCES, 'own')).toThrow(expect.objectContaining({ code: 'bad-config' }));
    expect(() => chatFormat({ ...SOURCES, template: '{% for %}' }, 'own')).toThrow(
      expect.objectContaining({ code: 'bad-tokenizer' }),
    );
  });
});

describe('tokens as a person sees them', () => {
  it('are text, with what is trained on marked', () => {
    const renderer = new ChatRenderer(chatFormat(SOURCES, 'chatml'));
    const shown = spellOut(
      tokenizer,
      renderer.chat(
        [
          { role: 'user', content: 'A b' },
          { role: 'assistant', content: 'Hello' },
        ],
        99,
      ),
    );
    expect(shown.slice(0, 9).map(({ text }) => text)).toEqual([
      '<|im_start|>',
      'u',
      's',
      'e',
      'r',
      '\n',
      'A',
      ' ',
      'b',
    ]);
    expect(shown.filter(({ trained }) => trained)).toEqual([
      { text: 'Hell', id: 98, trained: true },
      expect.objectContaining({ text: 'o' }),
      { text: '<|im_end|>', id: END, trained: true },
      expect.objectContaining({ text: '\n' }),
    ]);
    expect(shown[0]).toEqual({ text: '<|im_start|>', id: START, trained: false });
  });

  const STORIES = '../shared/models/stories260K';
  it.skipIf(!existsSync(STORIES))('keep the spaces of SentencePiece (skipped without ../shared/models)', () => {
    const spiece = loadTokenizer(
      new Map([['tokenizer.json', new Uint8Array(readFileSync(`${STORIES}/tokenizer.json`))]]),
      { vocab_size: 512 },
    );
    const ids = Int32Array.from(spiece.bare('Once upon a time'));
    expect(
      spellOut(spiece, { ids, trained: new Uint8Array(ids.length) })
        .map(({ text }) => text)
        .join(''),
    ).toBe(' Once upon a time');
  });
});

describe('the tiny decoder of the end-to-end tests', () => {
  const files = new Map(
    ['tokenizer.json', 'tokenizer_config.json', 'config.json', 'generation_config.json'].map((name) => [
      name,
      new Uint8Array(readFileSync(`e2e/fixtures/tiny-llama/${name}`)),
    ]),
  );
  const json = (name: string): Record<string, unknown> =>
    JSON.parse(new TextDecoder().decode(files.get(name))) as Record<string, unknown>;
  const own = loadTokenizer(files, json('config.json'));
  const sources: ChatSources = {
    tokenizer: own,
    settings: json('tokenizer_config.json'),
    config: json('config.json'),
    generationConfig: json('generation_config.json'),
    template: templateSource(null, json('tokenizer_config.json')),
  };

  it('has a vocabulary that fills its embedding, and a template of its own', () => {
    expect([own.vocabularySize, defaultTemplate(sources)]).toEqual([json('config.json')['vocab_size'], 'own']);
  });

  it('is asked and taught as PEFT was when it learned four answers by heart in 20 steps', () => {
    const renderer = new ChatRenderer(chatFormat(sources, 'own'));
    // Ids by transformers' tokenizer.
    expect(own.bare('Where is the ball?')).toEqual([54, 71, 101, 68, 94, 72, 82, 102, 104, 64, 75, 75, 30]);
    const { ids, trained } = renderer.chat(
      [
        { role: 'user', content: 'Where is the ball?' },
        { role: 'assistant', content: 'In the blue box.' },
      ],
      128,
    );
    expect([
      ids.length,
      own.decode(
        [...ids].filter((_, i) => trained[i]),
        false,
      ),
    ]).toEqual([43, 'In the blue box.<|im_end|>\n']);
    expect([...renderer.format.stopIds]).toEqual([own.idOf('<|im_end|>')]);
  });
});
