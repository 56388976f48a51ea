import { expect, it } from 'vitest';
import { rowRanges } from './shards';

it('cuts rows into as few shards as fit, begun at multiples of 32 where these fit', () => {
  expect(rowRanges(300, 64, null)).toEqual([{ at: 0, rows: 300 }]);
  expect(rowRanges(300, 64, 19_200)).toEqual([{ at: 0, rows: 300 }]);
  expect(rowRanges(300, 64, 8192)).toEqual([
    { at: 0, rows: 128 },
    { at: 128, rows: 128 },
    { at: 256, rows: 44 },
  ]);
  expect(rowRanges(300, 64, 7000).map(({ rows }) => rows)).toEqual([100, 100, 100]);
  // Qwen 2 of half a billion parameters on an adapter that binds 128 MiB.
  const qwen = rowRanges(151_936, 4 * 896, 2 ** 27);
  expect(qwen.map(({ at }) => at)).toEqual([0, 30_400, 60_800, 91_200, 121_600]);
  expect(qwen.reduce((sum, { rows }) => sum + rows, 0)).toBe(151_936);
});
