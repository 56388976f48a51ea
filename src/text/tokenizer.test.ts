/** Token ids against the expected-id files, the embedded model's golden texts, and bad tokenizers. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { TabtuneError } from '../base/errors';
import { checkVocabulary, loadTokenizer, tokenizersReady } from './tokenizer';

await tokenizersReady();

const SHARED = new URL('../../../shared/', import.meta.url);
const at = (path: string): URL => new URL(path, SHARED);
const here = existsSync(at('tokenizers/expected/tokenizer_tests.json'));
const skip = here ? '' : ' (skipped: ../shared/tokenizers is not there)';
const bytes = (path: string): Uint8Array => new Uint8Array(readFileSync(at(path)));
const json = (path: string) => JSON.parse(readFileSync(at(path), 'utf8')) as Record<string, unknown>;

const BERT_CONFIG = { model_type: 'bert', vocab_size: 30522, type_vocab_size: 2, pad_token_id: 0 };
interface Case {
  input: string | { text: string; text_pair?: string };
  encoded: { input_ids: number[]; token_type_ids?: number[] };
}

function expectCases(cases: Case[], tokenizer: ReturnType<typeof loadTokenizer>): void {
  expect(cases.length).toBeGreaterThan(15);
  for (const { input, encoded } of cases) {
    const { text, text_pair: pair } = typeof input === 'string' ? { text: input, text_pair: undefined } : input;
    const got = tokenizer.encode(text, pair ?? null, 512);
    expect([...got.ids], JSON.stringify(input)).toEqual(encoded.input_ids);
    if (encoded.token_type_ids) expect([...got.typeIds], JSON.stringify(input)).toEqual(encoded.token_type_ids);
    expect(got.truncated).toBe(false);
  }
}

describe.skipIf(!here)(`token ids equal to the tokenizers library${skip}`, () => {
  const cases = here ? (json('tokenizers/expected/tokenizer_tests.json') as unknown as Record<string, Case[]>) : {};

  it.each(['bert-base-uncased', 'google-bert/bert-base-uncased'])('BERT from tokenizer.json: %s', (name) => {
    expectCases(
      cases[name] ?? [],
      loadTokenizer(new Map([['tokenizer.json', bytes('tokenizers/bert-base-uncased/tokenizer.json')]]), BERT_CONFIG),
    );
  });

  it('BERT from vocab.txt', () => {
    const tokenizer = loadTokenizer(new Map([['vocab.txt', bytes('tokenizers/expected/bert-vocab.txt')]]), BERT_CONFIG);
    expectCases(cases['bert-base-uncased'] ?? [], tokenizer);
    const long = json('tokenizers/expected/bert_uncased_encoded.json') as { text: string; token_ids: number[] };
    expect([...tokenizer.encode(long.text, null, 512).ids]).toEqual(long.token_ids);
  });

  it('GPT-2 byte-level BPE', () => {
    const tokenizer = loadTokenizer(new Map([['tokenizer.json', bytes('tokenizers/gpt2/tokenizer.json')]]), {
      model_type: 'roberta',
      type_vocab_size: 1,
    });
    expectCases(cases['distilgpt2'] ?? [], tokenizer);
    // U+0085 is white space to the Rust library.
    expect([...tokenizer.encode(' \u00851,234.5', null, 512).ids]).toEqual([220, 126, 227, 16, 11, 24409, 13, 20]);
    const long = json('tokenizers/expected/gpt2_encoded_tokens.json') as { text: string; token_ids: number[] };
    expect([...tokenizer.encode(long.text, null, 512).ids]).toEqual(long.token_ids);
  });
});

it('the embedded model gives the ids of its 20 golden texts', () => {
  const folder = 'public/models/all-MiniLM-L6-v2';
  const names = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json'];
  const files = new Map(names.map((name) => [name, new Uint8Array(readFileSync(`${folder}/${name}`))]));
  const config = JSON.parse(readFileSync(`${folder}/config.json`, 'utf8'));
  const tokenizer = loadTokenizer(files, config);
  const { cases } = JSON.parse(readFileSync('e2e/fixtures/golden/all-MiniLM-L6-v2.json', 'utf8')) as {
    cases: { text: string; ids: number[] }[];
  };
  expect(cases).toHaveLength(20);
  for (const { text, ids } of cases) expect([...tokenizer.encode(text, null, 128).ids], text).toEqual(ids);
  expect(tokenizer).toMatchObject({ vocabularySize: 30522, padId: 0, usesTypeIds: true });
  expect(() => checkVocabulary(tokenizer, config)).not.toThrow();
});

const VOCABULARY = [
  '[PAD]',
  '[UNK]',
  '[CLS]',
  '[SEP]',
  '[MASK]',
  'a',
  'b',
  'c',
  '##d',
  'σ',
  '中',
  '\u{20000}',
  '__proto__',
  '_',
  'proto',
];
const tiny = (settings: object = {}) =>
  loadTokenizer(
    new Map([
      ['vocab.txt', new TextEncoder().encode(`${VOCABULARY.join('\n')}\n`)],
      ['tokenizer_config.json', new TextEncoder().encode(JSON.stringify(settings))],
    ]),
    { model_type: 'bert', type_vocab_size: 2 },
  );
const ids = (text: string, pair: string | null = null, maxLength = 64): number[] => [
  ...tiny().encode(text, pair, maxLength).ids,
];

describe('WordPiece from a small vocabulary', () => {
  it('splits, lower-cases and marks unknown words', () => expect(ids('Ad b zz')).toEqual([2, 5, 8, 6, 1, 3]));
  it('keeps case when told to', () =>
    expect([...tiny({ do_lower_case: false }).encode('A a', null, 9).ids]).toEqual([2, 1, 5, 3]));
  it('sets ideographs apart, also beyond U+FFFF', () => expect(ids('a中\u{20000}b')).toEqual([2, 5, 10, 11, 6, 3]));
  it('lower-cases a final sigma as any other', () => expect(ids('Σ')).toEqual([2, 9, 3]));
  it('keeps unassigned characters, as the Rust library does', () => expect(ids('a\u0378')).toEqual([2, 1, 3]));
  it('drops control characters and lone surrogates', () =>
    expect(ids('a\u0000\u0007\ud800\u200b b')).toEqual([2, 5, 6, 3]));
  it('keeps `__proto__` a text like any other', () => expect(ids('__proto__')).toEqual([2, 13, 13, 14, 13, 13, 3]));
  it('gives special tokens alone for no text', () => expect(ids('')).toEqual([2, 3]));
  it('sees special tokens that are written out', () => expect(ids('a [SEP] b')).toEqual([2, 5, 3, 6, 3]));

  it('gives a pair its token types', () => {
    const { ids: pair, typeIds, truncated } = tiny().encode('a b', 'c', 64);
    expect([...pair]).toEqual([2, 5, 6, 3, 7, 3]);
    expect([...typeIds]).toEqual([0, 0, 0, 0, 1, 1]);
    expect(truncated).toBe(false);
  });

  it('cuts the longer text first', () => {
    expect(ids('a a a a a', 'b b', 8)).toEqual([2, 5, 5, 5, 3, 6, 6, 3]);
    expect(ids('a a a a a', 'b b b b b b', 8)).toEqual([2, 5, 5, 3, 6, 6, 6, 3]);
    expect(ids('a a a a a', null, 4)).toEqual([2, 5, 5, 3]);
    expect(tiny().encode('a a a', null, 4).truncated).toBe(true);
  });

  it('spells the tokens out', () => {
    expect(tiny().tokens('ad', 'b', 64)).toEqual({
      truncated: false,
      tokens: [
        { text: '[CLS]', id: 2, special: true, segment: 0 },
        { text: 'a', id: 5, special: false, segment: 0 },
        { text: '##d', id: 8, special: false, segment: 0 },
        { text: '[SEP]', id: 3, special: true, segment: 0 },
        { text: 'b', id: 6, special: false, segment: 1 },
        { text: '[SEP]', id: 3, special: true, segment: 1 },
      ],
    });
  });

  it('refuses a length without room', () =>
    expect(() => ids('a', 'b', 3)).toThrow(expect.objectContaining({ code: 'bad-config' })));
});

/** A trie that holds the one key "X" with the replacement "c": units are offset << 10 | value follows << 8 | label. */
const CHARACTER_MAP = ((): string => {
  const units = new Uint32Array(256);
  units[0] = 1 << 10;
  const node = 1 ^ 88;
  units[node] = (2 << 10) | 0x100 | 88;
  units[node ^ 2] = 0x80000000;
  const trie = new Uint8Array(units.buffer);
  return btoa(String.fromCharCode(...new Uint8Array(Uint32Array.of(trie.length).buffer), ...trie, 99, 0));
})();

