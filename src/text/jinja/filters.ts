/** Jinja's filters, with transformers' own `tojson`: https://jinja.palletsprojects.com/templates/#builtin-filters */
import { integer, take } from './arguments';
import { roomForText } from './budget';
import { countPoints, points, strip } from './characters';
import { Fault, Unsupported } from './errors';
import { dumps } from './json';
import { escapeHtml } from './math';
import { fixed, padded } from './number-format';
import { parseFloatText, parseInteger } from './numbers';
import { percent } from './percent-format';
import { printed } from './print';
import type { Filter } from './registry';
import { rsplit, splitLines } from './split';
import { capitalized, replaced } from './strings';
import { attributeOf } from './objects';
import {
  asNumber,
  asText,
  Dict,
  Float,
  iterate,
  Lazy,
  lengthOf,
  Markup,
  Tuple,
  truthy,
  typeName,
  Undefined,
  whole,
} from './values';
import type { Args, Value } from './values';

/** What keeps the mark of a safe text. */
const kept = (value: Value, text: string): Value => (value instanceof Markup ? new Markup(text) : text);

const simple =
  (of: (value: Value) => Value): Filter =>
  (value, args) => {
    take(args, 'filter', []);
    return of(value);
  };

/** On the value as text. */
const onText = (of: (text: string) => string): Filter => simple((value) => kept(value, of(printed(value))));

