/** Medians, rows and the table of the benchmark. */
import { must } from '../../src/base/assert';
import { describe, expect, it } from 'vitest';
import { learnsTheSame, markdown, rowOf, type Measured, type Report } from './report';
import { median } from './timing';
import { bytesMoved, CONTENDERS, floatingPointOperations, WORKS, type Contender } from './work';

const full = must(WORKS.find(({ name }) => name === 'full-8x32'));
const contender = (id: string): Contender => must(CONTENDERS.find((entry) => entry.id === id));

const measured = (id: string, ms: number[], losses: number[]): Measured => ({
  contender: contender(id),
  device: null,
  losses,
  rounds: ms.map((each) => ({
    steps: 2,
    ms: 2 * each,
    counts: { dispatches: 20, submits: 4, idleMs: 2 * each - 6, bytes: 5, peakBytes: 3 * 2 ** 20 },
  })),
});

describe('median', () => {
  it('is the middle, or the mean of both middles', () => {
    expect(median([3, 1, 2])).toBe(2);
    expect(median([4, 1, 2, 10])).toBe(3);
    expect(median([])).toBeNaN();
  });
});

describe('work', () => {
  it('costs what its matrix products cost', () => {
    // 10.6 M weights of linear layers · 256 tokens · 2 · 3 passes, attention and head on top.
    const linear = 6 * (4 * 384 * 384 + 2 * 384 * 1536) * 256 * 6;
    expect(linear).toBeCloseTo(16.3e9, -8);
    expect(floatingPointOperations(full)).toBeGreaterThan(linear);
    expect(floatingPointOperations(full)).toBeLessThan(linear * 1.02);
    const forward = floatingPointOperations({ ...full, kind: 'forward' });
    expect(floatingPointOperations(full)).toBe(3 * forward);
    expect(floatingPointOperations({ ...full, kind: 'lora' })).toBeLessThan(floatingPointOperations(full));
    expect(bytesMoved({ ...full, kind: 'lora' })).toBeLessThan(bytesMoved(full));
  });
});

describe('rows', () => {
  const ours = measured('ours-webgpu', [10, 30, 20], [1, 0.9, 0.8]);
  const bound = { gflops: 2000, by: 'test', copyGigabytes: 1000 };

  it('counts a step, and compares medians with ours', () => {
    const row = rowOf(measured('tfjs-webgpu', [100, 40, 60], [1.0005, 0.9, 0.8]), full, ours, bound);
    expect(row).toMatchObject({
      median: 60,
      least: 40,
      ratioToOurs: 3,
      dispatches: 10,
      submits: 2,
      javascriptMs: 3,
      peakBytes: 3 * 2 ** 20,
      milliseconds: [100, 40, 60],
    });
    expect(row.tokensPerSecond).toBeCloseTo((256 * 1000) / 60);
    expect(row.boundShare).toBeCloseTo((floatingPointOperations(full) / 2e9 + bytesMoved(full) / 1e9) / 60);
    expect(rowOf(ours, full, ours, null)).toMatchObject({ ratioToOurs: 1, boundShare: null });
  });

  it('leaves GPU counts out where no GPU takes part', () => {
    expect(rowOf(measured('jax-wasm', [5], [1, 0.5]), full, null, null)).toMatchObject({
      dispatches: null,
      submits: null,
      javascriptMs: null,
      ratioToOurs: null,
    });
  });

  it('says whether the same is learned', () => {
    const mine = [1, 0.9, 0.8];
    expect(learnsTheSame([1.0009, 0.9, 0.8], mine, full, false)).toBe(
      'same start, falls 1.0009 → 0.8000, same at step 3',
    );
    expect(learnsTheSame([1.002, 0.9, 0.8], mine, full, false)).toContain('NO: starts 0.0020 apart');
    expect(learnsTheSame([1, 0.9, 0.7], mine, full, false)).toContain('NO: 13 % apart at step 3');
    expect(learnsTheSame([1, 0.9, 0.7], mine, full, true)).not.toContain('NO');
    expect(learnsTheSame([1, 1.1], mine, full, false)).toContain('NO: does not fall');
    expect(learnsTheSame([1, NaN], mine, full, false)).toBe('NO: a loss is not finite');
  });

  it('become a table, with the reason of each that is missing', () => {
    const report: Report = {
      date: '2026-01-02',
      adapter: 'an adapter',
      browser: 'Chromium/1',
      cores: 2,
      isolated: true,
      rounds: 3,
      bounds: { webgpu: bound },
      works: [
        {
          work: full,
          gflop: 16.5,
          megabytes: 847,
          rows: [rowOf(ours, full, ours, bound), { id: 'jax-webgpu', label: 'jax', reason: 'too slow' }],
        },
      ],
      leftOut: ['something'],
    };
    const lines = markdown(report).split('\n');
    expect(lines[2]).toBe('2026-01-02; an adapter; 2 cores; Chromium/1; cross-origin isolated.');
    const row = must(lines.find((line) => line.startsWith('| Tabtune, webgpu')));
    expect(
      row
        .split('|')
        .map((cell) => cell.trim())
        .slice(2, 10),
    ).toEqual(['20.0', '10.0', '12,800', '1.00 ×', '10.0', '2.00', '3.00', '3.00']);
    expect(lines).toContain('- jax: no result, too slow');
    expect(lines).toContain('- something');
  });
});
