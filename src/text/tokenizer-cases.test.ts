/** Tokenizers as people have them (../shared/cases), each with what transformers makes of it. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { checkVocabulary, loadTokenizer, tokenizersReady } from './tokenizer';
import type { TextTokenizer } from './tokenizer';

await tokenizersReady();

const CASES = '../shared/cases/';
const here = existsSync(CASES);
const skip = here ? '' : ' (skipped: ../shared/cases is not there)';
const NAMES = ['tokenizer.json', 'tokenizer_config.json', 'special_tokens_map.json', 'added_tokens.json', 'vocab.txt'];

const json = (path: string) => JSON.parse(readFileSync(CASES + path, 'utf8')) as Record<string, unknown>;

function open(folder: string, config: Record<string, unknown>): TextTokenizer {
  const present = NAMES.filter((name) => existsSync(`${CASES}${folder}/${name}`));
  return loadTokenizer(
    new Map(present.map((name) => [name, new Uint8Array(readFileSync(`${CASES}${folder}/${name}`))])),
    config,
  );
}

describe.skipIf(!here)(`cases${skip}`, () => {
  const { texts, expected } = (here ? json('T01-tokenizers/expected.json') : { texts: [], expected: {} }) as {
    texts: string[];
    expected: Record<
      string,
      { bare: number[][]; full: number[][]; pair: number[][]; types: number[][]; decode: string[] }
    >;
  };
  it.each(Object.entries(expected))('the kind %s', (folder, { bare, full, pair, types, decode }) => {
    const tokenizer = open(`T01-tokenizers/${folder}`, { type_vocab_size: 2 });
    const pairs = texts.map((text) => tokenizer.encode(text, 'second text', 1e6));
    expect(pairs.map(({ ids }) => [...ids])).toEqual(pair);
    expect(pairs.map(({ typeIds }) => [...typeIds])).toEqual(types);
    expect(texts.map((text) => tokenizer.bare(text))).toEqual(bare);
    expect(texts.map((text) => [...tokenizer.encode(text, null, 1e6).ids])).toEqual(full);
    expect(bare.map((ids) => tokenizer.decode(ids, false))).toEqual(decode);
  });

  it('an added [PAD] beyond the embedding is let through, texts that hold it are not', () => {
    const config = json('M01-added-pad/llama/config.json');
    const tokenizer = open('M01-added-pad/llama', config);
    expect(() => checkVocabulary(tokenizer, config)).not.toThrow();
    expect(tokenizer.vocabularySize).toBe(110);
    expect(tokenizer.bare('Hello').every((id) => id < 109)).toBe(true);
    expect(() => tokenizer.bare('Hello [PAD]')).toThrow(expect.objectContaining({ code: 'bad-tokenizer' }));
  });
  it('Whitespace knows letters of all languages', () => {
    const folder = 'M14-pre-tokenizer/whitespace';
    const tokenizer = open(folder, json(`${folder}/config.json`));
    const { tokens } = tokenizer.tokens('größe', null, 64);
    expect(tokens.filter(({ special }) => !special).map(({ text }) => text)[0]).toMatch(/^gr.*ö/);
  });
  it('added_tokens.json counts', () => {
    const config = json('M16-added-tokens/added-json/config.json');
    const tokenizer = open('M16-added-tokens/added-json', config);
    expect(tokenizer.vocabularySize).toBe(133);
    expect(tokenizer.bare('<user>')).toEqual([131]);
    expect(tokenizer.bare('<url> <user>')).toEqual([132, 131]);
  });
  it.each(['S03-tokenizer-patterns/alternatives', 'S03-tokenizer-patterns/cubic'])('%s comes to an end', (path) => {
    const decoder = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true };
    const file = JSON.stringify({ ...json(`${path}.tokenizer.json`), decoder });
    const tokenizer = loadTokenizer(new Map([['tokenizer.json', new TextEncoder().encode(file)]]), {});
    const outcome = (text: string): number => {
      try {
        return tokenizer.bare(text).length;
      } catch (error) {
        expect(error).toMatchObject({ code: 'bad-tokenizer' });
        return 0;
      }
    };
    for (const letters of ['a'.repeat(4000), 'ab1'.repeat(1300)])
      expect([0, letters.length]).toContain(outcome(letters));
    expect(tokenizer.bare('abc')).toEqual([0, 1, 2]);
  });
  it('a character map that writes a megabyte for a letter is refused', () =>
    expect(() => open('S04-charsmap', {})).toThrow(
      expect.objectContaining({ code: 'bad-tokenizer', message: expect.stringContaining('character map') as unknown }),
    ));
});

describe('what tokenizer_config.json says of BERT', () => {
  const vocab = Object.fromEntries(
    ['[UNK]', '[CLS]', '[SEP]', '[PAD]', 'é', 'e', 'É', '中', '中é'].map((t, i) => [t, i]),
  );
  const bert = (settings: object | null, config: object = { model_type: 'bert' }) => {
    const file = {
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: false,
        lowercase: true,
      },
      model: {
        type: 'WordPiece',
        unk_token: '[UNK]',
        continuing_subword_prefix: '##',
        max_input_chars_per_word: 100,
        vocab,
      },
    };
    const encoded = (value: object) => new TextEncoder().encode(JSON.stringify(value));
    const files = new Map([['tokenizer.json', encoded(file)]]);
    if (settings) files.set('tokenizer_config.json', encoded(settings));
    return loadTokenizer(files, { ...config }).bare('É');
  };
  it.each([
    ['nothing, so that the defaults of BERT’s class count', null, { model_type: 'bert' }, [5]],
    ['letter case', { do_lower_case: false }, { model_type: 'bert' }, [6]],
    ['accents', { strip_accents: true }, { model_type: 'bert' }, [5]],
    ['its class, whose own defaults count then', { tokenizer_class: 'BertTokenizer' }, { model_type: 'bert' }, [5]],
    [
      'a class that takes tokenizer.json as it is',
      { tokenizer_class: 'PreTrainedTokenizerFast', do_lower_case: false },
      { model_type: 'bert' },
      [4],
    ],
    ['letter case, to another kind of model', { do_lower_case: false }, { model_type: 'llama' }, [4]],
  ])('%s', (_name, settings, config, ids) => expect(bert(settings, config)).toEqual(ids));

  it('`added_tokens_decoder` with its flags, and named tokens that are nowhere else', () => {
    const settings = {
      added_tokens_decoder: {
        '10': { content: '<b>', special: false },
        '9': { content: '<a>', special: true, rstrip: true },
      },
      mask_token: '[MASK]',
    };
    const file = { model: { type: 'WordLevel', unk_token: '[UNK]', vocab } };
    const encoded = (value: object) => new TextEncoder().encode(JSON.stringify(value));
    const tokenizer = loadTokenizer(
      new Map([
        ['tokenizer.json', encoded(file)],
        ['tokenizer_config.json', encoded(settings)],
      ]),
      {},
    );
    expect(tokenizer.addedTokens).toEqual(['<a>', '<b>', '[MASK]']);
    expect(tokenizer.bare('<a>  <b>e[MASK]')).toEqual([9, 10, 5, 11]);
    expect(tokenizer.decode([9, 5, 11], true)).toBe('e');
  });
});
