/** The filters that go through lists. */
import { integer, take } from './arguments';
import { joined, roomForList } from './budget';
import { points } from './characters';
import { Fault, Unsupported } from './errors';
import { calculate } from './math';
import { itemOf } from './objects';
import { printed } from './print';
import { FILTERS, TESTS } from './registry';
import type { Filter } from './registry';
import {
  asText,
  Dict,
  equal,
  hashed,
  iterable,
  iterate,
  Lazy,
  less,
  Markup,
  Tuple,
  truthy,
  typeName,
  Undefined,
} from './values';
import type { Args, Value } from './values';

/** All items, within the budget. */
function gather(value: Value): Value[] {
  const items: Value[] = [];
  for (const item of iterate(value)) {
    items.push(item);
    roomForList(items.length);
  }
  return items;
}

const fold = (value: Value): Value => {
  const text = asText(value);
  return text === null ? value : text.toLowerCase();
};

/** Reads `a.b.0` of an item. */
function getter(attribute: Value, { folds = false, otherwise = null as Value } = {}): (value: Value) => Value {
  const path =
    typeof attribute === 'string'
      ? attribute.split('.').map((part) => (/^\d+$/.test(part) ? Number(part) : part))
      : [attribute];
  return (value) => {
    let found = value;
    for (const part of attribute === null ? [] : path) {
      found = itemOf(found, part);
      if (otherwise !== null && found instanceof Undefined) found = otherwise;
    }
    return folds ? fold(found) : found;
  };
}

function sorted<T>(items: readonly T[], key: (item: T) => Value, reverse: Value): T[] {
  const pairs = items.map((item) => ({ item, key: key(item) }));
  if (truthy(reverse)) pairs.reverse();
  pairs.sort((a, b) => (less(a.key, b.key) ? -1 : less(b.key, a.key) ? 1 : 0));
  if (truthy(reverse)) pairs.reverse();
  return pairs.map(({ item }) => item);
}

function sort(value: Value, args: Args): Value {
  const [reverse = false, sensitive = false, attribute = null] = take(args, 'sort', [
    'reverse?',
    'case_sensitive?',
    'attribute?',
  ]);
  const parts = typeof attribute === 'string' ? attribute.split(',') : [attribute];
  const keys = parts.map((part) => getter(part, { folds: !truthy(sensitive) }));
  return sorted(gather(value), (item) => keys.map((key) => key(item)), reverse);
}

function dictSort(value: Value, args: Args): Value {
  const [sensitive = false, by = 'key', reverse = false] = take(args, 'dictsort', [
    'case_sensitive?',
    'by?',
    'reverse?',
  ]);
  if (by !== 'key' && by !== 'value') throw new Fault('You can only sort by either "key" or "value"');
  if (value instanceof Undefined) value.fail();
  if (!(value instanceof Dict)) throw new Fault(`'${typeName(value)}' object has no attribute 'items'`);
  const pairs = Array.from(value.pairs(), (pair) => new Tuple(pair));
  const place = by === 'key' ? 0 : 1;
  return sorted(
    pairs,
    ({ items }) => (truthy(sensitive) ? (items[place] ?? null) : fold(items[place] ?? null)),
    reverse,
  );
}

function* unique(value: Value, args: Args): Generator<Value, void> {
  const [sensitive = false, attribute = null] = take(args, 'unique', ['case_sensitive?', 'attribute?']);
  const key = getter(attribute, { folds: !truthy(sensitive) });
  const seen = new Set<string>();
  for (const item of iterate(value)) {
    const hash = hashed(key(item));
    if (!seen.has(hash)) yield item;
    seen.add(hash);
  }
}

const extreme =
  (largest: boolean): Filter =>
  (value, args) => {
    const [sensitive = false, attribute = null] = take(args, 'min', ['case_sensitive?', 'attribute?']);
    const key = getter(attribute, { folds: !truthy(sensitive) });
    let best: { item: Value; key: Value } | null = null;
    for (const item of iterate(value)) {
      const one = { item, key: key(item) };
      if (best === null || (largest ? less(best.key, one.key) : less(one.key, best.key))) best = one;
    }
    return best === null ? new Undefined('No aggregated item, sequence was empty.') : best.item;
  };

function groupBy(value: Value, args: Args): Value {
  const [attribute = null, otherwise = null, sensitive = false] = take(args, 'groupby', [
    'attribute',
    'default?',
    'case_sensitive?',
  ]);
  const key = getter(attribute, { folds: !truthy(sensitive), otherwise });
  const shown = getter(attribute, { otherwise });
  const groups: { key: Value; items: Value[] }[] = [];
  for (const item of sorted(gather(value), key, false)) {
    const own = key(item);
    const last = groups.at(-1);
    if (last && equal(last.key, own)) last.items.push(item);
    else groups.push({ key: own, items: [item] });
  }
  return groups.map(
    ({ key: own, items }) => new Tuple([truthy(sensitive) ? own : shown(items[0] ?? null), items], ['grouper', 'list']),
  );
}

function join(value: Value, args: Args): Value {
  const [separator = '', attribute = null] = take(args, 'join', ['d?', 'attribute?']);
  const key = getter(attribute);
  return joined(
    gather(value).map((item) => printed(key(item))),
    printed(separator),
  );
}

