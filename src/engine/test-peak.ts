/** For tests: the most bytes that tensors hold while something runs. */
import * as tf from '@tensorflow/tfjs-core';

/** Bytes beyond those that were held before, at the highest. */
export async function peakBytes(run: () => Promise<unknown>): Promise<number> {
  const { state } = tf.engine();
  const before = state.numBytes;
  let [now, most] = [before, before];
  const field = { configurable: true, enumerable: true };
  Object.defineProperty(state, 'numBytes', {
    ...field,
    get: () => now,
    set: (bytes: number) => {
      now = bytes;
      most = Math.max(most, bytes);
    },
  });
  try {
    await run();
  } finally {
    Object.defineProperty(state, 'numBytes', { ...field, writable: true, value: now });
  }
  return most - before;
}
