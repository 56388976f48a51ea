/** The sum that ends `npm test` must never hide a failure. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { one, parityCounts, playwrightCounts, skippedTests, sum, summaryLine, vitestCounts } from './lib/report.mjs';

const folder = mkdtempSync(join(tmpdir(), 'tabtune-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

function written(report: unknown): string {
  const file = join(folder, 'report.json');
  writeFileSync(file, JSON.stringify(report));
  return file;
}

describe('the sum of the test parts', () => {
  it('adds up and names skipped tests only when there are any', () => {
    expect(summaryLine(sum([one(true), one(false), one(true)]))).toBe('2 passed, 1 failed');
    expect(summaryLine({ passed: 3, failed: 0, skipped: 2 })).toBe('3 passed, 0 failed, 2 skipped');
  });

  it('counts a test file that could not be loaded', () => {
    const file = written({
      numPassedTests: 4,
      numFailedTests: 0,
      numPendingTests: 1,
      testResults: [{ status: 'failed', assertionResults: [] }],
    });
    expect(vitestCounts(file, 1)).toEqual({ passed: 4, failed: 1, skipped: 1 });
  });

  it('names what was skipped', () => {
    const assertionResults = [
      { status: 'passed', fullName: ' a passes' },
      { status: 'skipped', fullName: ' b (skipped: it is not there)' },
    ];
    expect(skippedTests(written({ testResults: [{ assertionResults }] }))).toEqual(['b (skipped: it is not there)']);
    expect(skippedTests(join(folder, 'absent.json'))).toEqual([]);
  });

  it('counts a flaky end-to-end test as failed', () => {
    const file = written({ stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 0 } });
    expect(playwrightCounts(file, 1)).toEqual({ passed: 5, failed: 2, skipped: 0 });
  });

  it('counts the cases of the parity command', () => {
    const file = join(folder, 'parity.txt');
    writeFileSync(file, 'ok   bert\nskip gpt2\n12 passed, 1 failed, 11 skipped\n');
    expect(parityCounts(file, 1)).toEqual({ passed: 12, failed: 1, skipped: 0 });
    expect(parityCounts(join(folder, 'absent.txt'), 1).failed).toBe(1);
  });

  it.each([
    ['a missing report', () => vitestCounts(join(folder, 'absent.json'), 0)],
    ['no test at all', () => playwrightCounts(written({ stats: {} }), 0)],
    ['a bad exit code with no failed test', () => playwrightCounts(written({ stats: { expected: 2 } }), 1)],
  ])('counts %s as a failure', (_, counts) => {
    expect(counts().failed).toBe(1);
  });
});
