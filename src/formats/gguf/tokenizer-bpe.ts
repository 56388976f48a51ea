/**
 * Byte-level BPE from GGUF metadata as tokenizer.json: vocabulary, merges, and the way in which the named pre-tokenizer
 * cuts a text.
 */
import { isObject } from '../../base/json';
import type { Json } from '../../base/json';
import { addedTokens, templateOf, vocabularyOf } from './vocabulary';
import type { GgufVocabulary } from './vocabulary';

interface Style {
  /** Values of `tokenizer.ggml.pre` that cut in this way (llama.cpp, src/llama-vocab.cpp). */
  names: string[];
  normalizer: Json | null;
  cuts: Json[];
  /** Words of the vocabulary are taken whole, before any merge. */
  ignoreMerges: boolean;
  /** Whether a text begins with the beginning token unless the metadata says otherwise. */
  bos: boolean;
}

const split = (pattern: string): Json => ({
  type: 'Split',
  pattern: { Regex: pattern },
  behavior: 'Isolated',
  invert: false,
});
const byteLevel = (cutting: boolean): Json => ({
  type: 'ByteLevel',
  add_prefix_space: false,
  trim_offsets: true,
  use_regex: cutting,
});

/** The pattern of GPT-2. */
const GPT2_WORDS = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";
/** The pattern that Llama 3 and Qwen share but for how many digits stay together. */
const modernWords = (digits: string): string =>
  `(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|${digits}| ` +
  '?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+';

const STYLES: readonly Style[] = [
  {
    names: ['gpt-2', 'phi-2', 'mpt', 'olmo', 'jais', 'trillion', 'roberta-bpe', 'gigachat'],
    normalizer: null,
    cuts: [byteLevel(true)],
    ignoreMerges: false,
    bos: false,
  },
  {
    names: ['smollm', 'starcoder', 'refact', 'command-r', 'codeshell', 'exaone', 'minerva-7b'],
    normalizer: null,
    cuts: [{ type: 'Digits', individual_digits: true }, byteLevel(true)],
    ignoreMerges: false,
    bos: false,
  },
  {
    names: ['llama-bpe', 'llama3', 'llama-v3', 'falcon3', 'falcon-h1', 'midm-2.0', 'lfm2'],
    normalizer: null,
    cuts: [split(modernWords('\\p{N}{1,3}')), byteLevel(false)],
    ignoreMerges: true,
    bos: true,
  },
  {
    names: ['dbrx', 'smaug-bpe', 'glm4', 'chatglm-bpe'],
    normalizer: null,
    cuts: [split(modernWords('\\p{N}{1,3}')), byteLevel(false)],
    ignoreMerges: false,
    bos: false,
  },
  {
    names: ['qwen2', 'deepseek-r1-qwen', 'stablelm2', 'megrez', 'hunyuan'],
    normalizer: { type: 'NFC' },
    cuts: [split(modernWords('\\p{N}')), byteLevel(false)],
    ignoreMerges: false,
    bos: false,
  },
  {
    // What llama.cpp falls back to where the converter did not know the tokenizer.
    names: ['default'],
    normalizer: null,
    cuts: [
      split('[\\p{P}\\$\\+<=>\\^~\\|]+'),
      split(GPT2_WORDS),
      split('\\p{N}+'),
      split('[0-9][0-9][0-9]'),
      byteLevel(false),
    ],
    ignoreMerges: false,
    bos: false,
  },
];

const joined = (cuts: readonly Json[]): unknown =>
  cuts.length === 1 ? cuts[0] : { type: 'Sequence', pretokenizers: cuts };

/** Throws `bad-model` for missing merges, `unsupported` naming a pre-tokenizer that is not known. */
export function byteLevelTokenizer(vocabulary: GgufVocabulary): Json {
  const { metadata, tokens } = vocabulary;
  const name = metadata.text('tokenizer.ggml.pre') ?? 'default';
  const style =
    STYLES.find(({ names }) => names.includes(name)) ??
    metadata.refuse(
      `its tokenizer cuts texts in the way “${name}”, which is not known.`,
      `Known are ${STYLES.flatMap(({ names }) => names).join(', ')}.`,
    );
  const merges = metadata.texts('tokenizer.ggml.merges') ?? metadata.fail('`tokenizer.ggml.merges` is missing.');
  const template = templateOf(vocabulary, { bos: style.bos });
  const bytes = { type: 'ByteLevel', add_prefix_space: true, trim_offsets: false, use_regex: true };
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens(vocabulary),
    normalizer: style.normalizer,
    pre_tokenizer: joined(style.cuts),
    post_processor: template === null ? bytes : { type: 'Sequence', processors: [bytes, template] },
    decoder: bytes,
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: null,
      continuing_subword_prefix: '',
      end_of_word_suffix: '',
      fuse_unk: false,
      byte_fallback: false,
      ignore_merges: style.ignoreMerges,
      vocab: Object.fromEntries(vocabularyOf(tokens)),
      merges: merges.map((merge) => {
        // A piece never holds a space: byte-level BPE writes it as another character.
        const space = merge.indexOf(' ', 1);
        return space > 0
          ? [merge.slice(0, space), merge.slice(space + 1)]
          : metadata.fail(`\`tokenizer.ggml.merges\` holds ${JSON.stringify(merge)}, which is no pair.`);
      }),
    },
  };
}

/** What of a part decides how texts are cut. */
function essence(part: unknown): unknown {
  if (!isObject(part)) return null;
  switch (part['type']) {
    case 'Split':
      return [part['pattern'], part['behavior'], part['invert'] === true];
    case 'Digits':
      return ['digits', part['individual_digits'] === true];
    case 'ByteLevel':
      return ['bytes', part['add_prefix_space'] === true, part['use_regex'] !== false];
    case 'Sequence':
      return Array.isArray(part['pretokenizers']) && part['pretokenizers'].length === 1
        ? essence(part['pretokenizers'][0])
        : ((part['pretokenizers'] ?? part['normalizers'] ?? []) as unknown[]).map(essence);
    default:
      return part['type'];
  }
}

/** What llama.cpp calls the way in which a tokenizer.json cuts texts, or null when it has no name for it. */
export function preTokenizerName(json: Readonly<Json>): string | null {
  const { model, normalizer, pre_tokenizer: cuts } = json;
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(essence(a)) === JSON.stringify(essence(b));
  const style = STYLES.find(
    ({ normalizer: own, cuts: ownCuts, ignoreMerges }) =>
      same(own, normalizer) &&
      same(joined(ownCuts), cuts) &&
      ignoreMerges === (isObject(model) && model['ignore_merges'] === true),
  );
  return style?.names[0] ?? null;
}
