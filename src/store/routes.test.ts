/** Hashes are told apart. */
import { describe, expect, it } from 'vitest';
import { routeOf } from './routes';
import { runSeconds } from './run-time';

describe('routeOf', () => {
  it('knows the steps and sends everything else to the start', () => {
    expect(routeOf('#/data')).toBe('data');
    expect(routeOf('#/runs')).toBe('runs');
    for (const hash of ['', '#', '#/nowhere', '#/__proto__']) expect(routeOf(hash)).toBe('start');
  });
});

describe('runSeconds', () => {
  const model = { parameters: 22.7e6, hiddenSize: 384, layers: 6, vocabularySize: 30_522 };
  const at = (method: 'head' | 'full', epochs: number, gflopsPerSecond: number) =>
    runSeconds({
      config: { method, epochs } as Parameters<typeof runSeconds>[0]['config'],
      model,
      rows: 700,
      meanTokens: 12,
      gflopsPerSecond,
    });

  it('grows with the passes of a full run, not of a quick one, and falls with speed', () => {
    expect(at('full', 6, 40)).toBeCloseTo(2 * at('full', 3, 40), 9);
    expect(at('head', 30, 40)).toBe(at('head', 1, 40));
    expect(at('full', 3, 80)).toBeCloseTo(at('full', 3, 40) / 2, 9);
  });
});
