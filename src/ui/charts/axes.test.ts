/** Axes end where they are told to, and are marked at round numbers. */
import { describe, expect, it } from 'vitest';
import { formatNumber } from '../format';
import { alongAxis, formatMoment, uprightAxis } from './axes';

describe('the axis along the bottom', () => {
  it('goes from the first to the last value and counts whole things in whole numbers', () => {
    expect(alongAxis([1, 2, 3], 'whole', 6)).toEqual({ domain: [1, 3], ticks: [1, 2, 3] });
    expect(alongAxis([1, 1400], 'whole', 4)).toEqual({ domain: [1, 1400], ticks: [500, 1000] });
    expect(alongAxis([0.1, 0.3], 'tenths', 6)).toEqual({ domain: [0.1, 0.3], ticks: [0.1, 0.2, 0.3] });
  });

  it('marks times at round seconds, minutes and hours', () => {
    expect(alongAxis([0, 100_000], 'time', 4).ticks).toEqual([0, 30_000, 60_000, 90_000]);
    expect(alongAxis([0, 5 * 3_600_000], 'time', 5).ticks.map((ms) => ms / 3_600_000)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(alongAxis([0, 10 * 24 * 3_600_000], 'time', 5).ticks.map((ms) => ms / 3_600_000)).toEqual([
      0, 48, 96, 144, 192, 240,
    ]);
  });

  it('marks short times too, each with a text of its own', () => {
    for (const span of [4, 70, 950, 1800, 4000, 59_000, 400_000, 9_000_000]) {
      const { ticks } = alongAxis([0, span], 'time', 5);
      expect(ticks.length).toBeGreaterThan(1);
      expect(new Set(ticks.map(formatMoment)).size).toBe(ticks.length);
    }
    expect([5, 1500, 2000, 90_000].map(formatMoment)).toEqual(['0.005 s', '1.5 s', '2 s', '1 min 30 s']);
  });

  it('has room for a single value and for none', () => {
    expect(alongAxis([7], 'whole', 5)).toEqual({ domain: [7, 8], ticks: [7, 8] });
    expect(alongAxis([], 'any', 5).domain).toEqual([0, 1]);
  });

  it('never has many more marks than told', () => {
    for (let last = 1; last < 5000; last += 7)
      for (const marks of ['any', 'whole', 'time'] as const)
        expect(alongAxis([0, last * 1000], marks, 5).ticks.length).toBeLessThanOrEqual(6);
  });
});

describe('the upright axis', () => {
  it('starts at 0 and ends on a mark', () => {
    expect(uprightAxis([0, 'auto'], [0.3, 1.94])).toEqual({ domain: [0, 2], ticks: [0, 0.5, 1, 1.5, 2] });
    expect(uprightAxis([0, 'auto'], [2e-5, 5e-5])).toEqual({ domain: [0, 6e-5], ticks: [0, 2e-5, 4e-5, 6e-5] });
  });

  it('is as told, unless values lie outside', () => {
    expect(uprightAxis([0, 1], [0.4, 0.6]).domain).toEqual([0, 1]);
    expect(uprightAxis([0, 1], [-0.4, 0.6]).domain).toEqual([-0.5, 1]);
    expect(uprightAxis([0, 1], [0.4, 1.6]).domain).toEqual([0, 2]);
  });

  it('leaves out what is not finite', () => {
    expect(uprightAxis([0, 'auto'], [NaN, 1, Infinity]).domain).toEqual([0, 1]);
    expect(uprightAxis(['auto', 'auto'], []).domain).toEqual([0, 1]);
  });

  it('gives values that are equal or nearly so an axis whose marks read differently', () => {
    for (const values of [[0], [3], [-2, -2], [0.9931, 0.9935], [1e-7, 1e-7], [123_456, 123_457]])
      for (const range of [
        [0, 'auto'],
        ['auto', 'auto'],
      ] as const) {
        const { domain, ticks } = uprightAxis(range, values);
        expect(domain[0]).toBeLessThanOrEqual(Math.min(...values));
        expect(domain[1]).toBeGreaterThanOrEqual(Math.max(...values));
        expect(ticks.length).toBeGreaterThan(1);
        expect(new Set(ticks.map(formatNumber)).size).toBe(ticks.length);
      }
  });
});
