/** A JSON object whose fields are still to be checked. */
export type Json = Readonly<Record<string, unknown>>;

/** A plain JSON object, not null and not a list. */
export const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** A list whose items are still to be checked; `Array.isArray` would make them `any`. */
export const isList = (value: unknown): value is unknown[] => Array.isArray(value);
