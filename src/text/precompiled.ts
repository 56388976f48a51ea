/**
 * SentencePiece's precompiled character map, as the Rust library applies it: XLM-RoBERTa normalizes its texts with one.
 */
import { Normalizer } from '@huggingface/tokenizers';
import { TabtuneError } from '../base/errors';

/** Graphemes of this many UTF-8 bytes or more are mapped character by character. */
const LONG_GRAPHEME = 6;
/** Texts in which every character is a grapheme of its own. */
const SIMPLE = /^[\x20-\x7e\u00a0-\u00ac\u00ae-\u02ff]*$/;

function bad(): never {
  throw new TabtuneError('bad-tokenizer', 'tokenizer.json: the precompiled character map is damaged.', {
    place: { file: 'tokenizer.json' },
    fix: 'Take the unchanged tokenizer.json of the model.',
  });
}

/**
 * `Precompiled`. The map is a double-array trie over UTF-8 bytes (darts-clone) and a block of zero-terminated
 * replacements. The library's own normalizer approximates it by NFKC and differs for joined emoji, among others. Throws
 * `bad-tokenizer` for a damaged map.
 */
export class ExactPrecompiled extends Normalizer {
  private readonly trie: Uint32Array;
  private readonly replacements: Uint8Array;
  private readonly graphemes = new Intl.Segmenter('und', { granularity: 'grapheme' });
  /** What was looked up already: a chunk's replacement, or null when it stays. */
  private readonly known = new Map<string, string | null>();

  constructor(config: { precompiled_charsmap: string }) {
    super({ type: 'Precompiled', precompiled_charsmap: '' });
    const bytes = Uint8Array.from(atob(config.precompiled_charsmap), (character) => character.charCodeAt(0));
    const trieBytes = bytes.length >= 4 ? new DataView(bytes.buffer).getUint32(0, true) : bad();
    if (trieBytes === 0 || trieBytes % 4 !== 0 || 4 + trieBytes > bytes.length) bad();
    this.trie = new Uint32Array(bytes.slice(4, 4 + trieBytes).buffer);
    this.replacements = bytes.subarray(4 + trieBytes);
  }

  override normalize(text: string): string {
    if (SIMPLE.test(text)) return this.byCharacter(text);
    let result = '';
    for (const { segment } of this.graphemes.segment(text)) {
      const whole = new TextEncoder().encode(segment).length < LONG_GRAPHEME ? this.replacement(segment) : null;
      result += whole ?? this.byCharacter(segment);
    }
    return result;
  }

  private byCharacter(text: string): string {
    let result = '';
    for (const character of text) result += this.replacement(character) ?? character;
    return result;
  }

  private replacement(chunk: string): string | null {
    const known = this.known.get(chunk);
    if (known !== undefined) return known;
    const found = this.lookUp(new TextEncoder().encode(chunk));
    this.known.set(chunk, found);
    return found;
  }

  /** The replacement of the shortest prefix that the map holds, as in the Rust library, or null. */
  private lookUp(key: Uint8Array): string | null {
    let at = offsetOf(this.trie[0] ?? bad());
    for (const byte of key) {
      if (byte === 0) return null;
      at ^= byte;
      const unit = this.trie[at] ?? bad();
      // The label, with the bit that marks a value.
      if ((unit & 0x800000ff) >>> 0 !== byte) return null;
      at ^= offsetOf(unit);
      if (unit & 0x100) return this.textAt((this.trie[at] ?? bad()) & 0x7fffffff);
    }
    return null;
  }

  private textAt(start: number): string {
    const end = this.replacements.indexOf(0, start);
    return new TextDecoder().decode(this.replacements.subarray(start, end < 0 ? undefined : end));
  }
}

/** Where a node's children begin, relative to it. */
const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);
