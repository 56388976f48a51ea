/** Thinning keeps ends, peaks and gaps; smoothing starts unbiased; rows share one list of x. */
import { describe, expect, it } from 'vitest';
import { must } from '../../base/assert';
import { decimate, DRAWN_POINTS, rowsOf, smooth, valueAt, type Point } from './series';

const wave: Point[] = Array.from({ length: 10_000 }, (_, x) => ({ x, y: x === 5003 ? 99 : Math.sin(x / 50) }));
const inOrder = (points: Point[]): boolean => points.every(({ x }, i) => i === 0 || x > must(points[i - 1]).x);

/** The points between the first and the last, in as many equal parts as are kept for each. */
function buckets(points: Point[], count: number): Point[][] {
  const inner = points.slice(1, -1);
  return Array.from({ length: count }, (_, i) =>
    inner.slice(Math.floor((i * inner.length) / count), Math.floor(((i + 1) * inner.length) / count)),
  );
}

describe('decimate', () => {
  it('keeps the ends, the peak, the order and the limit', () => {
    const kept = decimate(wave);
    expect(kept.length).toBeLessThanOrEqual(DRAWN_POINTS);
    expect(kept[0]).toBe(wave[0]);
    expect(kept.at(-1)).toBe(wave.at(-1));
    expect(kept.some(({ y }) => y === 99)).toBe(true);
    expect(inOrder(kept)).toBe(true);
  });

  it('keeps the lowest and the highest point of every bucket', () => {
    const kept = new Set(decimate(wave));
    for (const bucket of buckets(wave, (DRAWN_POINTS - 2) / 2)) {
      const ys = bucket.map(({ y }) => y);
      for (const extreme of [Math.min(...ys), Math.max(...ys)])
        expect(bucket.some((point) => point.y === extreme && kept.has(point))).toBe(true);
    }
  });

  it('never exceeds the limit, however many points there are', () => {
    for (const limit of [2, 3, 4, 50, 400])
      for (const length of [1, 2, 3, limit, limit + 1, 2 * limit + 1, 5000])
        if (limit >= 4 || length <= limit) {
          const kept = decimate(wave.slice(0, length), limit);
          expect(kept.length).toBeLessThanOrEqual(limit);
          expect(inOrder(kept)).toBe(true);
        }
  });

  it('keeps gaps, and the peaks beside them', () => {
    const broken = wave.map((point) => (point.x % 7 === 0 ? { x: point.x, y: NaN } : point));
    const kept = decimate(broken);
    expect(kept.length).toBeLessThanOrEqual(DRAWN_POINTS);
    expect(inOrder(kept)).toBe(true);
    expect(kept.some(({ y }) => y === 99)).toBe(true);
    for (const bucket of buckets(broken, Math.floor((DRAWN_POINTS - 2) / 3)))
      expect(bucket.some((point) => Number.isNaN(point.y) && kept.includes(point))).toBe(true);
  });

  it('leaves short curves alone', () => {
    expect(decimate(wave.slice(0, DRAWN_POINTS))).toEqual(wave.slice(0, DRAWN_POINTS));
  });
});

describe('smooth', () => {
  it('leaves a constant as it is, from the first point on', () => {
    for (const { y } of smooth(Array.from({ length: 20 }, (_, x) => ({ x, y: 3 })))) expect(y).toBeCloseTo(3, 12);
  });

  it('calms a zigzag', () => {
    const calm = smooth(Array.from({ length: 200 }, (_, x) => ({ x, y: x % 2 })));
    expect(Math.abs(must(calm.at(-1)).y - 0.5)).toBeLessThan(0.06);
  });

  it('goes on after what is no number', () => {
    const [, gap, after] = smooth([2, NaN, 2].map((y, x) => ({ x, y })));
    expect(must(gap).y).toBeNaN();
    expect(must(after).y).toBeCloseTo(2, 12);
  });
});

describe('rows', () => {
  it('put curves over one list of x, and end a part where a value is missing', () => {
    const every = [1, 2, 3].map((x) => ({ x, y: x * 10 }));
    const some = [
      { x: 0, y: 5 },
      { x: 2, y: NaN },
      { x: 3, y: 7 },
    ];
    expect(rowsOf([every, some])).toEqual({
      rows: [
        { x: 0, y1: 5 },
        { x: 1, y0: 10 },
        { x: 2, y0: 20 },
        { x: 3, y0: 30, y2: 7 },
      ],
      stretches: [
        { curve: 0, key: 'y0', length: 3 },
        { curve: 1, key: 'y1', length: 1 },
        { curve: 1, key: 'y2', length: 1 },
      ],
    });
  });

  it('are none without points', () => {
    expect(rowsOf([[], [{ x: 1, y: Infinity }]])).toEqual({ rows: [], stretches: [] });
  });
});

describe('the value at an x', () => {
  it('is found among all points, and null between them and where it is missing', () => {
    expect(valueAt(wave, 5003)).toBe(99);
    expect(valueAt(wave, 9999)).toBe(must(wave.at(-1)).y);
    expect(valueAt(wave, 1.5)).toBeNull();
    expect(valueAt(wave, 10_000)).toBeNull();
    expect(valueAt([{ x: 1, y: NaN }], 1)).toBeNull();
    expect(valueAt([], 1)).toBeNull();
  });
});
