/** What a tokenizer.json from a stranger may not do, and texts over which it would take for ever. */
import { describe, expect, it } from 'vitest';
import { TabtuneError } from '../base/errors';
import { loadTokenizer, tokenizersReady } from './tokenizer';
import { looksFar } from './tokenizer-limits';

await tokenizersReady();

describe('tokenizers from strangers', () => {
  const load = (files: Record<string, string>) =>
    loadTokenizer(new Map(Object.entries(files).map(([name, text]) => [name, new TextEncoder().encode(text)])), {});
  const failure = (files: Record<string, string>): TabtuneError => {
    try {
      load(files);
    } catch (error) {
      if (error instanceof TabtuneError) return error;
    }
    throw new Error('no TabtuneError');
  };
  it.each([
    ['pieces of no length, which never end', { pre_tokenizer: { type: 'FixedLength', length: 0 } }],
    ['a pattern that is none', { normalizer: { type: 'Replace', pattern: 7, content: '' } }],
    [
      'replacements that double the text again and again',
      {
        normalizer: {
          type: 'Sequence',
          normalizers: Array.from({ length: 30 }, () => ({ type: 'Replace', pattern: { String: 'a' }, content: 'aa' })),
        },
      },
    ],
    ['a replacement of nothing', { normalizer: { type: 'Replace', pattern: { String: '' }, content: 'a' } }],
    [
      'a character map that writes a thousand bytes for one',
      { normalizer: { type: 'Precompiled', precompiled_charsmap: btoa(`\x04\0\0\0\0\0\0\0${'a'.repeat(1000)}\0`) } },
    ],
    [
      'tokens of one letter in a thousand lengths, each of which Unigram would try at each place',
      { model: { type: 'Unigram', unk_id: 0, vocab: Array.from({ length: 1000 }, (_, i) => ['a'.repeat(i + 1), -1]) } },
    ],
    ['a prefix of a thousand characters', { normalizer: { type: 'Prepend', prepend: 'a'.repeat(1000) } }],
    ['an added token that is no text', { added_tokens: [{ id: 1, content: [] }] }],
    [
      'words of any length',
      { model: { type: 'WordPiece', unk_token: 'a', vocab: { a: 0 }, max_input_chars_per_word: 1e9 } },
    ],
  ])('refuses %s', (_name, parts) => {
    const json = { model: { type: 'WordPiece', unk_token: 'a', vocab: { a: 0 } }, ...parts };
    expect(failure({ 'tokenizer.json': JSON.stringify(json) })).toMatchObject({
      code: 'bad-tokenizer',
      place: { file: 'tokenizer.json' },
    });
  });

  const split = (pattern: string) =>
    load({
      'tokenizer.json': JSON.stringify({
        pre_tokenizer: { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
        model: {
          type: 'WordPiece',
          unk_token: 'a',
          continuing_subword_prefix: '##',
          max_input_chars_per_word: 100,
          vocab: { a: 0 },
        },
      }),
    });
  it('refuses a text over which a pattern would step back for ever, and goes on with the next', () => {
    const tokenizer = split('(a+)+b');
    expect(() => tokenizer.bare('a'.repeat(4000))).toThrow(
      expect.objectContaining({ code: 'bad-tokenizer', message: expect.stringContaining('takes too long') as unknown }),
    );
    expect(tokenizer.bare('a')).toEqual([0]);
  });
  it('refuses a long text for a pattern that would look through all of it at each place', () => {
    const tokenizer = split('(?=(a+)+$)b');
    expect(tokenizer.bare('aaaa')).toEqual([0]);
    expect(() => tokenizer.bare('a'.repeat(100_000))).toThrow(expect.objectContaining({ code: 'bad-tokenizer' }));
    expect(looksFar('\\s+(?!\\S)|[(?=+]+|\\(?=a+')).toBe(false);
    expect(looksFar('\\d{1,3}(?=(?:\\d{3})*\\b)')).toBe(true);
  });
});