describe('other parts of tokenizer.json', () => {
  const model = {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: Object.fromEntries(VOCABULARY.map((token, id) => [token, id])),
  };
  const load = (parts: object, config = { model_type: 'roberta', type_vocab_size: 1 }) =>
    loadTokenizer(
      new Map([
        [
          'tokenizer.json',
          new TextEncoder().encode(JSON.stringify({ pre_tokenizer: { type: 'BertPreTokenizer' }, model, ...parts })),
        ],
      ]),
      config,
    );

  it('RoBERTa puts two separators between the texts and has no token types', () => {
    const tokenizer = load({
      post_processor: {
        type: 'RobertaProcessing',
        cls: ['[CLS]', 2],
        sep: ['[SEP]', 3],
        trim_offsets: true,
        add_prefix_space: false,
      },
    });
    const { ids: pair, typeIds } = tokenizer.encode('a', 'b', 64);
    expect([...pair]).toEqual([2, 5, 3, 3, 6, 3]);
    expect([...typeIds]).toEqual([0, 0, 0, 0, 0, 0]);
    expect(tokenizer.usesTypeIds).toBe(false);
  });
  it('an exact normalizer inside a sequence', () => {
    const normalizer = {
      type: 'Sequence',
      normalizers: [
        { type: 'NFC' },
        { type: 'BertNormalizer', lowercase: true, clean_text: true, handle_chinese_chars: true, strip_accents: null },
      ],
    };
    expect([...load({ normalizer }).encode('ΑΣ Σ', null, 9).ids]).toEqual([1, 9]);
  });
  it('a precompiled character map, and white space as Unicode knows it', () => {
    const tokenizer = load({
      normalizer: { type: 'Precompiled', precompiled_charsmap: CHARACTER_MAP },
      pre_tokenizer: { type: 'WhitespaceSplit' },
    });
    expect([...tokenizer.encode('Xb\u0085a', null, 9).ids]).toEqual([1, 5]);
    expect([...tokenizer.encode('X a', null, 9).ids]).toEqual([7, 5]);
  });
  it.each(['', 'AAAA', '/////w=='])('refuses the damaged character map %j', (map) => {
    expect(() => load({ normalizer: { type: 'Precompiled', precompiled_charsmap: map } }).encode('X', null, 9)).toThrow(
      expect.objectContaining({ code: 'bad-tokenizer' }),
    );
  });

  it('its truncation and padding are ignored', () => {
    const tokenizer = load({
      truncation: { max_length: 2, strategy: 'LongestFirst', stride: 0 },
      padding: { strategy: { Fixed: 8 }, direction: 'Right', pad_id: 0, pad_type_id: 0, pad_token: '[PAD]' },
    });
    expect([...tokenizer.encode('a b c', null, 64).ids]).toEqual([5, 6, 7]);
  });
  it('an added token stands out from the text', () => {
    const added = {
      id: 15,
      content: '<new>',
      single_word: false,
      lstrip: false,
      rstrip: false,
      normalized: false,
      special: false,
    };
    const tokenizer = load({ added_tokens: [added] });
    expect([...tokenizer.encode('a<new>b', null, 64).ids]).toEqual([5, 15, 6]);
    expect(tokenizer.vocabularySize).toBe(16);
  });
});

