/** `'{} and {name}'.format(…)`: Python's str.format. */
import { joined } from './budget';
import { points } from './characters';
import { Fault, Unsupported } from './errors';
import { formatNumber, padded } from './number-format';
import type { Layout } from './number-format';
import { printed, repr } from './print';
import { asNumber, asText, Float, typeName, Undefined } from './values';
import type { Args, Value } from './values';

/** Looks up `.name` (`attribute`) or `[name]` on a value. */
export type Lookup = (value: Value, name: string, attribute: boolean) => Value;

export function braces(template: string, args: Args, lookup: Lookup): string {
  const parts: string[] = [];
  let counted = 0;
  let at = 0;
  let numbered = false;
  const positional = (name: string): Value => {
    if (name !== '') numbered = true;
    const index = name === '' ? counted++ : Number(name);
    if (numbered && counted > 0) throw new Fault('cannot switch between automatic and manual field numbering');
    const value = args.list[index];
    if (value === undefined) throw new Fault('Replacement index out of range for positional args');
    return value;
  };
  while (at < template.length) {
    const next = /[{}]/.exec(template.slice(at, at + 4096));
    if (!next) {
      parts.push(template.slice(at, at + 4096));
      at += 4096;
      continue;
    }
    const brace = at + next.index;
    parts.push(template.slice(at, brace));
    if (template[brace + 1] === template[brace]) {
      parts.push(next[0]);
      at = brace + 2;
      continue;
    }
    const end = template.indexOf('}', brace);
    if (next[0] === '}' || end < 0) throw new Fault(`Single '${next[0]}' encountered in format string`);
    parts.push(field(template.slice(brace + 1, end), args, positional, lookup));
    at = end + 1;
  }
  return joined(parts);
}

const FIELD = /^([^!:{}.[\]]*)((?:\.[^!:{}.[\]]+|\[[^\]{}]+\])*)(?:!([rsa]))?(?::([^{}]*))?$/;

function field(text: string, args: Args, positional: (name: string) => Value, lookup: Lookup): string {
  const [, name, path = '', conversion, specification = ''] = FIELD.exec(text) ?? [];
  if (name === undefined) throw new Unsupported(`the format field {${text}}`);
  let value = /^\d*$/.test(name) ? positional(name) : args.named.get(name);
  if (value === undefined) throw new Fault(`KeyError: '${name}'`);
  for (const [, attribute, item] of path.matchAll(/\.([^.[\]]+)|\[([^\]]+)\]/g))
    value = lookup(value, attribute ?? item ?? '', attribute !== undefined);
  if (conversion === 'a') throw new Unsupported('!a in a format');
  if (conversion !== undefined) value = conversion === 'r' ? repr(value) : printed(value);
  return specified(value, specification);
}

const SPECIFICATION = /^(?:([^])?([<>=^]))?([+\- ])?(#)?(0)?(\d+)?([,_])?(?:\.(\d+))?([bcdeEfFgGnosxX%])?$/u;

function specified(value: Value, text: string): string {
  if (text === '') return printed(value);
  const found = SPECIFICATION.exec(text);
  if (!found) throw new Fault(`Invalid format specifier '${text}'`);
  const [, fill, align, sign, alternate, zero, width, comma = '', precision, type = ''] = found;
  const number = typeof value === 'boolean' && type === '' ? null : asNumber(value);
  const layout: Layout = {
    fill: fill ?? (zero && !align ? '0' : zero ? '0' : ' '),
    align: (align ?? (zero ? '=' : number === null ? '<' : '>')) as Layout['align'],
    sign: sign === '+' || sign === ' ' ? sign : '',
    alternate: alternate !== undefined,
    width: Number(width ?? 0),
    precision: precision === undefined ? null : Number(precision),
    comma,
    type,
  };
  if (number !== null && /^[defFEgG%xXob]?$/.test(type)) {
    const exact = !(value instanceof Float) && /^[dxXob]?$/.test(type);
    if (exact && layout.precision !== null) throw new Fault('Precision not allowed in integer format specifier');
    return formatNumber(number, exact, exact && type === '' ? { ...layout, type: 'd' } : layout);
  }
  const plain = asText(value);
  if (plain === null || number !== null || !/^s?$/.test(type)) {
    if (value instanceof Undefined || number !== null || plain !== null) throw new Unsupported(`the format ${text}`);
    throw new Fault(`unsupported format string passed to ${typeName(value)}.__format__`);
  }
  if (layout.align === '=' || sign !== undefined || comma !== '') throw new Fault(`'${text}' does not fit a text`);
  const cut = layout.precision === null ? plain : points(plain).slice(0, layout.precision).join('');
  return padded(cut, layout);
}
