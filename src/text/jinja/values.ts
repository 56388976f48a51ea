/**
 * What templates compute with: Python's values. None is null; whole numbers are JavaScript numbers, those with a point
 * `Float`; lists are arrays, which nothing changes once they are made.
 */
import { spend } from './budget';
import { countPoints, orderTexts, points } from './characters';
import { Fault, Unsupported } from './errors';

export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | Float
  | Markup
  | Tuple
  | Dict
  | View
  | Range
  | Lazy
  | Undefined
  | Thing;

/** A list of the template language. */
export const isItems = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);

export class Float {
  constructor(readonly value: number) {}
}

/** A text that `safe` or `escape` marked for HTML; only joining it with others differs. */
export class Markup {
  constructor(readonly text: string) {}
}

export class Tuple {
  /** @param names of its places, for named tuples */
  constructor(
    readonly items: readonly Value[],
    readonly names: readonly string[] = [],
  ) {}
}

/** A dict's keys, values or items. */
export class View {
  constructor(
    readonly of: 'keys' | 'values' | 'items',
    readonly dict: Dict,
  ) {}

  items(): Value[] {
    const pairs = [...this.dict.pairs()];
    if (this.of === 'items') return pairs.map((pair) => new Tuple(pair));
    return pairs.map(([key, value]) => (this.of === 'keys' ? key : value));
  }
}

export class Range {
  readonly length: number;

  constructor(
    readonly start: number,
    readonly stop: number,
    readonly step: number,
  ) {
    this.length = Math.max(0, Math.ceil((stop - start) / step));
  }

  at(index: number): number {
    return this.start + index * this.step;
  }
}

/** A generator: gone through once. */
export class Lazy {
  constructor(readonly iterator: Iterator<Value>) {}
}

export class Undefined {
  /** @param message what is raised when more is done with it than printing */
  constructor(readonly message: string) {}

  fail(): never {
    throw new Fault(this.message);
  }
}

/** Arguments of a call. */
export interface Args {
  list: readonly Value[];
  named: ReadonlyMap<string, Value>;
}

/** Everything else: functions, macros, loops, namespaces. */
export abstract class Thing {
  /** Python's name of its type. */
  abstract readonly type: string;
  /** As printed; null where Python prints an address. */
  shown(): string | null {
    return null;
  }
  /** The attribute, or undefined. */
  abstract attribute(name: string): Value | undefined;
  /** What a call gives; null for what cannot be called. */
  readonly call: ((args: Args) => Value) | null = null;
}

export class Func extends Thing {
  readonly type = 'function';
  override readonly call: (args: Args) => Value;

  constructor(call: (args: Args) => Value) {
    super();
    this.call = call;
  }

  attribute(): undefined {
    return undefined;
  }
}

/** A dict; keys are equal as in Python (1, 1.0 and True are one). */
export class Dict {
  private readonly entries = new Map<string, readonly [Value, Value]>();

  constructor(pairs: Iterable<readonly [Value, Value]> = []) {
    for (const [key, value] of pairs) this.set(key, value);
  }

  get size(): number {
    return this.entries.size;
  }

  get(key: Value): Value | undefined {
    return this.entries.get(hashed(key))?.[1];
  }

  set(key: Value, value: Value): void {
    const hash = hashed(key);
    this.entries.set(hash, [this.entries.get(hash)?.[0] ?? key, value]);
  }

  pairs(): Iterable<readonly [Value, Value]> {
    return this.entries.values();
  }

  keys(): Value[] {
    return Array.from(this.entries.values(), ([key]) => key);
  }
}

/** The same for equal values. Throws for those that Python cannot hash. */
export function hashed(value: Value): string {
  if (value === null) return 'None';
  if (typeof value === 'string') return `"${value}`;
  if (value instanceof Markup) return `"${value.text}`;
  const number = asNumber(value);
  if (number !== null) return String(number);
  if (value instanceof Tuple) return `(${value.items.map((item) => JSON.stringify(hashed(item))).join()}`;
  if (value instanceof Undefined) return 'undefined';
  if (isItems(value) || value instanceof Dict) throw new Fault(`unhashable type: '${typeName(value)}'`);
  throw new Unsupported(`a ${typeName(value)} as a key`);
}

/** Of numbers, and of booleans as 1 and 0; else null. */
export function asNumber(value: Value): number | null {
  if (typeof value === 'number') return value;
  if (typeof value === 'boolean') return value ? 1 : 0;
  return value instanceof Float ? value.value : null;
}

/** The text of a string, marked as safe or not; else null. */
export function asText(value: Value): string | null {
  return typeof value === 'string' ? value : value instanceof Markup ? value.text : null;
}

/** Whole, and small enough to be exact. */
export function whole(value: number): number {
  if (!Number.isSafeInteger(value)) throw new Unsupported('whole numbers beyond 2^53');
  return value + 0;
}

