/** The methods of Python's str. */
import { integer, take } from './arguments';
import { joined, roomForList, roomForText } from './budget';
import { countPoints, points, strip, unitsOf } from './characters';
import { Fault, Unsupported } from './errors';
import { padded } from './number-format';
import { asText, iterate, Tuple, typeName, Undefined } from './values';
import type { Args, Value } from './values';
import { rsplit, split, splitLines } from './split';

/** What a method makes of a text and its arguments. */
type Method = (text: string, args: Args) => Value;

function textOf(value: Value | undefined): string {
  const text = value === undefined ? null : asText(value);
  if (text === null) throw new Fault(`must be str, not ${value === undefined ? 'nothing' : typeName(value)}`);
  return text;
}

/** A method without arguments. */
const plain =
  (of: (text: string) => Value): Method =>
  (text, args) => {
    take(args, 'method', []);
    return of(text);
  };

/** Whether there is a letter, and every one is of the kind. */
const all = (kind: RegExp): Method => plain((text) => text !== '' && points(text).every((letter) => kind.test(letter)));

const cased = (want: RegExp, reject: RegExp): Method => plain((text) => want.test(text) && !reject.test(text));

const stripped =
  (ends: 'left' | 'right' | 'both'): Method =>
  (text, args) => {
    const [chars = null] = take(args, 'strip', ['chars?']);
    return strip(text, chars === null ? null : textOf(chars), ends);
  };

const filled =
  (align: '<' | '>' | '^'): Method =>
  (text, args) => {
    const [width, fill = ' '] = take(args, 'justify', ['width', 'fillchar?']);
    if (countPoints(textOf(fill)) !== 1) throw new Fault('The fill character must be exactly one character long');
    const size = integer(width, 0);
    // Python puts the odd space of `center` to the left where the width is odd.
    const odd = align === '^' && (size - countPoints(text)) % 2 === 1 && size % 2 === 1 && size > countPoints(text);
    if (odd) return padded(`${textOf(fill)}${text}`, { width: size, fill: textOf(fill), align });
    return padded(text, { width: size, fill: textOf(fill), align });
  };

/** Where a text is found, in code points; -1 where it is not. */
const found =
  (last: boolean, strict: boolean): Method =>
  (text, args) => {
    const [part, from, to] = take(args, 'find', ['sub', 'start?', 'end?']);
    const [inside, offset] = window(text, from, to);
    const at = inside === null ? -1 : last ? inside.lastIndexOf(textOf(part)) : inside.indexOf(textOf(part));
    if (at < 0 && strict) throw new Fault('substring not found');
    return at < 0 || inside === null ? -1 : countPoints(inside.slice(0, at)) + offset;
  };

/** The part between two places, and where it begins; null where it begins behind the end. */
function window(text: string, from: Value | undefined, to: Value | undefined): [string | null, number] {
  if ((from ?? null) === null && (to ?? null) === null) return [text, 0];
  const length = countPoints(text);
  const place = (value: Value | undefined, otherwise: number): number => {
    const at = (value ?? null) === null ? otherwise : integer(value, otherwise);
    return at < 0 ? Math.max(0, at + length) : at;
  };
  const [start, stop] = [place(from, 0), Math.min(length, place(to, length))];
  return [start > length || start > stop ? null : text.slice(unitsOf(text, start), unitsOf(text, stop)), start];
}

const edge =
  (at: 'start' | 'end'): Method =>
  (text, args) => {
    const [given, from, to] = take(args, 'startswith', ['prefix', 'start?', 'end?']);
    const [inside] = window(text, from, to);
    const parts = given instanceof Tuple ? given.items : [given];
    return parts.some((part) => {
      const one = textOf(part);
      return inside !== null && (at === 'start' ? inside.startsWith(one) : inside.endsWith(one));
    });
  };

