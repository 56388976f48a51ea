/** Which names parts of a template use. */
import { isObject } from '../../base/json';
import type { Body, Expression } from './nodes';

type Part = Body | Expression;
const USED = new WeakMap<Part, ReadonlySet<string>>();

/** The names that stand anywhere in a body or an expression. */
export function namesUsed(part: Part): ReadonlySet<string> {
  const known = USED.get(part);
  if (known) return known;
  const names = new Set<string>();
  JSON.stringify(part, (_key, value: unknown) => {
    if (isObject(value) && value['kind'] === 'name') names.add(String(value['name']));
    return value;
  });
  USED.set(part, names);
  return names;
}
