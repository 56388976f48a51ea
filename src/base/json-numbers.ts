/** Numbers that JSON has no form for (a metric may be NaN, a time left infinite) travel as `{"number": "NaN"}`. */

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
