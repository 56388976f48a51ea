/** Text in, token ids out, equal to what transformers gives: special tokens, token types and truncation included. */
import { isObject } from '../base/json';
import type { Json } from '../base/json';
import type { Tokenizer } from '@huggingface/tokenizers';
import { TabtuneError } from '../base/errors';
import { encoderNamed, ENCODERS } from '../domain/architectures';
import { largestId, openTokenizer } from './open-tokenizer';
import { longestFirst, readTemplate } from './post-processing';
import type { Template } from './post-processing';
import { tokenizerFromVocabulary } from './wordpiece-vocabulary';

export interface Encoded {
  ids: Int32Array;
  /** Token types, of the same length; all 0 for models without them. */
  typeIds: Int32Array;
  truncated: boolean;
}

/** One token as a person sees it. `segment` says which of the two texts it belongs to. */
export interface TokenRow {
  text: string;
  id: number;
  special: boolean;
  segment: 0 | 1;
}

export interface TextTokenizer {
  /** One more than the largest token id. */
  readonly vocabularySize: number;
  readonly padId: number;
  readonly usesTypeIds: boolean;
  /** Tokens that are found as a whole before anything else is cut, such as `<|im_end|>`. */
  readonly addedTokens: readonly string[];
  /**
   * Ids of one text or a pair with special tokens, at most `maxLength`; of a pair the longer text is cut first. Throws
   * `bad-config` when `maxLength` leaves no room for text.
   */
  encode(text: string, pair: string | null, maxLength: number): Encoded;
  /** Ids of the text alone: special tokens that are written in it are recognised, none is added. */
  bare(text: string): number[];
  /** Id of a token as the vocabulary spells it, or null. */
  idOf(token: string): number | null;
  /** How the vocabulary spells a token. */
  spell(id: number): string;
  /** Text of ids; without special tokens if asked. */
  decode(ids: readonly number[], skipSpecial: boolean): string;
  /** The same tokens, spelled out. */
  tokens(text: string, pair: string | null, maxLength: number): { tokens: TokenRow[]; truncated: boolean };
}

const LONE_SURROGATE = /\p{Surrogate}/gu;

function bad(file: string, what: string, cause?: unknown): never {
  throw new TabtuneError('bad-tokenizer', `${file}: ${what}`, {
    place: { file },
    fix: 'Take the unchanged tokenizer files of the model.',
    cause,
  });
}

function readJson(files: ReadonlyMap<string, Uint8Array>, name: string): Json | null {
  const bytes = files.get(name);
  if (!bytes) return null;
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    return bad(name, 'this is not valid JSON.', cause);
  }
  return isObject(value) ? value : bad(name, 'this is no JSON object.');
}

/**
 * The tokenizer of a model folder, from `tokenizer.json`, else from `vocab.txt` (WordPiece). `config` is the model's
 * config.json. Padding and truncation stored in tokenizer.json are ignored; callers say how long a text may be. Throws
 * `missing-file` when there is neither file and `bad-tokenizer` for one that cannot be used.
 */
export function loadTokenizer(files: ReadonlyMap<string, Uint8Array>, config: Json): TextTokenizer {
  const settings = { ...readJson(files, 'special_tokens_map.json'), ...readJson(files, 'tokenizer_config.json') };
  const vocabulary = files.get('vocab.txt');
  const json =
    readJson(files, 'tokenizer.json') ??
    (vocabulary ? tokenizerFromVocabulary(new TextDecoder().decode(vocabulary), settings) : null);
  if (!json)
    throw new TabtuneError(
      'missing-file',
      'The model has no tokenizer: neither tokenizer.json nor vocab.txt is there.',
      {
        place: { file: 'tokenizer.json' },
        fix:
          'Add tokenizer.json to the folder (in Python: ' +
          '`AutoTokenizer.from_pretrained(folder).save_pretrained(folder)`).',
      },
    );
  return new LoadedTokenizer(json, settings, config);
}

/** Throws `bad-tokenizer` when the tokenizer can produce an id for which the model has no embedding. */
export function checkVocabulary(tokenizer: TextTokenizer, config: Json): void {
  const rows = config['vocab_size'];
  if (typeof rows !== 'number' || tokenizer.vocabularySize <= rows) return;
  throw new TabtuneError(
    'bad-tokenizer',
    `The tokenizer knows ${tokenizer.vocabularySize} tokens, but the model has embeddings for ${rows} only.`,
    {
      place: { file: 'tokenizer.json' },
      fix: 'Tokenizer and weights are from different models: take both from the same folder.',
    },
  );
}

