/** tokenizer.json and the older files: what is taken turns any text into ids of its vocabulary and back into text. */
import fc from 'fast-check';
import { loadTokenizer, tokenizersReady } from '../../src/text/tokenizer';
import { agree, fuzzTarget, holds, outcomeOf } from '../target';
import { spoiltJson, spoiltText, utf8 } from '../hostile';

await tokenizersReady();

const special = (id: number, content: string) => ({
  id,
  content,
  special: true,
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
});
const ids = (tokens: readonly string[]) => Object.fromEntries(tokens.map((token, id) => [token, id]));
const LETTERS = Array.from('abcdefghijklmnopqrstuvwxyz0123456789.,! ');

const WORDPIECE = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: ['[PAD]', '[UNK]', '[CLS]', '[SEP]'].map((content, id) => special(id, content)),
  normalizer: {
    type: 'BertNormalizer',
    clean_text: true,
    handle_chinese_chars: true,
    strip_accents: null,
    lowercase: true,
  },
  pre_tokenizer: { type: 'BertPreTokenizer' },
  post_processor: {
    type: 'TemplateProcessing',
    single: [
      { SpecialToken: { id: '[CLS]', type_id: 0 } },
      { Sequence: { id: 'A', type_id: 0 } },
      { SpecialToken: { id: '[SEP]', type_id: 0 } },
    ],
    pair: [{ Sequence: { id: 'A', type_id: 0 } }, { Sequence: { id: 'B', type_id: 1 } }],
    special_tokens: {
      '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
      '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
    },
  },
  decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
  model: {
    type: 'WordPiece',
    unk_token: '[UNK]',
    continuing_subword_prefix: '##',
    max_input_chars_per_word: 100,
    vocab: ids(['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'hello', 'world', '##s', 'a', 'b', '##a', '##b', '!', ',']),
  },
};
const BPE = {
  added_tokens: [special(60, '<s>'), special(61, '</s>'), special(62, '<|im_end|>')],
  normalizer: {
    type: 'Sequence',
    normalizers: [{ type: 'NFC' }, { type: 'Replace', pattern: { Regex: ' {2,}' }, content: ' ' }],
  },
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      {
        type: 'Split',
        pattern: {
          Regex:
            "(?i:'s|'t)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| " +
            '?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+',
        },
        behavior: 'Isolated',
        invert: false,
      },
      { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: false },
    ],
  },
  post_processor: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false },
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: '',
    end_of_word_suffix: '',
    fuse_unk: false,
    byte_fallback: false,
    ignore_merges: false,
    vocab: ids([...LETTERS.filter((letter) => letter !== ' '), 'Ġ', 'Ċ', 'he', 'll', 'hell']),
    merges: ['h e', 'l l', 'he ll'],
  },
};
const UNIGRAM = {
  added_tokens: [special(0, '<unk>'), special(1, '</s>')],
  normalizer: {
    type: 'Sequence',
    normalizers: [
      { type: 'NFKC' },
      { type: 'Prepend', prepend: '▁' },
      { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
      { type: 'Strip', strip_left: true, strip_right: true },
      { type: 'Lowercase' },
      { type: 'StripAccents' },
    ],
  },
  pre_tokenizer: {
    type: 'Sequence',
    pretokenizers: [
      { type: 'Metaspace', replacement: '▁', prepend_scheme: 'always', split: true },
      { type: 'Digits', individual_digits: true },
      { type: 'Punctuation', behavior: 'Isolated' },
    ],
  },
  post_processor: {
    type: 'RobertaProcessing',
    sep: ['</s>', 1],
    cls: ['<s>', 0],
    trim_offsets: true,
    add_prefix_space: false,
  },
  decoder: {
    type: 'Sequence',
    decoders: [
      { type: 'Replace', pattern: { String: '▁' }, content: ' ' },
      { type: 'ByteFallback' },
      { type: 'Fuse' },
      { type: 'Strip', content: ' ', start: 1, stop: 0 },
    ],
  },
  model: {
    type: 'Unigram',
    unk_id: 0,
    byte_fallback: false,
    vocab: [['<unk>', 0], ['</s>', 0], ['▁', -2], ...LETTERS.map((letter) => [letter, -5]), ['▁he', -3], ['ll', -4]],
  },
};
const settings = {
  pad_token: '[PAD]',
  unk_token: { content: '[UNK]' },
  cls_token: '[CLS]',
  sep_token: '[SEP]',
  mask_token: null,
  truncation_side: 'right',
  tokenize_chinese_chars: true,
  strip_accents: null,
  do_lower_case: true,
  model_max_length: 512,
};

const TEXTS = [
  'hello world',
  'Hellos, a!  b\n\nba 123 été',
  '',
  ' ',
  'a'.repeat(120),
  '\ud800 x',
  '<s>hello</s><|im_end|>[CLS]',
  '日本語 😀',
  'aab!!\t\r\n',
];
const file = fc.record({
  json: spoiltJson(fc.constantFrom<unknown>(WORDPIECE, BPE, UNIGRAM)),
  settings: fc.oneof(
    { weight: 4, arbitrary: fc.constant(JSON.stringify(settings)) },
    { weight: 1, arbitrary: spoiltJson(fc.constant(settings)) },
  ),
  text: fc.oneof(fc.constantFrom(...TEXTS), fc.string({ unit: 'grapheme', maxLength: 30 })),
});

/** Whether a tokenizer, once opened, keeps its promises for the text. A typed refusal of a text is one of them. */
async function used(
  files: ReadonlyMap<string, Uint8Array>,
  config: Record<string, unknown>,
  text: string,
): Promise<boolean> {
  const opened = await outcomeOf(() => loadTokenizer(files, config));
  if (!opened.ok) return false;
  const tokenizer = opened.value;
  const inside = (list: Iterable<number>) =>
    [...list].every((id) => Number.isInteger(id) && id >= 0 && id < tokenizer.vocabularySize);
  for (const pair of [null, text]) {
    const encoded = await outcomeOf(() => tokenizer.encode(text, pair, 16));
    if (!encoded.ok) continue;
    holds(inside(encoded.value.ids), 'an id is outside the vocabulary');
    holds(
      encoded.value.ids.length <= 16 && encoded.value.typeIds.length === encoded.value.ids.length,
      'the length is not kept',
    );
  }
  const bare = await outcomeOf(() => tokenizer.bare(text));
  if (bare.ok) {
    holds(inside(bare.value), 'an id is outside the vocabulary');
    agree(tokenizer.bare(text), bare.value, 'the same text gives other ids');
    const decoded = await outcomeOf(() => tokenizer.decode(bare.value, true));
    holds(!decoded.ok || typeof decoded.value === 'string', 'ids become no text');
    holds(
      bare.value.every((id) => typeof tokenizer.spell(id) === 'string'),
      'a token is no text',
    );
  }
  return true;
}

export const tokenizerJson = fuzzTarget('tokenizer.json', file, ({ json, settings: own, text }) =>
  used(
    new Map([
      ['tokenizer.json', utf8(json)],
      ['tokenizer_config.json', utf8(own)],
    ]),
    { model_type: 'bert', vocab_size: 100, type_vocab_size: 2 },
    text,
  ),
);

const vocabulary = spoiltText(
  fc.constant(['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'hello', '##s', 'a', '##b'].join('\n')),
  ['\n', '\r\n', '\n\n', '__proto__', '[CLS]', ' ', '\u0000', 'é', '##'],
);

export const vocabularyFiles = fuzzTarget(
  'vocab.txt and its settings',
  fc.record({
    vocabulary,
    settings: spoiltJson(fc.constant(settings)),
    map: spoiltJson(fc.constant({ unk_token: '[UNK]' })),
    text: fc.constantFrom(...TEXTS),
  }),
  (input) =>
    used(
      new Map([
        ['vocab.txt', utf8(input.vocabulary)],
        ['tokenizer_config.json', utf8(input.settings)],
        ['special_tokens_map.json', utf8(input.map)],
      ]),
      { model_type: 'bert', vocab_size: 9, type_vocab_size: 2 },
      input.text,
    ),
);

/** Patterns made of the parts that make patterns slow. */
const part = fc.constantFrom(
  'a',
  'b',
  '.',
  '\\s',
  '\\p{L}',
  '[ab]',
  '[^a]',
  '(?:a|b)',
  '(a)',
  '(?=a)',
  '(?!b)',
  '(?:',
  ')',
  '(',
  ')',
  '|',
  '*',
  '+',
  '?',
  '{2}',
  '{1,3}',
  '{2,}',
  '{1,99}',
  '\\1',
  '\\b',
  '^',
  '$',
  '[',
  ']',
  '\\',
);
const SLOW_FOR = ['a'.repeat(30), 'ab'.repeat(15), ' '.repeat(30), `${'a'.repeat(28)}!`, 'b a'.repeat(10)];

export const patterns = fuzzTarget(
  'Patterns of tokenizers',
  fc.array(part, { minLength: 1, maxLength: 12 }).map((parts) => parts.join('')),
  async (pattern) => {
    const step = { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false };
    const json = { ...BPE, normalizer: null, pre_tokenizer: step };
    const opened = await outcomeOf(() => loadTokenizer(new Map([['tokenizer.json', utf8(JSON.stringify(json))]]), {}));
    if (!opened.ok) return false;
    // An exponential pattern would take minutes on these: whoever watches for hangs sees it.
    for (const text of SLOW_FOR) {
      const bare = await outcomeOf(() => opened.value.bare(text));
      // A split moves borders between pieces; none of these letters is merged or unknown, but for the blanks.
      if (bare.ok) holds(bare.value.length <= text.length, 'a split makes a text longer');
    }
    return true;
  },
);