export function typeName(value: Value): string {
  if (value === null) return 'NoneType';
  if (typeof value === 'boolean') return 'bool';
  if (typeof value === 'number') return 'int';
  if (typeof value === 'string') return 'str';
  if (value instanceof Float) return 'float';
  if (value instanceof Markup) return 'Markup';
  if (value instanceof Tuple) return 'tuple';
  if (value instanceof Dict) return 'dict';
  if (value instanceof View) return `dict_${value.of}`;
  if (value instanceof Range) return 'range';
  if (value instanceof Lazy) return 'generator';
  if (value instanceof Undefined) return 'Undefined';
  return value instanceof Thing ? value.type : 'list';
}

export function truthy(value: Value): boolean {
  if (value === null || value instanceof Undefined) return false;
  const number = asNumber(value);
  if (number !== null) return number !== 0;
  return value instanceof Thing || value instanceof Lazy ? true : lengthOf(value) !== 0;
}

/** Throws where Python's `len` does. */
export function lengthOf(value: Value): number {
  const text = asText(value);
  if (text !== null) return countPoints(text);
  if (value instanceof Tuple) return value.items.length;
  if (value instanceof Dict) return value.size;
  if (value instanceof View) return value.dict.size;
  if (value instanceof Range) return value.length;
  if (value instanceof Undefined) return 0;
  if (isItems(value)) return value.length;
  const length = value instanceof Thing ? value.attribute('length') : undefined;
  if (typeof length === 'number') return length;
  throw new Fault(`object of type '${typeName(value)}' has no len()`);
}

/** Goes through a value as Python's `iter` does, a step an item. Throws for what cannot be gone through. */
export function* iterate(value: Value): Generator<Value, void> {
  if (value instanceof Range) {
    for (let at = 0; at < value.length; at++) {
      spend();
      yield value.at(at);
    }
    return;
  }
  const iterator = value instanceof Lazy ? value.iterator : itemsOf(value)[Symbol.iterator]();
  for (;;) {
    spend();
    const next = iterator.next();
    if (next.done) return;
    yield next.value;
  }
}

/** Throws at once for what cannot be gone through; see `iterate`. */
export function iterable(value: Value): Value {
  if (!(value instanceof Lazy) && !(value instanceof Range)) itemsOf(value);
  return value;
}

function itemsOf(value: Value): readonly Value[] {
  const text = asText(value);
  if (text !== null) return points(text);
  if (value instanceof Tuple) return value.items;
  if (value instanceof Dict) return value.keys();
  if (value instanceof View) return value.items();
  if (value instanceof Undefined) return [];
  if (isItems(value)) return value;
  throw new Fault(`'${typeName(value)}' object is not iterable`);
}

export function equal(a: Value, b: Value): boolean {
  spend();
  if (a === b) return true;
  const [left, right] = [asNumber(a), asNumber(b)];
  if (left !== null || right !== null) return left === right;
  const text = asText(a);
  if (text !== null) return text === asText(b);
  if (a instanceof Undefined) return b instanceof Undefined;
  if (a instanceof Tuple) return b instanceof Tuple && sameItems(a.items, b.items);
  if (isItems(a)) return isItems(b) && sameItems(a, b);
  if (a instanceof Range && b instanceof Range) return sameItems([...iterate(a)], [...iterate(b)]);
  if (a instanceof View && b instanceof View && a.of !== 'values') throw new Unsupported('comparing dict views');
  if (!(a instanceof Dict) || !(b instanceof Dict) || a.size !== b.size) return false;
  for (const [key, value] of a.pairs()) {
    const other = b.get(key);
    if (other === undefined || !equal(value, other)) return false;
  }
  return true;
}

const sameItems = (a: readonly Value[], b: readonly Value[]): boolean =>
  a.length === b.length && a.every((item, at) => equal(item, b[at] ?? null));

/** Whether `a < b`. Throws for values that have no order. */
export function less(a: Value, b: Value, orEqual = false): boolean {
  spend();
  if (a instanceof Undefined) a.fail();
  if (b instanceof Undefined) b.fail();
  const [left, right] = [asNumber(a), asNumber(b)];
  if (left !== null && right !== null) return orEqual ? left <= right : left < right;
  const [one, other] = [asText(a), asText(b)];
  if (one !== null && other !== null) return orderTexts(one, other) < (orEqual ? 1 : 0);
  const lists = a instanceof Tuple && b instanceof Tuple ? [a.items, b.items] : [a, b];
  const [first, second] = lists;
  if (isItems(first) && isItems(second)) {
    const longer = second;
    for (const [at, item] of first.entries()) {
      if (at >= longer.length) return false;
      if (!equal(item, longer[at] ?? null)) return less(item, longer[at] ?? null, orEqual);
    }
    return orEqual || first.length < second.length;
  }
  throw new Fault(`'<' not supported between instances of '${typeName(a)}' and '${typeName(b)}'`);
}