function title(text: string): string {
  return text
    .split(TITLE_BREAKS)
    .map((part) => {
      const [first = '', ...rest] = points(part);
      return first.toUpperCase() + rest.join('').toLowerCase();
    })
    .join('');
}
const TITLE_BREAKS = /([-\s({[<]+)/;

function indent(value: Value, args: Args): Value {
  const [width = 4, first = false, blank = false] = take(args, 'indent', ['width?', 'first?', 'blank?']);
  const text = asText(value);
  if (text === null) {
    if (value instanceof Undefined) value.fail();
    throw new Fault(`unsupported operand type(s) for +=: '${typeName(value)}' and 'str'`);
  }
  const unit = asText(width) ?? ' '.repeat(spaces(width));
  const lines = splitLines(`${text}\n`);
  roomForText(text.length + unit.length * lines.length);
  const inner = lines.map((line, at) => (at > 0 && (line !== '' || truthy(blank)) ? unit + line : line));
  return kept(value, (truthy(first) ? unit : '') + inner.join('\n'));
}

function spaces(width: Value): number {
  const count = integer(width, 4);
  roomForText(count);
  return Math.max(0, count);
}

function truncate(value: Value, args: Args): Value {
  const [length, kill = false, end = '...', leeway] = take(args, 'truncate', [
    'length?',
    'killwords?',
    'end?',
    'leeway?',
  ]);
  const most = integer(length, 255);
  const tail = printed(end);
  const slack = (leeway ?? null) === null ? 5 : integer(leeway, 5);
  if (most < countPoints(tail) || slack < 0) throw new Fault('expected length >= the end');
  if (lengthOf(value) <= most + slack) return value;
  const text = asText(value);
  if (text === null) throw new Fault(`a ${typeName(value)} cannot be cut`);
  const cut = points(text)
    .slice(0, most - countPoints(tail))
    .join('');
  return kept(value, (truthy(kill) ? cut : (rsplit(cut, ' ', 1)[0] ?? '')) + tail);
}

function toInteger(value: Value, args: Args): Value {
  const [otherwise = 0, base] = take(args, 'int', ['default?', 'base?']);
  if (value instanceof Undefined) value.fail();
  const text = asText(value);
  const number = text === null ? asNumber(value) : (parseInteger(text, integer(base, 10)) ?? parseFloatText(text));
  return number === null || !Number.isFinite(number) ? otherwise : whole(Math.trunc(number));
}

function toFloat(value: Value, args: Args): Value {
  const [otherwise = new Float(0)] = take(args, 'float', ['default?']);
  if (value instanceof Undefined) value.fail();
  const text = asText(value);
  const number = text === null ? asNumber(value) : parseFloatText(text);
  return number === null ? otherwise : new Float(number);
}

function round(value: Value, args: Args): Value {
  const [precision, method = 'common'] = take(args, 'round', ['precision?', 'method?']);
  const digits = integer(precision, 0);
  const number = asNumber(value);
  if (value instanceof Undefined) value.fail();
  if (number === null) throw new Fault(`type ${typeName(value)} doesn't define __round__ method`);
  if (digits < 0) throw new Unsupported('rounding to tens');
  if (method === 'common') {
    if (!(value instanceof Float)) return number;
    if (!Number.isFinite(number) || Math.abs(number) >= 1e21) return value;
    const size = Number(fixed(Math.abs(number), digits));
    return new Float(number < 0 || Object.is(number, -0) ? -size : size);
  }
  if (method !== 'ceil' && method !== 'floor') throw new Fault('method must be common, ceil or floor');
  const scaled = number * 10 ** digits;
  return new Float((method === 'ceil' ? Math.ceil(scaled) : Math.floor(scaled)) / 10 ** digits);
}

function fileSize(value: Value, args: Args): string {
  const [binary = false] = take(args, 'filesizeformat', ['binary?']);
  const text = asText(value);
  const bytes = text === null ? asNumber(value) : parseFloatText(text);
  if (bytes === null) throw new Fault(`could not convert to float: a ${typeName(value)}`);
  const base = truthy(binary) ? 1024 : 1000;
  if (bytes === 1) return '1 Byte';
  if (bytes < base) return `${Math.trunc(bytes)} Bytes`;
  const units = truthy(binary) ? 'KiB MiB GiB TiB PiB EiB ZiB YiB' : 'kB MB GB TB PB EB ZB YB';
  const names = units.split(' ');
  const at = names.findIndex((_, i) => i === names.length - 1 || bytes < base ** (i + 2));
  return `${fixed((base * bytes) / base ** (at + 2), 1)} ${names[at] ?? ''}`;
}

function quoteUrl(text: string, slash: boolean): string {
  roomForText(text.length * 9);
  const quoted = encodeURIComponent(text).replace(
    /[!'()*]/g,
    (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return slash ? quoted.replaceAll('%2F', '/') : quoted.replaceAll('%20', '+');
}

function urlEncode(value: Value): string {
  const iterables = value instanceof Dict || value instanceof Tuple || Array.isArray(value) || value instanceof Lazy;
  if (!iterables) return quoteUrl(printed(value), true);
  const pairs = value instanceof Dict ? [...value.pairs()] : Array.from(iterate(value), (pair) => [...iterate(pair)]);
  return pairs
    .map(([key = null, one = null]) => `${quoteUrl(printed(key), false)}=${quoteUrl(printed(one), false)}`)
    .join('&');
}

function formatted(value: Value, { list, named }: Args): Value {
  if (list.length > 0 && named.size > 0)
    throw new Fault("can't handle positional and keyword arguments at the same time");
  return percent(printed(value), named.size > 0 ? new Dict(named) : new Tuple(list));
}

function replace(value: Value, args: Args): Value {
  const [old = null, by = null, count] = take(args, 'replace', ['old', 'new', 'count?']);
  return replaced(printed(value), printed(old), printed(by), (count ?? null) === null ? -1 : integer(count, -1));
}

function trim(value: Value, args: Args): Value {
  const [chars = null] = take(args, 'trim', ['chars?']);
  if (chars !== null && asText(chars) === null) throw new Fault('strip arg must be None or str');
  return kept(value, strip(printed(value), asText(chars), 'both'));
}

function absolute(value: Value): Value {
  const number = asNumber(value);
  if (number === null) throw new Fault(`bad operand type for abs(): '${typeName(value)}'`);
  return value instanceof Float ? new Float(Math.abs(number)) : Math.abs(number);
}

function otherwise(value: Value, args: Args): Value {
  const [given = '', boolean = false] = take(args, 'default', ['default_value?', 'boolean?']);
  return value instanceof Undefined || (truthy(boolean) && !truthy(value)) ? given : value;
}

function attribute(value: Value, args: Args): Value {
  const [name = null] = take(args, 'attr', ['name']);
  // Only attributes count here, and plain dicts and lists have none but their methods.
  const found = attributeOf(value instanceof Dict ? new Dict() : value, printed(name));
  return found;
}

function json(value: Value, args: Args): string {
  return dumps(value, take(args, 'tojson', ['ensure_ascii?', 'indent?', 'separators?', 'sort_keys?']));
}

const left = (name: string): [string, Filter] => [
  name,
  () => {
    throw new Unsupported(`the filter "${name}"`);
  },
];
const escape: Filter = simple((value) => (value instanceof Markup ? value : new Markup(escapeHtml(printed(value)))));
const length: Filter = simple(lengthOf);

export const TEXT_FILTERS: readonly (readonly [string, Filter])[] = [
  ['abs', simple(absolute)],
  ['attr', attribute],
  ['capitalize', onText(capitalized)],
  [
    'center',
    (value, args) =>
      kept(
        value,
        padded(printed(value), { width: integer(take(args, 'center', ['width?'])[0], 80), fill: ' ', align: '^' }),
      ),
  ],
  ['count', length],
  ['d', otherwise],
  ['default', otherwise],
  ['e', escape],
  ['escape', escape],
  ['filesizeformat', fileSize],
  ['float', toFloat],
  ['forceescape', simple((value) => new Markup(escapeHtml(printed(value))))],
  ['format', formatted],
  ['indent', indent],
  ['int', toInteger],
  ['length', length],
  ['lower', onText((text) => text.toLowerCase())],
  ['replace', replace],
  ['round', round],
  ['safe', simple((value) => new Markup(printed(value)))],
  ['string', simple((value) => (value instanceof Markup ? value : printed(value)))],
  ['title', onText(title)],
  ['tojson', json],
  ['trim', trim],
  ['truncate', truncate],
  ['upper', onText((text) => text.toUpperCase())],
  ['urlencode', simple(urlEncode)],
  ['wordcount', simple((value) => printed(value).match(/[\p{L}\p{N}_]+/gu)?.length ?? 0)],
  ...['pprint', 'random', 'striptags', 'urlize', 'wordwrap', 'xmlattr'].map(left),
];
