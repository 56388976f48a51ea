/** Curves made fit for drawing: smoothed, and thinned without losing a peak. All points stay in the store. */
import { must } from '../../base/assert';

/** `y` may be NaN or infinite: such a point is a gap of its curve. */
export interface Point {
  x: number;
  y: number;
}

/** Points drawn for a curve at most: more than the pixels of a chart cannot be told apart. */
export const DRAWN_POINTS = 400;

/** Places of the lowest, the highest and the first missing value among `points[from .. to - 1]`, in order. */
function extremes(points: readonly Point[], from: number, to: number): number[] {
  let [low, high, gap] = [-1, -1, -1];
  for (let place = from; place < to; place++) {
    const { y } = must(points[place]);
    if (!Number.isFinite(y)) gap = gap < 0 ? place : gap;
    else {
      if (low < 0 || y < must(points[low]).y) low = place;
      if (high < 0 || y > must(points[high]).y) high = place;
    }
  }
  return [...new Set([low, high, gap])].filter((place) => place >= 0).sort((a, b) => a - b);
}

/**
 * At most `limit` points: the first, the last, and of each of equally many points between them the lowest and the
 * highest, in order; peaks stay visible, which a plain "every n-th point" would lose. Where values are missing, a
 * bucket keeps one such point too, so that the gap stays.
 */
export function decimate(points: readonly Point[], limit = DRAWN_POINTS): Point[] {
  if (points.length <= limit) return [...points];
  const kept = points.some(({ y }) => !Number.isFinite(y)) ? 3 : 2;
  const buckets = Math.max(1, Math.floor((limit - 2) / kept));
  const inner = points.length - 2;
  const edge = (bucket: number): number => 1 + Math.floor((bucket * inner) / buckets);
  const places = Array.from({ length: buckets }, (_, bucket) => extremes(points, edge(bucket), edge(bucket + 1)));
  return [0, ...places.flat(), points.length - 1].map((place) => must(points[place]));
}

/**
 * Exponential moving average with bias correction (as Adam corrects its moments); `weight` in [0, 1) of the past.
 * Missing values stay missing and count for nothing.
 */
export function smooth(points: readonly Point[], weight = 0.9): Point[] {
  let average = 0;
  let decay = 1;
  return points.map(({ x, y }) => {
    if (!Number.isFinite(y)) return { x, y: NaN };
    average = weight * average + (1 - weight) * y;
    decay *= weight;
    return { x, y: average / (1 - decay) };
  });
}

/** A row of a chart's data: `x`, and the values of the stretches that have one there. */
export type Row = Record<string, number>;

/** A part of a curve without a gap; `key` names its column. */
export interface Stretch {
  curve: number;
  key: string;
  length: number;
}

/**
 * Curves over one list of x, in order. A curve is one line over the x of all others, but ends where a value of its own
 * is missing, so each part of it is a column.
 */
export function rowsOf(curves: readonly (readonly Point[])[]): { rows: Row[]; stretches: Stretch[] } {
  const rows = new Map<number, Row>();
  const stretches: Stretch[] = [];
  for (const [curve, points] of curves.entries()) {
    let open: Stretch | null = null;
    for (const { x, y } of decimate(points)) {
      if (!Number.isFinite(y)) {
        open = null;
        continue;
      }
      if (!open) stretches.push((open = { curve, key: `y${stretches.length}`, length: 0 }));
      const row: Row = rows.get(x) ?? { x };
      row[open.key] = y;
      open.length++;
      rows.set(x, row);
    }
  }
  return { rows: [...rows.values()].sort((a, b) => must(a['x']) - must(b['x'])), stretches };
}

/** The value at exactly `x`, or null; `points` are in the order of x. */
export function valueAt(points: readonly Point[], x: number): number | null {
  let [low, high] = [0, points.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (must(points[middle]).x < x) low = middle + 1;
    else high = middle;
  }
  const found = points[low];
  return found?.x === x && Number.isFinite(found.y) ? found.y : null;
}
