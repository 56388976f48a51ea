/** Writes the GGUF metadata that tokenizer.json amounts to: the way back of tokenizer.ts. */
import { isList, isObject } from '../../base/json';
import type { Json } from '../../base/json';
import { TabtuneError } from '../../base/errors';
import { parseJsonObject } from '../json-file';
import { preTokenizerName } from './tokenizer-bpe';
import { TokenType } from './vocabulary';
import type { GgufEntry } from './write';

const FILE = 'tokenizer.json';

function refuse(message: string): never {
  throw new TabtuneError('unsupported', `A GGUF of this model cannot be written: ${message}`, {
    place: { file: FILE },
    fix: 'Export it as a Hugging Face folder instead.',
  });
}

interface Parts {
  model: Json;
  /** By id; holes are undefined. */
  tokens: (string | undefined)[];
  types: Int32Array;
}

/**
 * Tokens and their types for the `rows` of the embedding; ids without a token become unused ones, as llama.cpp's
 * converter writes them.
 */
function partsOf(json: Json, rows: number, sentencePiece: boolean): Parts {
  const model = isObject(json['model']) ? json['model'] : refuse('tokenizer.json has no model.');
  const vocab = isObject(model['vocab']) ? model['vocab'] : refuse('the vocabulary is no map of tokens to ids.');
  const tokens = new Array<string | undefined>(rows).fill(undefined);
  const types = new Int32Array(rows).fill(TokenType.unused);
  const put = (content: string, id: unknown, type: number): void => {
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 0 || id >= rows)
      refuse(
        `the token ${JSON.stringify(content)} has the id ${JSON.stringify(id)}, but the model has ${rows} embeddings.`,
      );
    tokens[id] = content;
    types[id] = type;
  };
  for (const [token, id] of Object.entries(vocab))
    put(token, id, sentencePiece && /^<0x[0-9A-F]{2}>$/.test(token) ? TokenType.byte : TokenType.normal);
  const added = isList(json['added_tokens']) ? json['added_tokens'].filter(isObject) : [];
  for (const { content, id, special } of added) {
    const unknown = sentencePiece && content === model['unk_token'];
    // Added without a row of the embedding: no text that the model can read holds it.
    const isRowless = typeof id === 'number' && id >= rows;
    if (typeof content === 'string' && !isRowless)
      put(content, id, unknown ? TokenType.unknown : special === true ? TokenType.control : TokenType.userDefined);
  }
  return { model, tokens, types };
}

/** Both forms of a merge in tokenizer.json. */
function mergesOf(model: Json): [string, string][] {
  const merges = isList(model['merges']) ? model['merges'] : refuse('the model has no merges.');
  return merges.map((merge) => {
    const parts: unknown[] =
      typeof merge === 'string'
        ? [merge.slice(0, merge.indexOf(' ', 1)), merge.slice(merge.indexOf(' ', 1) + 1)]
        : isList(merge)
          ? merge
          : [];
    const [left, right] = parts;
    return typeof left === 'string' && typeof right === 'string' && left !== '' && right !== ''
      ? [left, right]
      : refuse(`${JSON.stringify(merge)} is no merge.`);
  });
}

/**
 * Scores that give SentencePiece the order of the merges: of each piece the first merge counts, and what no merge gives
 * comes last.
 */
function scoresOf({ model, tokens, types }: Parts): Float32Array {
  const rank = new Map<string, number>();
  for (const [left, right] of mergesOf(model)) if (!rank.has(left + right)) rank.set(left + right, rank.size);
  return Float32Array.from(tokens, (token, id) =>
    types[id] === TokenType.normal || types[id] === TokenType.userDefined ? -(rank.get(token ?? '') ?? rank.size) : 0,
  );
}

/** Whether a text is put between a beginning and an end token. */
function around(section: unknown): { bos: boolean; eos: boolean } {
  if (!isObject(section)) return { bos: false, eos: false };
  const inner = isList(section['processors']) ? section['processors'].filter(isObject) : [section];
  const template = inner.find(({ type }) => type === 'TemplateProcessing');
  const single = isList(template?.['single']) ? template['single'] : [];
  const special = (item: unknown): boolean => isObject(item) && item['SpecialToken'] !== undefined;
  return { bos: special(single[0]), eos: single.length > 1 && special(single.at(-1)) };
}

