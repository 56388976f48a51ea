/** Charts are drawn one after the other, each at most four times a second, and the last state always. */
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { DRAWING_GAP_MS, Pace } from './pace';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

it('draws at most four times a second, and the last state', () => {
  let [state, drawn, drawings] = [0, -1, 0];
  const pace = new Pace(() => {
    drawn = state;
    drawings++;
  });
  for (; state < 100; state++) {
    pace.request();
    vi.advanceTimersByTime(20);
  }
  pace.request();
  vi.advanceTimersByTime(1000);
  expect(drawn).toBe(100);
  // Two seconds: one at once, one after each gap, and the last.
  expect(drawings).toBeLessThanOrEqual(2 * (1000 / DRAWING_GAP_MS) + 2);
  expect(drawings).toBeGreaterThan(6);
});

it('gives each chart a task of its own, in the order in which they asked', () => {
  const order: string[] = [];
  let task = 0;
  const paces = ['a', 'b', 'c'].map((name) => new Pace(() => void order.push(`${name} ${task}`)));
  for (const pace of [...paces, ...paces]) pace.request();
  for (; task < 5; task++) vi.advanceTimersToNextTimer();
  expect(order).toEqual(['a 0', 'b 1', 'c 2']);
});

it('draws no more once it is stopped', () => {
  const draw = vi.fn();
  const pace = new Pace(draw);
  pace.request();
  pace.stop();
  vi.advanceTimersByTime(1000);
  expect(draw).not.toHaveBeenCalled();
  pace.request();
  vi.advanceTimersByTime(0);
  pace.request();
  pace.stop();
  vi.advanceTimersByTime(1000);
  expect(draw).toHaveBeenCalledTimes(1);
});
