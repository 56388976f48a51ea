/** Makes the library's tokenizer from a parsed tokenizer.json, with our exact parts where they apply. */
import { isObject } from '../base/json';
import type { Json } from '../base/json';
import { Tokenizer } from '@huggingface/tokenizers';
import { TabtuneError } from '../base/errors';
import { makeExact } from './exact-parts';
import { checkPatterns, checkSteps } from './tokenizer-limits';

type ModelKind = 'WordPiece' | 'BPE' | 'Unigram';

const FILE = 'tokenizer.json';

function bad(what: string, cause?: unknown): never {
  throw new TabtuneError('bad-tokenizer', `${FILE}: ${what}`, {
    place: { file: FILE },
    fix: 'Take the unchanged tokenizer files of the model.',
    cause,
  });
}

/** Files of early versions leave the type out; the fields tell it. */
function kindOf(model: Json): ModelKind {
  const { type } = model;
  if (type === 'WordPiece' || type === 'BPE' || type === 'Unigram') return type;
  if (type !== undefined && type !== null)
    return bad(`the model ${JSON.stringify(type)} is not supported; WordPiece, BPE and Unigram are.`);
  if (model['merges'] !== undefined) return 'BPE';
  return Array.isArray(model['vocab']) ? 'Unigram' : 'WordPiece';
}

const addedTokens = (json: Json): Json[] =>
  Array.isArray(json['added_tokens']) ? json['added_tokens'].filter(isObject) : [];

/**
 * Largest token id of the file. Throws `bad-tokenizer` for a vocabulary that is empty or holds something other than
 * tokens and ids.
 */
export function largestId(json: Json): number {
  const model = isObject(json['model']) ? json['model'] : bad('there is no model.');
  const { vocab } = model;
  let largest = Array.isArray(vocab) ? vocab.length - 1 : -1;
  const ids = isObject(vocab) ? Object.values(vocab) : [];
  for (const { content } of addedTokens(json))
    if (typeof content !== 'string') return bad(`${JSON.stringify(content)} is no token.`);
  for (const id of [...ids, ...addedTokens(json).map((token) => token['id'])]) {
    if (typeof id !== 'number' || !Number.isSafeInteger(id) || id < 0 || id > 0xffffff)
      return bad(`${JSON.stringify(id)} is no token id.`);
    if (id > largest) largest = id;
  }
  return largest < 0 ? bad('the vocabulary is empty.') : largest;
}

/**
 * A tokenizer that gives ids of bare text: special tokens, truncation and padding are left to the caller. Throws
 * `bad-tokenizer`.
 */
export function openTokenizer(json: Json, settings: Json): Tokenizer {
  largestId(json);
  checkSteps(json);
  const model = json['model'] as Json;
  const kind = kindOf(model);
  const unknown = model['unk_token'];
  const vocab = model['vocab'];
  if (kind === 'WordPiece' && !(typeof unknown === 'string' && isObject(vocab) && Object.hasOwn(vocab, unknown)))
    return bad(`the unknown token ${JSON.stringify(unknown)} is not in the vocabulary.`);
  const parts = {
    normalizer: null,
    pre_tokenizer: null,
    decoder: null,
    ...json,
    added_tokens: addedTokens(json),
    post_processor: null,
  };
  let tokenizer: Tokenizer;
  try {
    tokenizer = new Tokenizer({ ...parts, model: { ...model, type: kind } }, settings);
  } catch (cause) {
    return bad(`it cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
  // Before our own parts come in, whose patterns are not from the file.
  checkPatterns([tokenizer.normalizer, tokenizer.pre_tokenizer, tokenizer.decoder]);
  makeExact(tokenizer);
  return tokenizer;
}
