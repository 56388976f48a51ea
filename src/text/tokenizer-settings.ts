/** What the files beside tokenizer.json say about a tokenizer, as transformers heeds them. */
import { isObject, type Json } from '../base/json';
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
    return Array.isArray(list) ? (list as unknown[]) : isObject(list) ? Object.values(list) : [];
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
  const own = Array.isArray(json['added_tokens']) ? (json['added_tokens'] as unknown[]).map(contentOf) : [];
  const known = new Set([...own, ...given.map(({ content }) => content)]);
  const missing = [...named, ...listed].filter((token) => {
    const content = contentOf(token);
    if (known.has(content)) return false;
    known.add(content);
    return true;
  });
  return [...given, ...missing.map((token) => addedToken(token, true))].filter(({ content }) => content !== '');
}

/** Classes of transformers that make their normalizer anew from tokenizer_config.json, whatever tokenizer.json says. */
const BERT_CLASS = /^(?:Bert|DistilBert|Electra|MobileBert)Tokenizer(?:Fast)?$/;
const BERT_MODELS = ['bert', 'distilbert', 'electra', 'mobilebert'];

/** tokenizer.json as transformers uses it: BERT's letter case and accents by tokenizer_config.json, no dropout. */
export function withSettings(json: Json, settings: Json, modelType: unknown): Json {
  const { model, normalizer } = json;
  const changed = { ...json };
  // For training tokenizers; the library would use it on every text.
  if (isObject(model) && model['dropout'] !== undefined) changed['model'] = { ...model, dropout: null };
  if (isObject(normalizer) && normalizer['type'] === 'BertNormalizer')
    changed['normalizer'] = bertNormalizer(normalizer, settings, modelType);
  return changed;
}

function bertNormalizer(normalizer: Json, settings: Json, modelType: unknown): Json {
  const name = settings['tokenizer_class'];
  const named = typeof name === 'string' && BERT_CLASS.test(name);
  const unnamed = typeof name !== 'string' && typeof modelType === 'string' && BERT_MODELS.includes(modelType);
  if (!named && !unnamed) return normalizer;
  const own = named ? { lowercase: true, strip_accents: null, handle_chinese_chars: true } : {};
  const said = {
    lowercase: settings['do_lower_case'],
    strip_accents: settings['strip_accents'],
    handle_chinese_chars: settings['tokenize_chinese_chars'],
  };
  return {
    ...normalizer,
    ...own,
    ...Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)),
  };
}
