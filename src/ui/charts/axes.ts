/** Where an axis begins and ends, and at which round numbers it is marked. */
import { formatDuration } from '../format';

/** What may stand between two marks of an axis: any round number, whole ones, tenths, or round times in ms. */
export type Marks = 'any' | 'whole' | 'tenths' | 'time';

export interface Axis {
  domain: [number, number];
  ticks: number[];
}

/** Lower and upper end; `auto` is what the points need. */
export type Range = readonly [number | 'auto', number | 'auto'];

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const TIMES = [
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500],
  ...[1, 2, 5, 10, 20, 30].map((n) => n * SECOND),
  ...[1, 2, 5, 10, 20, 30].map((n) => n * MINUTE),
  ...[1, 2, 4, 8, 12, 24].map((n) => n * HOUR),
];
const SMALLEST: Record<Exclude<Marks, 'time'>, number> = { any: 0, whole: 1, tenths: 0.1 };
/**
 * An axis spans at least this share of its largest number, `size`: its marks would else read the same in three digits,
 * or in the two that very small and very large numbers are given.
 */
const leastSpan = (size: number): number => size * (size >= 1e-3 && size < 1e6 ? 0.02 : 0.5) || 1;

/** A moment on an axis of time: the first minute in parts of seconds too, for short runs end within one. */
export const formatMoment = (ms: number): string =>
  ms < MINUTE ? `${Number((ms / SECOND).toFixed(3))} s` : formatDuration(ms);

/** The smallest of 1, 2 or 5 times a power of ten (or of round times) that is at least `least`. */
function roundStep(least: number, marks: Marks): number {
  if (marks === 'time') {
    const day = 24 * HOUR;
    return TIMES.find((step) => step >= least) ?? Math.ceil(least / day) * day;
  }
  const floor = Math.max(least, SMALLEST[marks]);
  const power = 10 ** Math.floor(Math.log10(floor));
  const digit = [1, 2, 5].find((one) => one * power >= floor * (1 - 1e-9)) ?? 10;
  return clean(digit * power);
}

/** Without what adding decimal fractions leaves behind: 0.30000000000000004 is 0.3. */
const clean = (value: number): number => Number(value.toPrecision(12));

function multiples(step: number, [low, high]: readonly [number, number]): number[] {
  const first = Math.ceil(low / step - 1e-9);
  const count = Math.floor(high / step + 1e-9) - first + 1;
  return Array.from({ length: Math.max(0, count) }, (_, i) => clean((first + i) * step));
}

function ends(values: Iterable<number>): [number, number] | null {
  let [low, high] = [Infinity, -Infinity];
  for (const value of values)
    if (Number.isFinite(value)) {
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
  return low <= high ? [low, high] : null;
}

/** From the first to the last value, with at most `most` marks. */
export function alongAxis(values: Iterable<number>, marks: Marks, most: number): Axis {
  const [low, high] = ends(values) ?? [0, 1];
  const domain: [number, number] = low === high ? [low, low + 1] : [low, high];
  return { domain, ticks: multiples(roundStep((domain[1] - domain[0]) / most, marks), domain) };
}

/** As told, wider where values lie outside; ends that are not told lie on marks, of which there are about `most`. */
export function uprightAxis([low, high]: Range, values: Iterable<number>, most = 5): Axis {
  const [least, greatest] = ends(values) ?? [0, 1];
  const openBelow = low === 'auto' || least < low;
  const openAbove = high === 'auto' || greatest > high;
  let bottom = openBelow ? least : low;
  let top = openAbove ? greatest : high;
  const span = leastSpan(Math.max(Math.abs(bottom), Math.abs(top)));
  const missing = Math.max(0, span - (top - bottom));
  if (openBelow) bottom -= openAbove ? missing / 2 : missing;
  if (openAbove) top += openBelow ? missing / 2 : missing;
  const step = roundStep((top - bottom) / (most - 1), 'any');
  if (openBelow) bottom = clean(Math.floor(bottom / step + 1e-9) * step);
  if (openAbove) top = clean(Math.ceil(top / step - 1e-9) * step);
  return { domain: [bottom, top], ticks: multiples(step, [bottom, top]) };
}
