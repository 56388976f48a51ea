/** Lets long work breathe: the worker's other messages (a cancel) get a turn now and then. */
import { throwIfCancelled } from '../base/errors';

const TURN_MS = 40;

/** Returns a function to be awaited between pieces of work; it yields about every 40 ms and throws `cancelled` when asked to stop. */
export function pacer(signal: AbortSignal | undefined): () => Promise<void> | undefined {
  let since = performance.now();
  throwIfCancelled(signal);
  return () => {
    if (performance.now() - since < TURN_MS) {
      throwIfCancelled(signal);
      return undefined;
    }
    return new Promise<void>((resolve) => setTimeout(resolve)).then(() => {
      since = performance.now();
      throwIfCancelled(signal);
    });
  };
}
