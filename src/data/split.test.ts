/** Properties of the split that hold for any data: shares, strata, repeatability. */
import { must } from '../base/assert';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DEFAULT_SPLIT } from '../domain/dataset';
import { NO_SPLIT, assignSplit, checkSplit, splitCode } from './split';
import { sortLabels } from './labels';

function assign(groups: readonly number[], seed: number, takesPart: (row: number) => boolean = () => true): number[] {
  const codes = new Uint8Array(groups.length);
  assignSplit(codes, takesPart, (row) => must(groups[row]), 6, { ...DEFAULT_SPLIT, seed });
  return [...codes];
}

const groups = fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 300 });

it('gives every row a part, the shares over all within a row a class, and every class a training row', () => {
  fc.assert(
    fc.property(groups, fc.integer(), (rows, seed) => {
      const codes = assign(rows, seed);
      expect(codes).not.toContain(NO_SPLIT);
      const count = (part: 'train' | 'validation' | 'test', group?: number): number =>
        codes.filter((code, row) => code === splitCode(part) && (group === undefined || rows[row] === group)).length;
      expect(Math.abs(count('test') - rows.length * 0.1)).toBeLessThanOrEqual(6);
      for (const group of new Set(rows)) {
        const size = rows.filter((other) => other === group).length;
        expect(count('train', group)).toBeGreaterThanOrEqual(1);
        expect(count('test', group)).toBeLessThanOrEqual(Math.ceil(size * 0.1));
        if (size >= 20) expect(count('test', group)).toBeGreaterThanOrEqual(1);
      }
    }),
  );
});

it('is the same for the same seed and leaves out rows that take no part', () => {
  fc.assert(
    fc.property(groups, fc.integer(), (rows, seed) => {
      expect(assign(rows, seed)).toEqual(assign(rows, seed));
      const odd = assign(rows, seed, (row) => row % 2 === 1);
      odd.forEach((code, row) => expect(code === NO_SPLIT).toBe(row % 2 === 0));
    }),
  );
});

it.each([
  { train: 0.8, validation: 0.1, test: 0.2 },
  { train: 0, validation: 0.5, test: 0.5 },
  { train: 1.2, validation: -0.1, test: -0.1 },
  { train: NaN, validation: 0.1, test: 0.1 },
])('shares %j are refused', (shares) => {
  expect(() => checkSplit({ ...DEFAULT_SPLIT, ...shares })).toThrow(expect.objectContaining({ code: 'bad-config' }));
});

it('orders labels as Python does, numbers by value', () => {
  expect(sortLabels(['b', 'B', 'a', 'é', 'z', '😀', '\uffff'])).toEqual(['B', 'a', 'b', 'z', 'é', '\uffff', '😀']);
  expect(sortLabels(['10', '9', '-1', '2.5'])).toEqual(['-1', '2.5', '9', '10']);
  expect(sortLabels(['10', '9', 'x'])).toEqual(['10', '9', 'x']);
});