/**
 * A SentencePiece tokenizer in tokenizer.json: BPE that falls back to bytes. Whether it prepends a space, or null for a
 * byte-level one.
 */
function spacePrefix(json: Json, model: Json): boolean | null {
  if (model['byte_fallback'] !== true) return null;
  return /"Prepend"|"prepend_scheme":"(?:always|first)"/.test(
    JSON.stringify([json['normalizer'], json['pre_tokenizer']]),
  );
}

const ROLES: [role: string, token: string, id: string][] = [
  ['bos', 'bos_token', 'bos_token_id'],
  ['eos', 'eos_token', 'eos_token_id'],
  ['unknown', 'unk_token', ''],
  ['padding', 'pad_token', 'pad_token_id'],
];

/**
 * Entries for the tokenizer of a merged model. `files` hold tokenizer.json and, if there is one, tokenizer_config.json;
 * `rows` is the number of embeddings. Throws `unsupported` for a tokenizer that llama.cpp has no name for.
 */
export function tokenizerEntries(
  files: ReadonlyMap<string, Uint8Array>,
  config: Json,
  rows: number,
  chatTemplate: string | null,
): [string, GgufEntry][] {
  const file = files.get(FILE) ?? refuse('there is no tokenizer.json.');
  const json = parseJsonObject(file, FILE);
  const settingsFile = files.get('tokenizer_config.json');
  const settings = settingsFile ? parseJsonObject(settingsFile, 'tokenizer_config.json') : {};
  const model = isObject(json['model']) ? json['model'] : {};
  if (model['type'] !== undefined && model['type'] !== 'BPE')
    refuse(`its tokenizer is of the kind ${JSON.stringify(model['type'])}.`);
  const prefix = spacePrefix(json, model);
  const parts = partsOf(json, rows, prefix !== null);
  const ids = ROLES.flatMap(([role, token, field]): [string, GgufEntry][] => {
    const id = idOf(settings[token], parts.tokens) ?? idOf(config[field], parts.tokens);
    return id === null ? [] : [[`${role}_token_id`, { type: 'u32', value: id }]];
  });
  const { bos, eos } = around(json['post_processor']);
  const kind: [string, GgufEntry][] =
    prefix === null
      ? [
          ['model', { type: 'string', value: 'gpt2' }],
          [
            'pre',
            {
              type: 'string',
              value: preTokenizerName(json) ?? refuse('llama.cpp has no name for the way its tokenizer cuts texts.'),
            },
          ],
          ['merges', { type: 'strings', value: mergesOf(parts.model).map((pair) => pair.join(' ')) }],
        ]
      : [
          ['model', { type: 'string', value: 'llama' }],
          ['pre', { type: 'string', value: 'default' }],
          ['scores', { type: 'f32s', value: scoresOf(parts) }],
          ['add_space_prefix', { type: 'bool', value: prefix }],
        ];
  const entries: [string, GgufEntry][] = [
    ...kind,
    ['tokens', { type: 'strings', value: parts.tokens.map((token, id) => token ?? `[PAD${id}]`) }],
    ['token_type', { type: 'i32s', value: parts.types }],
    ...ids,
    ['add_bos_token', { type: 'bool', value: bos }],
    ['add_eos_token', { type: 'bool', value: eos }],
  ];
  return [
    ...entries.map(([key, entry]): [string, GgufEntry] => [`tokenizer.ggml.${key}`, entry]),
    ...(chatTemplate === null
      ? []
      : [['tokenizer.chat_template', { type: 'string', value: chatTemplate }] as [string, GgufEntry]]),
  ];
}

/** Id of a token by its text, by an object around it, or by the id itself (of several the first), if it is there. */
function idOf(value: unknown, tokens: readonly (string | undefined)[]): number | null {
  const first: unknown = isList(value) ? value[0] : isObject(value) ? value['content'] : value;
  const id = typeof first === 'string' ? tokens.indexOf(first) : first;
  return typeof id === 'number' && tokens[id] !== undefined ? id : null;
}
