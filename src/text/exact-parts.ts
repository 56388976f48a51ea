/**
 * Parts for @huggingface/tokenizers 0.2 that treat text exactly as the Rust library does where the original does not,
 * and faster.
 */
import {
  BertNormalizer,
  ByteLevelPreTokenizer,
  DigitsPreTokenizer,
  Normalizer,
  PrecompiledNormalizer,
  SequenceNormalizer,
  SequencePreTokenizer,
  WhitespaceSplitPreTokenizer,
} from '@huggingface/tokenizers';
import type { Tokenizer } from '@huggingface/tokenizers';
import { ExactPrecompiled } from './precompiled';

/** The ranges that BERT calls CJK: ideographs, not kana, not Hangul. */
const CJK =
  /[\u4e00-\u9fff\u3400-\u4dbf\u{20000}-\u{2a6df}\u{2a700}-\u{2b73f}\u{2b740}-\u{2b81f}\u{2b920}-\u{2ceaf}\uf900-\ufaff\u{2f800}-\u{2fa1f}]/gu;
/** Removed: U+0000, U+FFFD, control, format and private-use characters but for tab and line ends. */
const UNWANTED = /(?![\t\n\r])[\p{Cc}\p{Cf}\p{Co}\ufffd]/gu;
const WHITE_SPACE = /\p{White_Space}/gu;
const MARKS = /\p{Mn}/gu;
const PLAIN = /^[\x20-\x7e]*$/;
const CAPITAL_SIGMA = /\u03a3/;

interface BertSettings {
  clean_text?: boolean;
  handle_chinese_chars?: boolean;
  strip_accents?: boolean | null;
  lowercase?: boolean;
}

/**
 * `BertNormalizer`. The library's own one misses ideographs beyond U+FFFF, takes U+FEFF for white space, and
 * lower-cases a capital sigma by its place in the word, which the Rust library does not.
 */
export class ExactBertNormalizer extends Normalizer {
  private readonly settings: Required<BertSettings>;

  constructor(config: BertSettings) {
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
    if (lowercase)
      result = CAPITAL_SIGMA.test(result)
        ? Array.from(result, (character) => character.toLowerCase()).join('')
        : result.toLowerCase();
    return result;
  }
}

/**
 * GPT-2's split of a text into words, with white space as Unicode and the Rust library know it (U+0085 is, U+FEFF is
 * not).
 */
const BYTE_LEVEL_WORDS =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** Numbers of any script are digits to the Rust library (`char::is_numeric`), fractions and Roman numerals included. */
const SINGLE_DIGITS = /\P{N}+|\p{N}/gu;
const DIGIT_RUNS = /\P{N}+|\p{N}+/gu;

const WORDS = /\P{White_Space}+/gu;

/** Puts the exact parts into a tokenizer, those inside sequences included, and lets its model remember words. */
export function makeExact(tokenizer: Tokenizer): void {
  tokenizer.normalizer = exactNormalizer(tokenizer.normalizer);
  const { pre_tokenizer: first } = tokenizer;
  for (const part of first instanceof SequencePreTokenizer ? first.tokenizers : [first]) {
    if (part instanceof ByteLevelPreTokenizer) part.pattern = BYTE_LEVEL_WORDS;
    if (part instanceof DigitsPreTokenizer) part.pattern = part.config.individual_digits ? SINGLE_DIGITS : DIGIT_RUNS;
    if (part instanceof WhitespaceSplitPreTokenizer) part.pre_tokenize_text = (text) => text.match(WORDS) ?? [];
  }
  if (tokenizer.model) rememberWords(tokenizer.model);
}

function exactNormalizer(normalizer: Normalizer | null): Normalizer | null {
  if (normalizer instanceof SequenceNormalizer) normalizer.normalizers = normalizer.normalizers.map(exactNormalizer);
  if (normalizer instanceof BertNormalizer) return new ExactBertNormalizer(normalizer.config);
  if (normalizer instanceof PrecompiledNormalizer)
    return new ExactPrecompiled(normalizer.config as { precompiled_charsmap: string });
  return normalizer;
}

/** Words whose pieces are remembered; then the memory starts anew. */
const REMEMBERED_WORDS = 50_000;

/**
 * Texts repeat their words, so the pieces of each are kept. Doing one word at a time also keeps unknown pieces of
 * neighbouring words apart, as the Rust library does.
 */
function rememberWords(model: NonNullable<Tokenizer['model']>): void {
  const piecesOf = model._call.bind(model);
  const remembered = new Map<string, string[]>();
  model._call = (words) => {
    const pieces: string[] = [];
    for (const word of words) {
      let known = remembered.get(word);
      if (!known) {
        known = piecesOf([word]);
        if (remembered.size >= REMEMBERED_WORDS) remembered.clear();
        remembered.set(word, known);
      }
      for (const piece of known) pieces.push(piece);
    }
    return pieces;
  };
}
