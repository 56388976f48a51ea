/** Where special tokens and token types go around one or two texts, as `post_processor` of tokenizer.json says. */
import { isObject } from '../base/json';
import type { Json } from '../base/json';
import { TabtuneError } from '../base/errors';

/** A special token, or the place of the first (0) or second (1) text. */
export type TemplateItem =
  { kind: 'special'; id: number; typeId: number } | { kind: 'text'; which: 0 | 1; typeId: number };

export interface Template {
  single: readonly TemplateItem[];
  pair: readonly TemplateItem[];
}

function bad(what: string): never {
  throw new TabtuneError('bad-tokenizer', `tokenizer.json: ${what}`, {
    place: { file: 'tokenizer.json' },
    fix: 'Take the unchanged tokenizer.json of the model.',
  });
}

const text = (which: 0 | 1, typeId: number): TemplateItem => ({ kind: 'text', which, typeId });
const special = (id: number, typeId: number): TemplateItem => ({ kind: 'special', id, typeId });

/** Both texts one after the other, nothing around them. */
const BARE: Template = { single: [text(0, 0)], pair: [text(0, 0), text(1, 1)] };

/**
 * Reads the section; null and the kinds that only move offsets add nothing. Throws `bad-tokenizer` for kinds that are
 * not known.
 */
export function readTemplate(section: unknown): Template {
  if (section === null || section === undefined) return BARE;
  if (!isObject(section)) return bad('`post_processor` is no object.');
  switch (section['type']) {
    case 'TemplateProcessing':
      return templateProcessing(section);
    case 'BertProcessing':
      return bertProcessing(section);
    case 'RobertaProcessing':
      return robertaProcessing(section);
    case 'ByteLevel':
      return BARE;
    case 'Sequence': {
      const parts = Array.isArray(section['processors']) ? section['processors'] : [];
      const adding = parts.filter((part) => isObject(part) && part['type'] !== 'ByteLevel');
      return adding.length > 1
        ? bad('`post_processor` adds special tokens in more than one stage.')
        : readTemplate(adding[0]);
    }
    default:
      return bad(`the post-processor ${JSON.stringify(section['type'])} is not known.`);
  }
}

function templateProcessing(section: Json): Template {
  const known = isObject(section['special_tokens']) ? section['special_tokens'] : {};
  const items = (list: unknown): TemplateItem[] =>
    (Array.isArray(list) ? list : bad('a template is no list.')).flatMap((item: unknown): TemplateItem[] => {
      const [kind, value] = isObject(item) ? (Object.entries(item)[0] ?? []) : [];
      if (!isObject(value) || typeof value['id'] !== 'string') return bad('a template holds an unknown item.');
      const typeId = value['type_id'] === 1 ? 1 : 0;
      if (kind === 'Sequence') return [text(value['id'] === 'B' ? 1 : 0, typeId)];
      const token = Object.hasOwn(known, value['id']) ? known[value['id']] : undefined;
      const ids = isObject(token) && Array.isArray(token['ids']) ? token['ids'] : [];
      if (ids.length === 0) return bad(`the template's token ${JSON.stringify(value['id'])} has no id.`);
      return ids.map((id) => special(wholeId(id), typeId));
    });
  return { single: items(section['single']), pair: items(section['pair']) };
}

function wholeId(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : bad('a special token has no id.');
}

function clsAndSep(section: Json): [number, number] {
  const id = (field: string): number => wholeId((section[field] as unknown[] | undefined)?.[1]);
  return [id('cls'), id('sep')];
}

function bertProcessing(section: Json): Template {
  const [cls, sep] = clsAndSep(section);
  const single = [special(cls, 0), text(0, 0), special(sep, 0)];
  return { single, pair: [...single, text(1, 1), special(sep, 1)] };
}

/** RoBERTa puts two separators between the texts and knows one token type. */
function robertaProcessing(section: Json): Template {
  const [cls, sep] = clsAndSep(section);
  const single = [special(cls, 0), text(0, 0), special(sep, 0)];
  return { single, pair: [...single, special(sep, 0), text(1, 0), special(sep, 0)] };
}

/**
 * How many tokens of each text stay when both together may have `room` tokens: the longer one is cut first, as
 * `longest_first` of the `tokenizers` library does.
 */
export function longestFirst(first: number, second: number, room: number): [number, number] {
  if (first + second <= room) return [first, second];
  const swapped = first > second;
  let shorter = swapped ? second : first;
  let longer = shorter > room ? shorter : Math.max(shorter, room - shorter);
  if (shorter + longer > room) {
    shorter = Math.floor(room / 2);
    longer = room - shorter;
  }
  return swapped ? [longer, shorter] : [shorter, longer];
}
