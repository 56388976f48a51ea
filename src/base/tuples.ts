/** What types know of tuples, kept through a map. */

/** `items.map(change)` with as many values as there are items. */
export const mapTuple = <const T extends readonly unknown[], U>(
  items: T,
  change: (item: T[number], index: number) => U,
): { -readonly [K in keyof T]: U } => items.map(change) as { -readonly [K in keyof T]: U };
