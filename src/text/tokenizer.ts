/** Text in, token ids out, equal to what transformers gives: special tokens, token types and truncation included. */
import { TabtuneError } from '../base/errors';
import { isObject, type Json } from '../base/json';
import { encoderNamed, ENCODERS } from '../domain/architectures';
import { RustError, RustTokenizer, tokenizersReady } from './rust-tokenizer';
import type { RustEncoding } from './rust-tokenizer';
import { checkSteps, refuse } from './tokenizer-limits';
import { contentOf, mergedSettings, tokensToAdd, withSettings } from './tokenizer-settings';
import { tokenizerFromVocabulary } from './wordpiece-vocabulary';

export { tokenizersReady };

export interface Encoded {
  ids: Int32Array;
  /** Token types, of the same length; all 0 for models without them. */
  typeIds: Int32Array;
  truncated: boolean;
}

/** Tokens of a text alone, and where they begin and end in it, in units of UTF-16. */
export interface Located {
  ids: Int32Array;
  starts: Int32Array;
  ends: Int32Array;
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
  /** The same with their places. */
  locate(text: string): Located;
  /** Id of a token as the vocabulary spells it, or null. */
  idOf(token: string): number | null;
  /** How the vocabulary spells a token. */
  spell(id: number): string;
  /** Text of ids; without special tokens if asked. */
  decode(ids: readonly number[], skipSpecial: boolean): string;
  /** The same tokens, spelled out. */
  tokens(text: string, pair: string | null, maxLength: number): { tokens: TokenRow[]; truncated: boolean };
}

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
 * config.json. Padding and truncation stored in tokenizer.json are ignored; callers say how long a text may be. Await
 * `tokenizersReady()` before. Throws `missing-file` when there is neither file and `bad-tokenizer` for one that cannot
 * be used.
 */
export function loadTokenizer(files: ReadonlyMap<string, Uint8Array>, config: Json): TextTokenizer {
  const beside = {
    own: readJson(files, 'tokenizer_config.json'),
    special: readJson(files, 'special_tokens_map.json'),
    added: readJson(files, 'added_tokens.json'),
  };
  const settings = mergedSettings(beside);
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
  const longestText = checkSteps(json);
  const sections = { version: '1.0', normalizer: null, pre_tokenizer: null, post_processor: null, decoder: null };
  const whole = { added_tokens: [], ...sections, ...withSettings(json, settings, config['model_type']) };
  const text = JSON.stringify({ ...whole, padding: null, truncation: null });
  return new LoadedTokenizer(
    fromFile(() => new RustTokenizer(text, tokensToAdd(json, beside))),
    { settings, config, longestText },
  );
}

/**
 * Throws `bad-tokenizer` when the tokenizer's own vocabulary holds ids for which the model has no embedding. Tokens
 * that were added to it without a new row for them, such as [PAD], are let through: texts that hold one are refused.
 */
export function checkVocabulary(tokenizer: TextTokenizer, config: Json): void {
  const rows = config['vocab_size'];
  if (typeof rows !== 'number' || tokenizer.vocabularySize <= rows) return;
  const added = new Set(tokenizer.addedTokens.map((token) => tokenizer.idOf(token)));
  const beyond = Array.from({ length: tokenizer.vocabularySize - rows }, (_, i) => rows + i);
  if (beyond.every((id) => added.has(id) || tokenizer.idOf(tokenizer.spell(id)) === null)) return;
  throw new TabtuneError(
    'bad-tokenizer',
    `The tokenizer knows ${tokenizer.vocabularySize} tokens, but the model has embeddings for ${rows} only.`,
    {
      place: { file: 'tokenizer.json' },
      fix: 'Tokenizer and weights are from different models: take both from the same folder.',
    },
  );
}

/** What the library throws over the parts of a file, or over a text, becomes `bad-tokenizer`. */
function fromFile<T>(work: () => T): T {
  try {
    return work();
  } catch (cause) {
    if (!(cause instanceof RustError)) throw cause;
    if (cause.kind === 'no-room')
      throw new TabtuneError('bad-config', `The length leaves no room beside ${cause.message} special tokens.`, {
        fix: 'Choose a longer maximum length.',
      });
    if (/^Onig: .*limit/.test(cause.message)) refuse('a pattern of it takes too long over this text.');
    return bad('tokenizer.json', `it cannot be used: ${cause.message}`, cause);
  }
}

