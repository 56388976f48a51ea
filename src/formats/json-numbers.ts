/** Numbers that JSON has no form for (a metric may be NaN, a time left infinite) travel as `{"number": "NaN"}`. */
import type { StrictJson } from './strict-json';

/** Replacer for `JSON.stringify`. */
export const packNumbers = (_: string, value: unknown): unknown => (typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value);

/** Reviver for `JSON.parse`. */
export const unpackNumbers = (_: string, value: unknown): unknown => {
  const named = typeof value === 'object' && value !== null && Object.keys(value).length === 1 ? (value as { number?: unknown }).number : undefined;
  return typeof named === 'string' ? Number(named) : value;
};

/** Strictly read JSON as plain values: objects without a prototype, numbers as such. */
export function plainJson(value: StrictJson): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plainJson);
  if (!(value instanceof Map)) return value;
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, entry] of value) object[key] = plainJson(entry);
  return unpackNumbers('', object);
}