const partitioned =
  (last: boolean): Method =>
  (text, args) => {
    const [separator] = take(args, 'partition', ['sep']).map(textOf);
    if (!separator) throw new Fault('empty separator');
    const at = last ? text.lastIndexOf(separator) : text.indexOf(separator);
    if (at < 0) return new Tuple(last ? ['', '', text] : [text, '', '']);
    return new Tuple([text.slice(0, at), separator, text.slice(at + separator.length)]);
  };

/** Python's `replace`, at most `count` times. */
export function replaced(text: string, old: string, by: string, count = -1): string {
  if (count < 0) {
    if (old !== '') {
      let times = 0;
      for (let at = text.indexOf(old); at >= 0; at = text.indexOf(old, at + old.length)) times++;
      roomForText(text.length + times * (by.length - old.length));
      return text.split(old).join(by);
    }
    roomForText(text.length + (text.length + 1) * by.length);
  }
  const parts = old === '' ? ['', ...points(text), ''] : text.split(old);
  const cuts = count < 0 ? parts.length - 1 : Math.min(count, parts.length - 1);
  roomForText(text.length + cuts * by.length);
  return cuts === 0
    ? text
    : parts.slice(0, cuts + 1).join(by) +
        parts
          .slice(cuts + 1)
          .map((part) => old + part)
          .join('');
}

export function capitalized(text: string): string {
  const [first = '', ...rest] = points(text);
  return titled(first) + rest.join('').toLowerCase();
}

/** A letter as words begin: the double letters have a form of their own for it. */
const titled = (letter: string): string => {
  const double = DOUBLE.get(letter.toLowerCase());
  if (double !== undefined) return double;
  const upper = letter.toUpperCase();
  return upper.length > letter.length ? upper.slice(0, 1) + upper.slice(1).toLowerCase() : upper;
};
const DOUBLE: ReadonlyMap<string, string> = new Map([
  ['\u01c6', '\u01c5'],
  ['\u01c9', '\u01c8'],
  ['\u01cc', '\u01cb'],
  ['\u01f3', '\u01f2'],
]);

const CASED = /[\p{Lowercase}\p{Uppercase}\p{Lt}]/u;

function title(text: string): string {
  let inside = false;
  return points(text)
    .map((letter) => {
      const isCased = CASED.test(letter);
      const made = !isCased ? letter : inside ? letter.toLowerCase() : titled(letter);
      inside = isCased;
      return made;
    })
    .join('');
}

function joinedBy(separator: string, args: Args): string {
  const [value] = take(args, 'join', ['iterable']);
  const texts: string[] = [];
  for (const item of iterate(value ?? null)) {
    const text = asText(item);
    if (text === null) throw new Fault(`sequence item ${texts.length}: expected str instance, ${typeName(item)} found`);
    texts.push(text);
    roomForList(texts.length);
  }
  return joined(texts, separator);
}

function expandTabs(text: string, args: Args): string {
  const size = integer(take(args, 'expandtabs', ['tabsize?'])[0], 8);
  let column = 0;
  const parts: string[] = [];
  for (const letter of points(text)) {
    const width = letter === '\t' ? (size > 0 ? size - (column % size) : 0) : 1;
    roomForText(width);
    parts.push(letter === '\t' ? ' '.repeat(width) : letter);
    column = letter === '\n' || letter === '\r' ? 0 : column + width;
  }
  return joined(parts);
}

const zeroFilled: Method = (text, args) =>
  padded(text, { width: integer(take(args, 'zfill', ['width'])[0], 0), fill: '0', align: '=' });

const SUPERSCRIPT = /[\p{Nd}\u00b2\u00b3\u00b9\u2070-\u2079\u2080-\u2089\u2460-\u2468\u2474-\u247c\u2488-\u2490]/u;