/** What the library throws over the parts of a file becomes `bad-tokenizer`. */
function fromFile<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    return bad('tokenizer.json', `it cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
  }
}

/** Words, numbers, signs, line ends and several scripts: a file that cannot be used is refused when it is opened. */
const PROBE = 'Hello, World 123!\n\t“été”  日本語 \ud83d\ude00';

class LoadedTokenizer implements TextTokenizer {
  readonly vocabularySize: number;
  readonly padId: number;
  readonly usesTypeIds: boolean;
  readonly addedTokens: readonly string[];
  private readonly inner: Tokenizer;
  private readonly template: Template;
  private readonly cutLeft: boolean;

  constructor(json: Json, settings: Json, config: Json) {
    this.template = readTemplate(json['post_processor']);
    this.inner = openTokenizer(json, settings);
    this.vocabularySize = largestId(json) + 1;
    this.addedTokens = Array.from(this.inner.get_added_tokens_decoder().values(), ({ content }) => content).filter(
      (content) => content !== '',
    );
    for (const item of [...this.template.single, ...this.template.pair])
      if (item.kind === 'special' && item.id >= this.vocabularySize)
        bad('tokenizer.json', `the special token ${item.id} is outside the vocabulary.`);
    this.padId =
      this.idOfSetting(settings['pad_token']) ??
      (typeof config['pad_token_id'] === 'number' ? config['pad_token_id'] : 0);
    const types = config['type_vocab_size'];
    const encoder = encoderNamed(config['model_type']);
    this.usesTypeIds =
      (encoder === undefined || ENCODERS[encoder].tokenTypes) && typeof types === 'number' && types > 1;
    this.cutLeft = settings['truncation_side'] === 'left';
    this.decode(this.bare(PROBE), true);
  }

  encode(text: string, pair: string | null, maxLength: number): Encoded {
    const parts: [number[], number[]] = [this.bare(text), pair === null ? [] : this.bare(pair)];
    const items = pair === null ? this.template.single : this.template.pair;
    const added = items.reduce((count, item) => count + (item.kind === 'special' ? 1 : 0), 0);
    const room = maxLength - added;
    if (room < 1)
      throw new TabtuneError('bad-config', `A length of ${maxLength} leaves no room beside ${added} special tokens.`, {
        fix: 'Choose a longer maximum length.',
      });
    const kept = longestFirst(parts[0].length, parts[1].length, room);
    const length = kept[0] + kept[1] + added;
    const ids = new Int32Array(length);
    const typeIds = new Int32Array(length);
    let at = 0;
    for (const item of items) {
      const start = at;
      if (item.kind === 'special') ids[at++] = item.id;
      else {
        const all = parts[item.which];
        const count = kept[item.which];
        ids.set(this.cutLeft ? all.slice(all.length - count) : all.slice(0, count), at);
        at += count;
      }
      if (this.usesTypeIds) typeIds.fill(item.typeId, start, at);
    }
    return { ids, typeIds, truncated: kept[0] + kept[1] < parts[0].length + parts[1].length };
  }

  tokens(text: string, pair: string | null, maxLength: number): { tokens: TokenRow[]; truncated: boolean } {
    const { ids, truncated } = this.encode(text, pair, maxLength);
    const items = pair === null ? this.template.single : this.template.pair;
    const lengths = longestFirst(
      this.bare(text).length,
      pair === null ? 0 : this.bare(pair).length,
      maxLength - items.filter((item) => item.kind === 'special').length,
    );
    const tokens: TokenRow[] = [];
    let segment: 0 | 1 = 0;
    for (const item of items) {
      if (item.kind === 'text') segment = item.which;
      const count = item.kind === 'special' ? 1 : lengths[item.which];
      for (let i = 0; i < count; i++) {
        const id = ids[tokens.length] as number;
        tokens.push({ text: this.spell(id), id, special: item.kind === 'special', segment });
      }
    }
    return { tokens, truncated };
  }

  /** Lone surrogates become U+FFFD, as for any text that passes through UTF-8. */
  bare(text: string): number[] {
    if (text === '') return [];
    const ids = fromFile(
      () => this.inner.encode(text.replace(LONE_SURROGATE, '\ufffd'), { add_special_tokens: false }).ids,
    );
    for (const id of ids)
      if (!(Number.isInteger(id) && id >= 0 && id < this.vocabularySize))
        bad('tokenizer.json', `a text became ${String(id)}, which is no token.`);
    return ids;
  }

  spell(id: number): string {
    return this.inner.id_to_token(id) ?? `[${id}]`;
  }

  decode(ids: readonly number[], skipSpecial: boolean): string {
    return ids.length === 0
      ? ''
      : fromFile(() =>
          this.inner.decode([...ids], { skip_special_tokens: skipSpecial, clean_up_tokenization_spaces: false }),
        );
  }

  idOf(token: string): number | null {
    return this.inner.token_to_id(token) ?? null;
  }

  private idOfSetting(token: unknown): number | null {
    const content = isObject(token) ? token['content'] : token;
    return typeof content === 'string' ? this.idOf(content) : null;
  }
}
