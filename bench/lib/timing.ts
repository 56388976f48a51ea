/** Rates of repeated work, and the statistics of repeated measurements. */
import { must } from '../../src/base/assert';

/** Rows, columns and depth of the product that matmul rates are measured with. */
export const SIZE = 1024;
const REPETITIONS = 4;

/** GFLOP/s of the fastest of several products of two SIZE × SIZE matrices, after one to warm up. */
export async function bestRate(once: () => Promise<void>): Promise<number> {
  return (2 * SIZE ** 3) / (1e6 * (await leastMs(once)));
}

/** Milliseconds of the fastest of several calls, after one to warm up. */
export async function leastMs(once: () => Promise<void>): Promise<number> {
  await once();
  let least = Infinity;
  for (let i = 0; i < REPETITIONS; i++) {
    const start = performance.now();
    await once();
    least = Math.min(least, performance.now() - start);
  }
  return Math.max(least, 1e-3);
}

/** The middle value; the mean of the two middle ones when their number is even. NaN for none. */
export function median(values: readonly number[]): number {
  if (values.length === 0) return NaN;
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? must(sorted[middle]) : (must(sorted[middle - 1]) + must(sorted[middle])) / 2;
}
