/** Lets long work breathe: the worker's other messages (a cancel) get a turn now and then. */
import { throwIfCancelled } from '../base/errors';
import { nextTurn } from '../base/turn';

const TURN_MS = 40;

/**
 * Returns a function to be awaited between pieces of work; it yields about every 40 ms and throws `cancelled` when
 * asked to stop.
 */
export function pacer(signal: AbortSignal | undefined): () => Promise<void> {
  let since = performance.now();
  throwIfCancelled(signal);
  return async () => {
    if (performance.now() - since >= TURN_MS) {
      await nextTurn();
      since = performance.now();
    }
    throwIfCancelled(signal);
  };
}