export const STRING_METHODS: ReadonlyMap<string, Method> = new Map<string, Method>([
  ['capitalize', plain(capitalized)],
  ['casefold', plain((text) => text.toLowerCase().replaceAll('ß', 'ss'))],
  ['center', filled('^')],
  ['count', counted],
  ['endswith', edge('end')],
  ['expandtabs', expandTabs],
  ['find', found(false, false)],
  ['index', found(false, true)],
  ['isalnum', all(/[\p{L}\p{N}]/u)],
  ['isalpha', all(/\p{L}/u)],
  ['isascii', plain((text) => /^[\x00-\x7f]*$/.test(text))],
  ['isdecimal', all(/\p{Nd}/u)],
  ['isdigit', all(SUPERSCRIPT)],
  ['isidentifier', plain((text) => /^[\p{ID_Start}_][\p{ID_Continue}]*$/u.test(text))],
  ['islower', cased(/\p{Lowercase}/u, /[\p{Uppercase}\p{Lt}]/u)],
  ['isnumeric', all(/\p{N}/u)],
  ['isprintable', plain((text) => !/[\p{C}\p{Z}]/u.test(text.replaceAll(' ', '')))],
  ['isspace', plain((text) => text !== '' && strip(text, null, 'left') === '')],
  ['istitle', plain((text) => CASED.test(text) && title(text) === text)],
  ['isupper', cased(/\p{Uppercase}/u, /[\p{Lowercase}\p{Lt}]/u)],
  ['join', joinedBy],
  ['ljust', filled('<')],
  ['lower', plain((text) => text.toLowerCase())],
  ['lstrip', stripped('left')],
  ['partition', partitioned(false)],
  ['removeprefix', removed(true)],
  ['removesuffix', removed(false)],
  ['replace', replacing],
  ['rfind', found(true, false)],
  ['rindex', found(true, true)],
  ['rjust', filled('>')],
  ['rpartition', partitioned(true)],
  ['rsplit', (text, args) => rsplit(text, ...splitArgs(args))],
  ['rstrip', stripped('right')],
  ['split', (text, args) => split(text, ...splitArgs(args))],
  ['splitlines', (text, args) => splitLines(text, take(args, 'splitlines', ['keepends?'])[0] === true)],
  ['startswith', edge('start')],
  ['strip', stripped('both')],
  ['swapcase', plain((text) => points(text).map(swapped).join(''))],
  ['title', plain(title)],
  ['upper', plain((text) => text.toUpperCase())],
  ['zfill', zeroFilled],
]);

/** Methods that give something else than text, or are of no use in a template. */
export const REFUSED_STRING_METHODS: readonly string[] = ['encode', 'maketrans', 'translate'];

const swapped = (letter: string): string =>
  /\p{Uppercase}/u.test(letter) ? letter.toLowerCase() : letter.toUpperCase();

function counted(text: string, args: Args): number {
  const [part, from, to] = take(args, 'count', ['sub', 'start?', 'end?']);
  const [inside] = window(text, from, to);
  if (inside === null) return 0;
  const one = textOf(part);
  return one === '' ? countPoints(inside) + 1 : inside.split(one).length - 1;
}

function removed(front: boolean): Method {
  return (text, args) => {
    const [part = ''] = take(args, 'removeprefix', ['prefix']).map(textOf);
    if (front) return text.startsWith(part) ? text.slice(part.length) : text;
    return part !== '' && text.endsWith(part) ? text.slice(0, -part.length) : text;
  };
}

function replacing(text: string, args: Args): string {
  const [old, by, count] = take(args, 'replace', ['old', 'new', 'count?']);
  return replaced(text, textOf(old), textOf(by), integer(count, -1));
}

function splitArgs(args: Args): [string | null, number] {
  const [separator = null, most] = take(args, 'split', ['sep?', 'maxsplit?']);
  if (separator instanceof Undefined) throw new Unsupported('an undefined separator');
  if (separator === '') throw new Fault('empty separator');
  return [separator === null ? null : textOf(separator), integer(most, -1)];
}
