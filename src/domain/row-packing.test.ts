/** Packing: every sequence once, no row too long, as few rows as the plain algorithm finds. */
import { must } from '../base/assert';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { packSequences } from './row-packing';

/** Best fit decreasing without any structure. */
function plainBestFit(lengths: readonly number[], maxLength: number): number {
  const free: number[] = [];
  for (const length of lengths.toSorted((a, b) => b - a)) {
    let best = -1;
    free.forEach((space, bin) => {
      if (space >= length && (best < 0 || space < must(free[best]))) best = bin;
    });
    if (best < 0) free.push(maxLength - length);
    else free[best] = must(free[best]) - length;
  }
  return free.length;
}

describe('packing', () => {
  it.each<[number[], number, number[][]]>([
    [[5, 3, 2], 5, [[0], [1, 2]]],
    [
      [1, 1, 1, 1],
      2,
      [
        [0, 1],
        [2, 3],
      ],
    ],
    // 6 goes with 4, not with 3: the best fit, not the first.
    [
      [7, 6, 4, 3],
      10,
      [
        [0, 3],
        [1, 2],
      ],
    ],
    [[], 8, []],
    [[8], 8, [[0]]],
    [[33, 31, 64, 1], 64, [[2], [0, 1]].concat([[3]])],
  ])('%j into rows of %i', (lengths, maxLength, rows) => {
    expect(packSequences(lengths, maxLength)).toEqual(rows);
  });

  it('holds for any lengths', () => {
    fc.assert(
      fc.property(
        fc
          .integer({ min: 1, max: 200 })
          .chain((most) =>
            fc.tuple(fc.array(fc.integer({ min: 1, max: most }), { maxLength: 120 }), fc.constant(most)),
          ),
        ([lengths, most]) => {
          const rows = packSequences(lengths, most);
          const sums = rows.map((row) => row.reduce((sum, place) => sum + must(lengths[place]), 0));
          expect(rows.flat().toSorted((a, b) => a - b)).toEqual([...lengths.keys()]);
          expect(sums.every((sum) => sum <= most)).toBe(true);
          expect(rows.length).toBe(plainBestFit(lengths, most));
        },
      ),
    );
  });

  it('refuses what does not fit', () => {
    for (const length of [0, 9, 1.5, NaN]) expect(() => packSequences([length], 8)).toThrow(RangeError);
  });
});
