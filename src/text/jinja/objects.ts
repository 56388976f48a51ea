/** Attributes and items of values, as Jinja's sandbox gives them out. */
import { integer, take } from './arguments';
import { braces } from './brace-format';
import { roomForList } from './budget';
import { points } from './characters';
import { Fault, Unsupported } from './errors';
import { repr } from './print';
import { REFUSED_STRING_METHODS, STRING_METHODS } from './strings';
import {
  asText,
  Dict,
  equal,
  Float,
  Func,
  iterate,
  Lazy,
  Markup,
  Range,
  Thing,
  Tuple,
  typeName,
  Undefined,
  View,
  isItems,
} from './values';
import type { Args, Value } from './values';

/** What would change a list or a dict: the sandbox lets nobody call it. */
const UNSAFE: Readonly<Record<string, readonly string[]>> = {
  list: ['append', 'clear', 'pop', 'reverse', 'insert', 'sort', 'extend', 'remove'],
  dict: ['clear', 'pop', 'popitem', 'setdefault', 'update'],
};
const NUMBER_ATTRIBUTES: readonly string[] = [
  ...['real', 'imag', 'numerator', 'denominator', 'bit_length', 'bit_count', 'conjugate', 'to_bytes', 'from_bytes'],
  ...['as_integer_ratio', 'is_integer', 'hex', 'fromhex'],
];

/** `value.name`: an attribute, else an item of that name, else undefined. */
export function attributeOf(value: Value, name: string): Value {
  if (value instanceof Undefined) value.fail();
  let found = own(value, name);
  if (found === undefined) found = item(value, name);
  return found === undefined ? missing(value, name) : found;
}

/** `value[at]`: an item, else an attribute of that name, else undefined. */
export function itemOf(value: Value, at: Value): Value {
  if (value instanceof Undefined) value.fail();
  const name = asText(at);
  let found = item(value, at);
  if (found === undefined && name !== null) found = own(value, name);
  return found === undefined ? missing(value, at) : found;
}

function missing(value: Value, name: Value): Undefined {
  return new Undefined(`'${typeName(value)} object' has no attribute ${typeof name === 'string' ? `'${name}'` : 'so'}`);
}

/** A method or an attribute; undefined where there is none. */
function own(value: Value, name: string): Value | undefined {
  if (name.startsWith('__')) return undefined;
  const type = typeName(value);
  if (UNSAFE[type]?.includes(name))
    return new Undefined(`access to attribute '${name}' of '${type}' object is unsafe.`);
  const text = asText(value);
  if (text !== null) return textMethod(value, text, name);
  if (value instanceof Dict) return dictMethod(value, name);
  if (isItems(value)) return listMethod(value, name);
  if (value instanceof Tuple) {
    const at = value.names.indexOf(name);
    return at >= 0 ? value.items[at] : name === 'copy' ? undefined : listMethod(value.items, name);
  }
  if (value instanceof Thing) return value.attribute(name);
  if (
    (typeof value === 'number' || value instanceof Float || typeof value === 'boolean') &&
    NUMBER_ATTRIBUTES.includes(name)
  )
    throw new Unsupported(`"${name}" of a number`);
  if (value instanceof View && (name === 'mapping' || name === 'isdisjoint')) throw new Unsupported(`"${name}"`);
  if (value instanceof Lazy && /^(send|close|throw|gi_)/.test(name)) throw new Unsupported(`"${name}"`);
  if (value instanceof Range) {
    if (name === 'start' || name === 'stop' || name === 'step') return value[name];
    if (name === 'index' || name === 'count') return listMethod([...iterate(value)], name);
  }
  return undefined;
}

function textMethod(value: Value, text: string, name: string): Value | undefined {
  if (name === 'format')
    return new Func((args) => {
      if (value instanceof Markup) throw new Unsupported('format on a text marked as safe');
      return braces(text, args, (of, key, attribute) =>
        attribute ? attributeOf(of, key) : itemOf(of, /^\d+$/.test(key) ? Number(key) : key),
      );
    });
  if (REFUSED_STRING_METHODS.includes(name) || name === 'format_map') throw new Unsupported(`"${name}" of a text`);
  const method = STRING_METHODS.get(name);
  if (!method) return undefined;
  return new Func((args) => {
    if (value instanceof Markup && !name.startsWith('is')) throw new Unsupported(`"${name}" on a text marked as safe`);
    return method(text, args);
  });
}

function dictMethod(dict: Dict, name: string): Value | undefined {
  switch (name) {
    case 'get':
      return new Func((args) => {
        if (args.named.size > 0) throw new Fault('dict.get() takes no keyword arguments');
        const [key = null, otherwise = null] = take(args, 'get', ['key', 'default?']);
        const found = dict.get(key);
        return found === undefined ? otherwise : found;
      });
    case 'keys':
    case 'values':
    case 'items':
      return new Func((args) => {
        take(args, name, []);
        return new View(name, dict);
      });
    case 'copy':
      return new Func((args) => {
        take(args, name, []);
        return dict;
      });
    case 'fromkeys':
      return new Func(fromKeys);
    default:
      return undefined;
  }
}

