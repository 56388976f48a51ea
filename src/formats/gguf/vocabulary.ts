/** The tokens of a GGUF file's metadata, checked, and what of them every kind of tokenizer.json needs. */
import type { GgufMetadata } from './metadata';

/** `enum llama_token_type`. */
export const TokenType = { normal: 1, unknown: 2, control: 3, userDefined: 4, unused: 5, byte: 6 } as const;

/** What the metadata says about tokens, checked. */
export interface GgufVocabulary {
  metadata: GgufMetadata;
  tokens: readonly string[];
  /** A `TokenType` for each token. */
  types: ArrayLike<number>;
  /** Ids by their names in the metadata (`bos`, `eos`, `unknown`, `padding`, `eot` …); those that are there. */
  ids: ReadonlyMap<string, number>;
}

const ROLES = ['bos', 'eos', 'unknown', 'padding', 'seperator', 'cls', 'mask', 'eot', 'eom'];

/** Throws `bad-model` for a list of tokens that is missing or does not fit its ids and types. */
export function readVocabulary(metadata: GgufMetadata): GgufVocabulary {
  const tokens =
    metadata.texts('tokenizer.ggml.tokens') ??
    metadata.fail('`tokenizer.ggml.tokens` is missing: the file brings no tokenizer.');
  const types =
    metadata.numbers('tokenizer.ggml.token_type', tokens.length) ??
    new Uint8Array(tokens.length).fill(TokenType.normal);
  const ids = new Map<string, number>();
  for (const role of ROLES) {
    const key = `tokenizer.ggml.${role}_token_id`;
    const id = metadata.number(key);
    // Converters write −1 (as an unsigned number) where a model has no such token.
    if (id === null || id === 0xffffffff) continue;
    if (!Number.isInteger(id) || id < 0 || id >= tokens.length)
      metadata.fail(`\`${key}\` is ${id}, outside the ${tokens.length} tokens.`);
    ids.set(role, id);
  }
  return { metadata, tokens, types, ids };
}

/**
 * Tokens that are found as a whole before anything else is cut: control tokens, those with a role, and those a person
 * added.
 */
export function addedTokens({ tokens, types, ids }: GgufVocabulary): Record<string, unknown>[] {
  const roles = new Set(ids.values());
  return tokens.flatMap((content, id) => {
    const special = types[id] === TokenType.control || types[id] === TokenType.unknown || roles.has(id);
    if (content === '' || (!special && types[id] !== TokenType.userDefined)) return [];
    return [{ id, content, single_word: false, lstrip: false, rstrip: false, normalized: false, special }];
  });
}

/** Id of each token's text; of equal texts the first counts. */
export function vocabularyOf(tokens: readonly string[]): Map<string, number> {
  const vocabulary = new Map<string, number>();
  tokens.forEach((token, id) => {
    if (!vocabulary.has(token)) vocabulary.set(token, id);
  });
  return vocabulary;
}

/** A post-processor that puts the beginning and end tokens around a text, or null when neither is asked for. */
export function templateOf(
  { metadata, tokens, ids }: GgufVocabulary,
  defaults: { bos: boolean },
): Record<string, unknown> | null {
  const around = (role: 'bos' | 'eos', byDefault: boolean): number | undefined =>
    (metadata.flag(`tokenizer.ggml.add_${role}_token`) ?? byDefault) ? ids.get(role) : undefined;
  const [bos, eos] = [around('bos', defaults.bos), around('eos', false)];
  const used = [bos, eos].filter((id) => id !== undefined);
  if (used.length === 0) return null;
  const item = (id: number | undefined): unknown[] =>
    id === undefined ? [] : [{ SpecialToken: { id: tokens[id], type_id: 0 } }];
  const one = (sequence: 'A' | 'B'): unknown[] => [
    ...item(bos),
    { Sequence: { id: sequence, type_id: 0 } },
    ...item(eos),
  ];
  return {
    type: 'TemplateProcessing',
    single: one('A'),
    pair: [...one('A'), ...one('B')],
    special_tokens: Object.fromEntries(
      used.map((id) => [tokens[id], { id: tokens[id], ids: [id], tokens: [tokens[id]] }]),
    ),
  };
}
