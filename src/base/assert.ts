/** Checks of what the code itself guarantees; a failure is a defect of ours, not of the input. */
import { TabtuneError } from './errors';

/** Throws an `internal` error when `condition` does not hold. */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) throw new TabtuneError('internal', `Internal check failed: ${message}`);
}

/**
 * The value, or an `internal` error naming what was missing: for places of arrays and the like that are known to be
 * filled.
 */
export function must<T>(value: T | null | undefined, what = 'a value'): T {
  if (value === null || value === undefined)
    throw new TabtuneError('internal', `Internal check failed: ${what} is missing`);
  return value;
}
