/** Curves made fit for drawing: smoothed, and thinned without losing a peak. All points stay in the store. */
import { must } from '../base/assert';

export interface Point {
  x: number;
  y: number;
}

/** Points drawn for a curve at most: more than the pixels of a chart cannot be told apart. */
export const DRAWN_POINTS = 400;

/**
 * Keeps the lowest and highest point of each of `limit / 2` equal stretches, in order, with the first and last point of
 * all; peaks stay visible, which a plain "every n-th point" would lose.
 */
export function thin(points: readonly Point[], limit = DRAWN_POINTS): Point[] {
  if (points.length <= limit) return [...points];
  const stretches = Math.max(1, Math.floor((limit - 2) / 2));
  const kept = new Set<Point>([points[0] as Point]);
  for (let stretch = 0; stretch < stretches; stretch++) {
    const part = points.slice(
      Math.floor((stretch * points.length) / stretches),
      Math.floor(((stretch + 1) * points.length) / stretches),
    );
    const low = part.reduce((a, b) => (b.y < a.y ? b : a));
    const high = part.reduce((a, b) => (b.y > a.y ? b : a));
    for (const point of low.x <= high.x ? [low, high] : [high, low]) kept.add(point);
  }
  kept.add(points.at(-1) as Point);
  return [...kept];
}

/** Exponential moving average with bias correction (as Adam corrects its moments); `weight` in [0, 1) of the past. */
export function smooth(points: readonly Point[], weight = 0.9): Point[] {
  let average = 0;
  let decay = 1;
  return points.map(({ x, y }) => {
    average = weight * average + (1 - weight) * y;
    decay *= weight;
    return { x, y: average / (1 - decay) };
  });
}

/** Curves over one list of x: first all x in order, then for each curve its y there, null where it has none. */
export function columnsOf(curves: readonly (readonly Point[])[]): [number[], ...(number | null)[][]] {
  const drawn = curves.map((points) => thin(points));
  const xs = [...new Set(drawn.flatMap((points) => points.map(({ x }) => x)))].sort((a, b) => a - b);
  const places = new Map(xs.map((x, place) => [x, place]));
  const columns = drawn.map((points) => {
    const ys = new Array<number | null>(xs.length).fill(null);
    for (const { x, y } of points) ys[must(places.get(x))] = Number.isFinite(y) ? y : null;
    return ys;
  });
  return [xs, ...columns];
}
