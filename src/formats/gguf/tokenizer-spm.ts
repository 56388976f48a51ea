/**
 * SentencePiece's BPE from GGUF metadata as tokenizer.json: the order of merges comes from the scores of the pieces.
 */
import type { Json } from '../../base/json';
import { addedTokens, templateOf, TokenType, vocabularyOf } from './vocabulary';
import type { GgufVocabulary } from './vocabulary';

/** SentencePiece writes spaces as this character. */
const SPACE = '\u2581';

/**
 * Every way to put a piece together from two others, the pieces with higher scores first: SentencePiece always joins
 * the two neighbours whose piece has the highest score (transformers, `generate_merges`).
 */
function mergesOf(
  vocabulary: ReadonlyMap<string, number>,
  scores: ArrayLike<number>,
  types: ArrayLike<number>,
): [string, string][] {
  const merges: { left: string; right: string; score: number }[] = [];
  for (const [piece, id] of vocabulary) {
    if (types[id] !== TokenType.normal && types[id] !== TokenType.userDefined) continue;
    const characters = Array.from(piece);
    let left = '';
    for (const character of characters.slice(0, -1)) {
      left += character;
      const right = piece.slice(left.length);
      if (vocabulary.has(left) && vocabulary.has(right)) merges.push({ left, right, score: scores[id] ?? 0 });
    }
  }
  return merges
    .sort((a, b) => b.score - a.score || b.left.length - a.left.length || b.right.length - a.right.length)
    .map(({ left, right }) => [left, right]);
}

/**
 * Words may be done one by one, which is faster, when no piece reaches over the border before a space: then no merge
 * can.
 */
function wordsOf(tokens: readonly string[], types: ArrayLike<number>): Json | null {
  const crosses = tokens.some((token, id) => types[id] === TokenType.normal && /[^\u2581]\u2581/u.test(token));
  return crosses
    ? null
    : { type: 'Split', pattern: { Regex: `${SPACE}*[^${SPACE}]+|${SPACE}+` }, behavior: 'Isolated', invert: false };
}

/** Throws `bad-model` for missing scores or a missing unknown token. */
export function sentencePieceTokenizer(vocabulary: GgufVocabulary): Json {
  const { metadata, tokens, types, ids } = vocabulary;
  const scores =
    metadata.numbers('tokenizer.ggml.scores', tokens.length) ?? metadata.fail('`tokenizer.ggml.scores` is missing.');
  const unknown = ids.get('unknown') ?? Array.from(types).indexOf(TokenType.unknown);
  if (unknown < 0) metadata.fail('the vocabulary has no unknown token.');
  const prefix = metadata.flag('tokenizer.ggml.add_space_prefix') ?? true;
  const pieces = vocabularyOf(tokens);
  const spaces = { type: 'Replace', pattern: { String: ' ' }, content: SPACE };
  const decoders = [
    { type: 'Replace', pattern: { String: SPACE }, content: ' ' },
    { type: 'ByteFallback' },
    { type: 'Fuse' },
    ...(prefix ? [{ type: 'Strip', content: ' ', start: 1, stop: 0 }] : []),
  ];
  return {
    version: '1.0',
    truncation: null,
    padding: null,
    added_tokens: addedTokens(vocabulary),
    normalizer: prefix ? { type: 'Sequence', normalizers: [{ type: 'Prepend', prepend: SPACE }, spaces] } : spaces,
    pre_tokenizer: wordsOf(tokens, types),
    post_processor: templateOf(vocabulary, { bos: true }),
    decoder: { type: 'Sequence', decoders },
    model: {
      type: 'BPE',
      dropout: null,
      unk_token: tokens[unknown],
      continuing_subword_prefix: null,
      end_of_word_suffix: null,
      fuse_unk: true,
      byte_fallback: true,
      ignore_merges: false,
      vocab: Object.fromEntries(pieces),
      merges: mergesOf(pieces, scores, types),
    },
  };
}
