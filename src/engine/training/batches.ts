/** Order and padding of batches: seeded, grouped by length so that little is spent on padding. */
import { SeededRandom } from '../../base/random';
import type { TokenBatch } from '../models/architecture';
import type { EncodedExample } from '../types';

/** Padded lengths are multiples of this, so that few different shapes occur. */
const LENGTH_STEP = 4;

/**
 * Batches of one epoch as lists of example indices: shuffled, then sorted by length within windows of several batches,
 * then the batches shuffled again. The windows are transformers' (LengthGroupedSampler): at most 50 batches and a
 * quarter of the rows.
 */
export function epochBatches(lengths: ArrayLike<number>, batchSize: number, seed: number, epoch: number): number[][] {
  const random = new SeededRandom(seed, `batches of epoch ${epoch}`);
  const order = random.shuffle(Array.from(lengths, (_, i) => i));
  const windowBatches = Math.max(1, Math.min(50, Math.floor(order.length / (batchSize * 4))));
  const window = windowBatches * batchSize;
  const batches: number[][] = [];
  for (let start = 0; start < order.length; start += window) {
    const sorted = order.slice(start, start + window).sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0));
    for (let at = 0; at < sorted.length; at += batchSize) batches.push(sorted.slice(at, at + batchSize));
  }
  return random.shuffle(batches);
}

/** Batches for evaluation: longest first, so that memory peaks at once. */
export function sortedBatches(lengths: ArrayLike<number>, batchSize: number): number[][] {
  const order = Array.from(lengths, (_, i) => i).sort((a, b) => (lengths[b] ?? 0) - (lengths[a] ?? 0));
  const batches: number[][] = [];
  for (let at = 0; at < order.length; at += batchSize) batches.push(order.slice(at, at + batchSize));
  return batches;
}

/**
 * Pads examples to a common length, at most `maxPositions`.
 * @param exactly no longer than the longest: where nothing is kept for a shape, and nothing counts by it as dropout
 * does
 */
export function padBatch(
  examples: readonly EncodedExample[],
  padId: number,
  maxPositions: number,
  exactly = false,
): TokenBatch {
  const longest = examples.reduce((most, { ids }) => Math.max(most, ids.length), 1);
  const length = Math.min(maxPositions, exactly ? longest : Math.ceil(longest / LENGTH_STEP) * LENGTH_STEP);
  const batch = examples.length;
  const ids = new Int32Array(batch * length).fill(padId);
  const mask = new Int32Array(batch * length);
  const typeIds = examples.some((example) => example.typeIds) ? new Int32Array(batch * length) : null;
  examples.forEach((example, b) => {
    ids.set(example.ids.subarray(0, length), b * length);
    mask.fill(1, b * length, b * length + Math.min(length, example.ids.length));
    if (example.typeIds) typeIds?.set(example.typeIds.subarray(0, length), b * length);
  });
  return { batch, length, ids, mask, typeIds };
}
