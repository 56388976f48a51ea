/** What the files beside tokenizer.json say about a tokenizer, as transformers heeds them. */
import { isList, isObject, type Json } from '../base/json';
import type { AddedToken } from './rust-tokenizer';

/** The files beside tokenizer.json; null for those that are not there. */
export interface SettingsFiles {
  /** `tokenizer_config.json` */
  own: Json | null;
  /** `special_tokens_map.json` */
  special: Json | null;
  /** `added_tokens.json` */
  added: Json | null;
}

/** In the order in which transformers adds those that the vocabulary lacks. */
const NAMED = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];
const LISTED = ['extra_special_tokens', 'additional_special_tokens'];

/** `added_tokens_decoder` stands for all other files; without it special_tokens_map.json has the last word. */
export const mergedSettings = ({ own, special }: SettingsFiles): Json =>
  own?.['added_tokens_decoder'] !== undefined ? own : { ...own, ...special };

/** A token's text, whether spelled as a text or as an object. */
export function contentOf(token: unknown): string | null {
  const content = isObject(token) ? token['content'] : token;
  return typeof content === 'string' ? content : null;
}

function addedToken(token: unknown, special: boolean): AddedToken {
  const fields = isObject(token) ? token : {};
  const flag = (name: string, otherwise: boolean) => (typeof fields[name] === 'boolean' ? fields[name] : otherwise);
  const isSpecial = special || flag('special', false);
  return {
    content: contentOf(token) ?? '',
    single_word: flag('single_word', false),
    lstrip: flag('lstrip', false),
    rstrip: flag('rstrip', false),
    normalized: flag('normalized', !isSpecial),
    special: isSpecial,
  };
}

const byId = (tokens: readonly [id: number, token: AddedToken][]): AddedToken[] =>
  tokens.toSorted(([a], [b]) => a - b).map(([, token]) => token);

/**
 * The tokens to add to those of tokenizer.json, in order: `added_tokens_decoder`, or added_tokens.json; then special
 * tokens that none of them spells.
 */
export function tokensToAdd(json: Json, files: SettingsFiles): AddedToken[] {
  const settings = mergedSettings(files);
  const named = NAMED.map((name) => settings[name]).filter((token) => contentOf(token) !== null);
  const listed = LISTED.flatMap((name) => {
    const list = settings[name];
    return isList(list) ? list : isObject(list) ? Object.values(list) : [];
  }).filter((token) => contentOf(token) !== null);
  const special = new Set([...named, ...listed].map(contentOf));
  const decoder = settings['added_tokens_decoder'];
  const given = isObject(decoder)
    ? byId(Object.entries(decoder).map(([id, token]) => [Number(id), addedToken(token, special.has(contentOf(token)))]))
    : byId(
        Object.entries(files.added ?? {}).map(([content, id]) => [
          Number(id),
          addedToken(content, special.has(content)),
        ]),
      );
  const own = isList(json['added_tokens']) ? json['added_tokens'].map(contentOf) : [];
  const known = new Set([...own, ...given.map(({ content }) => content)]);
  const missing = [...named, ...listed].filter((token) => {
    const content = contentOf(token);
    if (known.has(content)) return false;
    known.add(content);
    return true;
  });
  return [...given, ...missing.map((token) => addedToken(token, true))].filter(({ content }) => content !== '');
}

/** Classes of transformers that make their parts anew from the vocabulary and tokenizer_config.json. */
const BERT_CLASS = /^(?:Bert|DistilBert|Electra|MobileBert)Tokenizer(?:Fast)?$/;
const BYTE_CLASS = /^(?:GPT2|Roberta)Tokenizer(?:Fast)?$/;
const CLASS_OF_MODEL: Readonly<Record<string, string>> = {
  bert: 'BertTokenizer',
  distilbert: 'DistilBertTokenizer',
  electra: 'ElectraTokenizer',
  mobilebert: 'MobileBertTokenizer',
  gpt2: 'GPT2Tokenizer',
  roberta: 'RobertaTokenizer',
};

/**
 * tokenizer.json as transformers uses it: BERT's parts and the space before byte-level texts by tokenizer_config.json,
 * no dropout.
 */
export function withSettings(json: Json, settings: Json, modelType: unknown): Json {
  const { model } = json;
  const changed: Record<string, unknown> = { ...json };
  // For training tokenizers; the library would use it on every text.
  if (isObject(model) && model['dropout'] !== undefined) changed['model'] = { ...model, dropout: null };
  const name = classOf(settings, modelType);
  if (BERT_CLASS.test(name) && isObject(model) && model['type'] === 'WordPiece') return asBert(changed, settings);
  if (!BYTE_CLASS.test(name) || !isObject(model) || model['type'] !== 'BPE') return changed;
  const prefix = settings['add_prefix_space'] === true;
  const around = name.startsWith('Roberta') ? robertaEnds(model, settings, prefix) : {};
  return { ...changed, pre_tokenizer: withPrefixSpace(json['pre_tokenizer'], prefix), ...around };
}

/** The class that reads the files: the one they name, else the model's own. */
function classOf(settings: Json, modelType: unknown): string {
  const name = settings['tokenizer_class'];
  if (typeof name === 'string') return name;
  return typeof modelType === 'string' ? (CLASS_OF_MODEL[modelType] ?? '') : '';
}

/** Byte-level cutting with a space in front of texts, or without, whatever tokenizer.json says. */
function withPrefixSpace(part: unknown, add: boolean): unknown {
  if (!isObject(part)) return part;
  if (part['type'] === 'ByteLevel') return { ...part, add_prefix_space: add };
  const parts = part['pretokenizers'];
  return isList(parts) ? { ...part, pretokenizers: parts.map((one) => withPrefixSpace(one, add)) } : part;
}

/** A special token with its id, which may not be there. */
function special(model: Json, settings: Json, field: string, usual: string): [token: string, id: unknown] {
  const token = contentOf(settings[field]) ?? usual;
  return [token, isObject(model['vocab']) ? model['vocab'][token] : undefined];
}

const areKnown = (tokens: readonly [string, unknown][]): boolean => tokens.every(([, id]) => typeof id === 'number');

/** What RoBERTa's class puts around texts. */
function robertaEnds(model: Json, settings: Json, prefix: boolean): Json {
  const cls = special(model, settings, 'cls_token', '<s>');
  const sep = special(model, settings, 'sep_token', '</s>');
  const trim = settings['trim_offsets'] !== false;
  return areKnown([cls, sep])
    ? { post_processor: { type: 'RobertaProcessing', sep, cls, trim_offsets: trim, add_prefix_space: prefix } }
    : {};
}

/** BERT's tokenizer as its class makes it from the vocabulary: nothing else of tokenizer.json counts. */
function asBert(json: Record<string, unknown>, settings: Json): Json {
  const model = json['model'] as Json;
  const cls = special(model, settings, 'cls_token', '[CLS]');
  const sep = special(model, settings, 'sep_token', '[SEP]');
  return {
    ...json,
    model: { ...model, unk_token: contentOf(settings['unk_token']) ?? '[UNK]', continuing_subword_prefix: '##' },
    normalizer: {
      type: 'BertNormalizer',
      clean_text: true,
      handle_chinese_chars: settings['tokenize_chinese_chars'] ?? true,
      strip_accents: settings['strip_accents'] ?? null,
      lowercase: settings['do_lower_case'] ?? true,
    },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    ...(areKnown([cls, sep]) ? { post_processor: { type: 'BertProcessing', cls, sep } } : {}),
  };
}
