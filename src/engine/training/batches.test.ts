import { must } from '../../base/assert';
import { expect, it } from 'vitest';
import { epochBatches, padBatch, sortedBatches } from './batches';

const lengths = Array.from({ length: 103 }, (_, i) => 3 + ((i * 37) % 29));

it('takes every row once an epoch, in another order each epoch, the same for the same seed', () => {
  const first = epochBatches(lengths, 8, 1, 0);
  expect(first.flat().sort((a, b) => a - b)).toEqual(lengths.map((_, i) => i));
  expect(first.filter((batch) => batch.length !== 8)).toHaveLength(1);
  expect(epochBatches(lengths, 8, 1, 0)).toEqual(first);
  expect(epochBatches(lengths, 8, 1, 1)).not.toEqual(first);
  expect(epochBatches(lengths, 8, 2, 0)).not.toEqual(first);
});

it('groups rows of like length, so that less is padded than in plain order', () => {
  const padded = (batches: number[][]): number =>
    batches.reduce((sum, batch) => sum + batch.length * Math.max(...batch.map((i) => must(lengths[i]))), 0);
  const plain = Array.from({ length: 13 }, (_, b) => lengths.map((_, i) => i).slice(b * 8, b * 8 + 8));
  expect(padded(epochBatches(lengths, 8, 1, 0))).toBeLessThan(padded(plain) * 0.9);
  expect(sortedBatches(lengths, 8).flat()).toHaveLength(103);
});

it('pads ids with the padding id and marks what is real', () => {
  const rows = [Int32Array.of(5, 6, 7), Int32Array.of(8)].map((ids, row) => ({ row, ids, typeIds: null, label: 0 }));
  expect(padBatch(rows, 1, 512)).toEqual({
    batch: 2,
    length: 4,
    ids: Int32Array.of(5, 6, 7, 1, 8, 1, 1, 1),
    mask: Int32Array.of(1, 1, 1, 0, 1, 0, 0, 0),
    typeIds: null,
  });
  expect(padBatch(rows, 1, 2).length).toBe(2);
  expect(padBatch(rows, 1, 512, true).length).toBe(3);
});
