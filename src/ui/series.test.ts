/** Thinning keeps ends and peaks; smoothing starts unbiased; columns share one list of x. */
import { describe, expect, it } from 'vitest';
import { columnsOf, smooth, thin, type Point } from './series';

const wave: Point[] = Array.from({ length: 10_000 }, (_, x) => ({ x, y: x === 5003 ? 99 : Math.sin(x / 50) }));

describe('thin', () => {
  it('keeps the ends, the peak, the order and the limit', () => {
    const thinned = thin(wave, 200);
    expect(thinned.length).toBeLessThanOrEqual(200);
    expect(thinned[0]).toBe(wave[0]);
    expect(thinned.at(-1)).toBe(wave.at(-1));
    expect(thinned.some(({ y }) => y === 99)).toBe(true);
    expect(thinned.every((point, index) => index === 0 || point.x > (thinned[index - 1] as Point).x)).toBe(true);
  });

  it('leaves short curves alone', () => {
    expect(thin(wave.slice(0, 50), 200)).toEqual(wave.slice(0, 50));
  });
});

describe('smooth', () => {
  it('leaves a constant as it is, from the first point on', () => {
    for (const { y } of smooth(Array.from({ length: 20 }, (_, x) => ({ x, y: 3 })))) expect(y).toBeCloseTo(3, 12);
  });

  it('calms a zigzag', () => {
    const calm = smooth(Array.from({ length: 200 }, (_, x) => ({ x, y: x % 2 })));
    expect(Math.abs((calm.at(-1) as Point).y - 0.5)).toBeLessThan(0.06);
  });
});

describe('columns', () => {
  it('puts curves over one list of x, without what is no number', () => {
    const every = [1, 2, 3].map((x) => ({ x, y: x * 10 }));
    const some = [
      { x: 0, y: 5 },
      { x: 2, y: NaN },
      { x: 3, y: 7 },
    ];
    expect(columnsOf([every, some])).toEqual([
      [0, 1, 2, 3],
      [null, 10, 20, 30],
      [5, null, null, 7],
    ]);
  });

  it('has no x without points', () => {
    expect(columnsOf([[], []])).toEqual([[], [], []]);
  });
});
