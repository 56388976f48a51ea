/** Arguments by their names or places. */
import { Fault } from './errors';
import { asNumber, Float, typeName } from './values';
import type { Args, Value } from './values';

/** The arguments in the order of `names`, a name ending in `?` may be left out. Throws for others and for too many. */
export function take({ list, named }: Args, what: string, names: readonly string[]): (Value | undefined)[] {
  if (list.length > names.length) throw new Fault(`${what}() takes at most ${names.length} arguments`);
  const plain = names.map((name) => name.replace('?', ''));
  for (const name of named.keys())
    if (!plain.includes(name)) throw new Fault(`${what}() got an unexpected keyword argument '${name}'`);
  return names.map((name, at) => {
    const given = named.get(plain[at] ?? '');
    if (given !== undefined && at < list.length)
      throw new Fault(`${what}() got multiple values for argument '${plain[at] ?? ''}'`);
    const value = list[at] ?? (at < list.length ? null : given);
    if (value === undefined && !name.endsWith('?')) throw new Fault(`${what}() misses the argument '${name}'`);
    return value;
  });
}

/** A whole number (or a boolean, which counts as one). Throws for anything else. */
export function integer(value: Value | undefined, otherwise: number): number {
  if (value === undefined) return otherwise;
  const number = value instanceof Float ? null : asNumber(value);
  if (number === null) throw new Fault(`'${typeName(value)}' object cannot be interpreted as an integer`);
  return number;
}
