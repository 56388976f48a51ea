/** Numbers that JSON has no form for (a metric may be NaN, a time left infinite) travel as `{"number": "NaN"}`. */
import * as z from 'zod/mini';

/** Any number that a computer has. */
export const anyNumber = z.union([z.number(), z.nan(), z.literal(Infinity), z.literal(-Infinity)]);

/** Replacer for `JSON.stringify`. */
export const packNumbers = (_: string, value: unknown): unknown =>
  typeof value === 'number' && !Number.isFinite(value) ? { number: String(value) } : value;

/** Reviver for `JSON.parse`. */
export const unpackNumbers = (_: string, value: unknown): unknown => {
  const named =
    typeof value === 'object' && value !== null && Object.keys(value).length === 1
      ? (value as { number?: unknown }).number
      : undefined;
  return typeof named === 'string' ? Number(named) : value;
};