export function fromKeys(args: Args): Dict {
  const [keys = null, value = null] = take(args, 'fromkeys', ['iterable', 'value?']);
  return new Dict(Array.from(iterate(keys), (key) => [key, value] as const));
}

function listMethod(list: readonly Value[], name: string): Value | undefined {
  switch (name) {
    case 'count':
      return new Func((args) => {
        const [value = null] = take(args, name, ['value']);
        return list.filter((one) => equal(one, value)).length;
      });
    case 'index':
      return new Func((args) => {
        const [value = null, from] = take(args, name, ['value', 'start?']);
        const start = integer(from, 0);
        const at = list.findIndex((one, i) => i >= (start < 0 ? start + list.length : start) && equal(one, value));
        if (at < 0) throw new Fault(`${repr(value)} is not in list`);
        return at;
      });
    case 'copy':
      return new Func((args) => {
        take(args, name, []);
        return list;
      });
    default:
      return undefined;
  }
}

/** An item; undefined where there is none. */
function item(value: Value, at: Value): Value | undefined {
  if (value instanceof Dict) {
    if (isItems(at) || at instanceof Dict) return undefined;
    return value.get(at);
  }
  const index = typeof at === 'boolean' ? Number(at) : at;
  if (typeof index !== 'number') return undefined;
  const text = asText(value);
  if (text !== null) {
    const letter = points(text).at(index);
    return value instanceof Markup && letter !== undefined ? new Markup(letter) : letter;
  }
  if (value instanceof Tuple) return value.items.at(index);
  if (isItems(value)) return value.at(index);
  if (!(value instanceof Range)) return undefined;
  const place = index < 0 ? index + value.length : index;
  return place >= 0 && place < value.length ? value.at(place) : undefined;
}

/** Whether a value has an order to be cut. */
export const isSliceable = (value: Value): boolean =>
  asText(value) !== null || isItems(value) || value instanceof Tuple || value instanceof Range;

/** `value[from:to:step]`. Throws for what has no order. */
export function sliceOf(value: Value, from: Value, to: Value, step: Value): Value {
  if (value instanceof Undefined) value.fail();
  const text = asText(value);
  if (!isSliceable(value)) throw new Fault(`'${typeName(value)}' object is not subscriptable`);
  const stride = step === null ? 1 : integer(step, 1);
  if (stride === 0) throw new Fault('slice step cannot be zero');
  if (text !== null && from === null && to === null && stride === 1) return value;
  if (value instanceof Range) {
    const [start, stop] = bounds(value.length, from, to, stride);
    return new Range(value.at(start), value.at(stop), value.step * stride);
  }
  const all = text !== null ? points(text) : value instanceof Tuple ? value.items : isItems(value) ? value : [];
  const [start, stop] = bounds(all.length, from, to, stride);
  const picked: Value[] = [];
  for (let at = start; stride < 0 ? at > stop : at < stop; at += stride) picked.push(all[at] ?? null);
  if (text !== null) {
    const cut = picked.map((letter) => asText(letter) ?? '').join('');
    return value instanceof Markup ? new Markup(cut) : cut;
  }
  roomForList(picked.length);
  return value instanceof Tuple ? new Tuple(picked) : picked;
}

/** Where a slice begins and ends within so many items. */
function bounds(length: number, from: Value, to: Value, step: number): [number, number] {
  const clamp = (value: Value, otherwise: number): number => {
    if (value === null) return otherwise;
    const at = integer(value, 0);
    const low = step < 0 ? -1 : 0;
    return Math.max(low, Math.min(step < 0 ? length - 1 : length, at < 0 ? at + length : at));
  };
  return [clamp(from, step < 0 ? length - 1 : 0), clamp(to, step < 0 ? -1 : length)];
}

/** A namespace: its attributes can be set. */
export class Namespace extends Thing {
  readonly type = 'Namespace';
  private readonly attributes: Dict;

  constructor(args: Args) {
    super();
    this.attributes = dictOf(args);
    for (const name of this.attributes.keys()) this.check(name);
  }

  private check(name: Value): void {
    if (asText(name)?.startsWith('_')) throw new Fault('Chat templates cannot store underscore-prefixed attributes');
  }

  set(name: string, value: Value): void {
    this.check(name);
    this.attributes.set(name, value);
  }

  override attribute(name: string): Value | undefined {
    return this.attributes.get(name);
  }

  override shown(): string {
    return `<Namespace ${repr(this.attributes)}>`;
  }
}

/** Python's `dict(…)`. */
export function dictOf({ list, named }: Args): Dict {
  if (list.length > 1) throw new Fault('dict expected at most 1 argument');
  const [first] = list;
  const dict = new Dict(first instanceof Dict ? first.pairs() : []);
  if (first !== undefined && !(first instanceof Dict))
    for (const pair of iterate(first)) {
      const [key, value, ...more] = [...iterate(pair)];
      if (key === undefined || value === undefined || more.length > 0)
        throw new Fault('dictionary update sequence element has length other than 2');
      dict.set(key, value);
    }
  for (const [name, value] of named) dict.set(name, value);
  return dict;
}
