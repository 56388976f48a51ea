/** Filters and tests by name. index.ts fills them in, so that what calls others by their names imports none of them. */
import type { Args, Value } from './values';

export type Filter = (value: Value, args: Args) => Value;
export type Test = (value: Value, args: Args) => boolean;

export const FILTERS = new Map<string, Filter>();
export const TESTS = new Map<string, Test>();
