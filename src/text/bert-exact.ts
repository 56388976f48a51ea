/** Parts for @huggingface/tokenizers 0.2 that treat text exactly as the Rust library does where the original does not, and faster. */
import { Normalizer, WordPiece } from '@huggingface/tokenizers';

/** The ranges that BERT calls CJK: ideographs, not kana, not Hangul. */
const CJK = /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;
/** Removed: U+0000, U+FFFD and the category Other (control, format, private use, surrogate, unassigned) but for tab and line ends. */
const UNWANTED = /[^\P{C}\t\n\r]|\ufffd/gu;
const WHITE_SPACE = /\p{White_Space}/gu;
const MARKS = /\p{Mn}/gu;
const PLAIN = /^[\x20-\x7e]*$/;
const FINAL_SIGMA = /\u03a3/;

interface BertNormalizerConfig {
  clean_text?: boolean;
  handle_chinese_chars?: boolean;
  strip_accents?: boolean | null;
  lowercase?: boolean;
}

/**
 * `BertNormalizer`. The library's own one misses ideographs beyond U+FFFF, keeps unassigned characters, and lower-cases a final capital
 * sigma by its place in the word, which the Rust library does not.
 */
export class ExactBertNormalizer extends Normalizer {
  private readonly settings: Required<BertNormalizerConfig>;

  constructor(config: BertNormalizerConfig) {
    super({ type: 'BertNormalizer' });
    const lowercase = config.lowercase ?? true;
    this.settings = {
      clean_text: config.clean_text ?? true,
      handle_chinese_chars: config.handle_chinese_chars ?? true,
      strip_accents: config.strip_accents ?? lowercase,
      lowercase,
    };
  }

  override normalize(text: string): string {
    const { clean_text: clean, handle_chinese_chars: chinese, strip_accents: strip, lowercase } = this.settings;
    if (PLAIN.test(text)) return lowercase ? text.toLowerCase() : text;
    let result = text;
    if (clean) result = result.replace(UNWANTED, '').replace(WHITE_SPACE, ' ');
    if (chinese) result = result.replace(CJK, ' $& ');
    if (strip) result = result.normalize('NFD').replace(MARKS, '');
    if (lowercase) result = FINAL_SIGMA.test(result) ? Array.from(result, (character) => character.toLowerCase()).join('') : result.toLowerCase();
    return result;
  }
}

interface WordPieceConfig {
  unk_token: string;
  continuing_subword_prefix: string;
  max_input_chars_per_word: number;
  vocab: Record<string, number>;
}

/** Words whose pieces are remembered; then the memory starts anew. */
const CACHE_WORDS = 50_000;

/** `WordPiece` with the pieces of each word remembered: texts repeat their words. */
export class CachedWordPiece extends WordPiece {
  private readonly cache = new Map<string, string[]>();

  constructor(config: WordPieceConfig) {
    super({ type: 'WordPiece', ...config });
  }

  override encode(words: string[]): string[] {
    const pieces: string[] = [];
    for (const word of words) for (const piece of this.piecesOf(word)) pieces.push(piece);
    return pieces;
  }

  private piecesOf(word: string): string[] {
    const known = this.cache.get(word);
    if (known) return known;
    const pieces = super.encode([word]);
    if (this.cache.size >= CACHE_WORDS) this.cache.clear();
    this.cache.set(word, pieces);
    return pieces;
  }
}