describe('tokenizers that cannot be used', () => {
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

  it('names what is missing', () =>
    expect(failure({ 'config.json': '{}' })).toMatchObject({
      code: 'missing-file',
      place: { file: 'tokenizer.json' },
    }));
  it.each([
    ['broken JSON', '{'],
    ['no object', '[]'],
    ['no model', '{}'],
    ['an unknown model', '{"model": {"type": "WordShape", "vocab": {"a": 0}}}'],
    ['an empty vocabulary', '{"model": {"type": "WordPiece", "vocab": {}}}'],
    ['a lying id', '{"model": {"type": "WordPiece", "unk_token": "a", "vocab": {"a": -1}}}'],
    ['no unknown token', '{"model": {"type": "WordPiece", "unk_token": "[UNK]", "vocab": {"a": 0}}}'],
    [
      'an unknown post-processor',
      '{"post_processor": {"type": "Strange"}, "model": {"type": "WordPiece", "unk_token": "a", "vocab": {"a": 0}}}',
    ],
  ])('refuses tokenizer.json with %s', (_name, text) =>
    expect(failure({ 'tokenizer.json': text }).code).toBe('bad-tokenizer'),
  );
  it('refuses a vocab.txt without [CLS]', () =>
    expect(failure({ 'vocab.txt': '[UNK]\na\n' }).code).toBe('bad-tokenizer'));

  it('refuses a vocabulary larger than the embedding', () => {
    expect(() => checkVocabulary(tiny(), { vocab_size: 14 })).toThrow(
      expect.objectContaining({ code: 'bad-tokenizer' }),
    );
    expect(() => checkVocabulary(tiny(), { vocab_size: 15 })).not.toThrow();
  });
});

describe('digits, as the Rust library knows them', () => {
  const cut = (individual: boolean): number[] => {
    const json = {
      model: {
        type: 'BPE',
        vocab: { a: 0, '1': 1, '2': 2, '½': 3, '٣': 4, '12': 5, '12½٣': 6, a1: 7, '½٣': 8 },
        merges: ['1 2', 'a 1', '½ ٣', '12 ½٣'],
        unk_token: null,
      },
      pre_tokenizer: { type: 'Digits', individual_digits: individual },
      added_tokens: [],
    };
    return loadTokenizer(new Map([['tokenizer.json', new TextEncoder().encode(JSON.stringify(json))]]), {}).bare(
      'a12½٣',
    );
  };
  it('are numbers of any script, one by one or together', () =>
    expect([cut(true), cut(false)]).toEqual([
      [0, 1, 2, 3, 4],
      [0, 6],
    ]));
});
