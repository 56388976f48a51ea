/** What the tests of this folder share: a byte-level tokenizer of a hundred tokens with those of ChatML. */
import { loadTokenizer, tokenizersReady } from '../text/tokenizer';
import type { TextTokenizer } from '../text/tokenizer';

await tokenizersReady();

const bytes = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A byte-level tokenizer with a merge across a border ("\n" and "H"), an end token and ChatML's tokens. */
export function tinyTokenizer(): TextTokenizer {
  const alphabet = ['Ġ', 'Ċ'].concat(Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)));
  // Added tokens have the ids behind the vocabulary's: from 200 on.
  const unused = Array.from({ length: 101 }, (_, i) => `unused${i}`);
  const vocab = Object.fromEntries([...alphabet, 'He', 'll', 'Hell', ...unused].map((token, id) => [token, id]));
  const specials = ['<|im_start|>', '<|im_end|>', '</s>', '<s>'].map((content, i) => ({
    id: 200 + i,
    content,
    special: true,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
  }));
  const json = {
    model: { type: 'BPE', vocab, merges: ['H e', 'l l', 'He ll'], unk_token: null },
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    decoder: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
    added_tokens: specials,
  };
  return loadTokenizer(
    new Map([
      ['tokenizer.json', bytes(json)],
      ['tokenizer_config.json', bytes({ eos_token: '</s>' })],
    ]),
    { vocab_size: 300 },
  );
}