function sum(value: Value, args: Args): Value {
  const [attribute = null, start = 0] = take(args, 'sum', ['attribute?', 'start?']);
  if (asText(start) !== null) throw new Fault("sum() can't sum strings");
  const key = getter(attribute);
  let total = start;
  for (const item of iterate(value)) total = calculate('+', total, key(item));
  return total;
}

function first(value: Value): Value {
  const next = iterate(value).next();
  return next.done ? new Undefined('No first item, sequence was empty.') : next.value;
}

function last(value: Value): Value {
  if (value instanceof Lazy) throw new Fault("'generator' object is not reversible");
  const items = gather(value);
  return items.at(-1) ?? (items.length > 0 ? null : new Undefined('No last item, sequence was empty.'));
}

function reverse(value: Value): Value {
  const text = asText(value);
  if (text !== null) {
    const turned = points(text).toReversed().join('');
    return value instanceof Markup ? new Markup(turned) : turned;
  }
  const items = gather(iterable(value)).reverse();
  return value instanceof Lazy ? items : new Lazy(items[Symbol.iterator]());
}

function* map(value: Value, { list, named }: Args): Generator<Value, void> {
  if (!truthy(value)) return;
  let of: (item: Value) => Value;
  const attribute = named.get('attribute');
  if (list.length === 0 && attribute !== undefined) {
    const stray = [...named.keys()].find((name) => name !== 'attribute' && name !== 'default');
    if (stray !== undefined) throw new Fault(`Unexpected keyword argument '${stray}'`);
    of = getter(attribute, { otherwise: named.get('default') ?? null });
  } else {
    const [name, ...rest] = list;
    if (name === undefined) throw new Fault('map requires a filter argument');
    const filter = FILTERS.get(printed(name));
    if (!filter) throw new Fault(`No filter named '${printed(name)}'`);
    of = (item) => filter(item, { list: rest, named });
  }
  for (const item of iterate(value)) yield of(item);
}

/** `select`, `reject` and the two that look at an attribute. */
function* select(value: Value, args: Args, how: { wanted: boolean; attribute: boolean }): Generator<Value, void> {
  if (!truthy(value)) return;
  let rest = [...args.list];
  let of = (item: Value): Value => item;
  if (how.attribute) {
    const name = rest.shift();
    if (name === undefined) throw new Fault('Missing parameter for attribute name');
    of = getter(name);
  }
  const [name] = rest;
  rest = rest.slice(1);
  const test = name === undefined ? truthy : TESTS.get(printed(name));
  if (!test) throw new Fault(`No test named '${printed(name ?? '')}'`);
  for (const item of iterate(value)) if (test(of(item), { list: rest, named: args.named }) === how.wanted) yield item;
}

function* items(value: Value): Generator<Value, void> {
  if (value instanceof Undefined) return;
  if (!(value instanceof Dict)) throw new Fault('Can only get item pairs from a mapping.');
  for (const pair of value.pairs()) yield new Tuple(pair);
}

function* batch(value: Value, args: Args): Generator<Value, void> {
  const [size, fill = null] = take(args, 'batch', ['linecount', 'fill_with?']);
  const count = integer(size, 1);
  let row: Value[] = [];
  for (const item of iterate(value)) {
    if (row.length === count) {
      yield row;
      row = [];
    }
    row.push(item);
  }
  if (row.length === 0) return;
  roomForList(count);
  while (fill !== null && row.length < count) row.push(fill);
  yield row;
}

function* slices(value: Value, args: Args): Generator<Value, void> {
  const [given, fill = null] = take(args, 'slice', ['slices', 'fill_with?']);
  const count = integer(given, 1);
  const all = gather(value);
  if (count === 0) throw new Fault('integer division or modulo by zero');
  if (count < 0) throw new Unsupported('a negative number of slices');
  roomForList(count);
  const size = Math.floor(all.length / count);
  const longer = all.length % count;
  for (let at = 0, from = 0; at < count; at++) {
    const to = from + size + (at < longer ? 1 : 0);
    const part = all.slice(from, to);
    if (fill !== null && at >= longer) part.push(fill);
    from = to;
    yield part;
  }
}

const lazily =
  (of: (value: Value, args: Args) => Generator<Value, void>): Filter =>
  (value, args) =>
    new Lazy(of(value, args));

const one =
  (of: (value: Value) => Value): Filter =>
  (value, args) => {
    take(args, 'filter', []);
    return of(value);
  };

export const LIST_FILTERS: readonly (readonly [string, Filter])[] = [
  ['batch', lazily(batch)],
  ['dictsort', dictSort],
  ['first', one(first)],
  ['groupby', groupBy],
  ['items', lazily(items)],
  ['join', join],
  ['last', one(last)],
  ['list', one(gather)],
  ['map', lazily(map)],
  ['max', extreme(true)],
  ['min', extreme(false)],
  ['reject', lazily((value, args) => select(value, args, { wanted: false, attribute: false }))],
  ['rejectattr', lazily((value, args) => select(value, args, { wanted: false, attribute: true }))],
  ['reverse', one(reverse)],
  ['select', lazily((value, args) => select(value, args, { wanted: true, attribute: false }))],
  ['selectattr', lazily((value, args) => select(value, args, { wanted: true, attribute: true }))],
  ['slice', lazily(slices)],
  ['sort', sort],
  ['sum', sum],
  ['unique', lazily(unique)],
];