/** Words, numbers, signs, line ends and several scripts: a file that cannot be used is refused when it is opened. */
const PROBE = 'Hello, World 123!\n\t“été”  日本語 \ud83d\ude00';
const LARGEST_ID = 0xffffff;
const MOST_TOKENS = 0x7fffffff;

class LoadedTokenizer implements TextTokenizer {
  readonly vocabularySize: number;
  readonly padId: number;
  readonly usesTypeIds: boolean;
  readonly addedTokens: readonly string[];
  private readonly cutLeft: boolean;
  /** Ids from here on have no embedding. */
  private readonly rows: number;

  constructor(
    private readonly inner: RustTokenizer,
    private readonly facts: { settings: Json; config: Json; longestText: number },
  ) {
    const { settings, config } = facts;
    const largest = fromFile(() => inner.largestId());
    if (largest < 0) bad('tokenizer.json', 'the vocabulary is empty.');
    if (largest > LARGEST_ID) bad('tokenizer.json', `${largest} is no token id.`);
    this.vocabularySize = largest + 1;
    this.addedTokens = inner.addedTokens();
    const rows = config['vocab_size'];
    this.rows = typeof rows === 'number' ? rows : Infinity;
    const pad = contentOf(settings['pad_token']);
    this.padId =
      (pad === null ? null : this.idOf(pad)) ??
      (typeof config['pad_token_id'] === 'number' ? config['pad_token_id'] : 0);
    const types = config['type_vocab_size'];
    const encoder = encoderNamed(config['model_type']);
    this.usesTypeIds =
      (encoder === undefined || ENCODERS[encoder].tokenTypes) && typeof types === 'number' && types > 1;
    this.cutLeft = settings['truncation_side'] === 'left';
    this.decode(this.bare(PROBE), true);
    for (const pair of [null, PROBE])
      for (const id of fromFile(() => inner.encode('', pair, { special: true })).ids)
        if (id >= this.vocabularySize || id < 0)
          bad('tokenizer.json', `the special token ${id} is outside the vocabulary.`);
  }

  encode(text: string, pair: string | null, maxLength: number): Encoded {
    const { ids, typeIds, truncated } = this.whole(text, pair, maxLength);
    return { ids, typeIds: this.usesTypeIds ? typeIds : typeIds.fill(0), truncated };
  }

  tokens(text: string, pair: string | null, maxLength: number): { tokens: TokenRow[]; truncated: boolean } {
    const { ids, special, segments, truncated } = this.whole(text, pair, maxLength);
    let segment: 0 | 1 = 0;
    const tokens = Array.from(ids, (id, i): TokenRow => {
      if (segments[i] === 0 || segments[i] === 1) segment = segments[i];
      return { text: this.spell(id), id, special: special[i] === 1, segment };
    });
    return { tokens, truncated };
  }

  bare(text: string): number[] {
    return [...this.checked(() => this.inner.encode(text, null), text).ids];
  }

  locate(text: string): Located {
    const { ids, starts, ends } = this.checked(() => this.inner.encode(text, null, { offsets: true }), text);
    return { ids, starts, ends };
  }

  spell(id: number): string {
    return this.inner.tokenOf(id) ?? `[${id}]`;
  }

  decode(ids: readonly number[], skipSpecial: boolean): string {
    return ids.length === 0 ? '' : fromFile(() => this.inner.decode(ids, skipSpecial));
  }

  idOf(token: string): number | null {
    return this.inner.idOf(token);
  }

  private whole(text: string, pair: string | null, maxLength: number): RustEncoding {
    const options = { special: true, most: Math.min(Math.max(1, maxLength), MOST_TOKENS), cutLeft: this.cutLeft };
    return this.checked(() => this.inner.encode(text, pair, options), text, pair ?? '');
  }

  /** Refuses texts that are too long for the tokenizer's patterns, or that hold tokens without an embedding. */
  private checked(work: () => RustEncoding, ...texts: string[]): RustEncoding {
    const { longestText } = this.facts;
    if (texts.some((text) => text.length > longestText))
      refuse(`its patterns look ahead, which takes too long over texts of more than ${longestText} characters.`);
    const encoding = fromFile(work);
    if (this.vocabularySize > this.rows) {
      const id = encoding.ids.find((each) => each >= this.rows);
      if (id !== undefined)
        bad('tokenizer.json', `the model has no embedding for ${this.spell(id)}, which this text holds.`);
    }
    return encoding;
  }
}
