/** Counts of test parts, and the reports of Vitest and Playwright read as such counts. */
import { existsSync, readFileSync } from 'node:fs';

/** @typedef {{ passed: number, failed: number, skipped: number }} Counts */

/** @returns {Counts} */
export const none = () => ({ passed: 0, failed: 0, skipped: 0 });
/** One test that passed or failed. @param {boolean} ok @returns {Counts} */
export const one = (ok) => ({ ...none(), [ok ? 'passed' : 'failed']: 1 });

/** @param {Counts[]} parts @returns {Counts} */
export const sum = (parts) =>
  parts.reduce(
    (total, part) => ({
      passed: total.passed + part.passed,
      failed: total.failed + part.failed,
      skipped: total.skipped + part.skipped,
    }),
    none(),
  );

/** The line that ends `npm test`. @param {Counts} counts */
export const summaryLine = ({ passed, failed, skipped }) =>
  `${passed} passed, ${failed} failed${skipped ? `, ${skipped} skipped` : ''}`;

/**
 * A part that exits non-zero, or leaves no report, has failed at least once, whatever its report says.
 * @param {Counts | null} counts
 * @param {number} exitCode
 * @returns {Counts}
 */
function honest(counts, exitCode) {
  if (!counts) return one(false);
  const ran = counts.passed + counts.failed + counts.skipped > 0;
  return ran && (exitCode === 0 || counts.failed > 0) ? counts : { ...counts, failed: counts.failed + 1 };
}

/** @param {string} file @returns {Record<string, unknown> | null} */
function readJson(file) {
  if (!existsSync(file)) return null;
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return null;
  }
}

/** @param {unknown} value */
const count = (value) => (typeof value === 'number' ? value : 0);

/**
 * Vitest's JSON report. A file that could not be loaded counts as one failure. @param {string} file @param {number}
 * exitCode
 */
export function vitestCounts(file, exitCode) {
  const report = readJson(file);
  if (!report) return honest(null, exitCode);
  const files = /** @type {{ status: string, assertionResults: unknown[] }[]} */ (report['testResults'] ?? []);
  const unloaded = files.filter((entry) => entry.status === 'failed' && entry.assertionResults.length === 0).length;
  const skipped = count(report['numPendingTests']) + count(report['numTodoTests']);
  return honest(
    { passed: count(report['numPassedTests']), failed: count(report['numFailedTests']) + unloaded, skipped },
    exitCode,
  );
}

/**
 * What Vitest skipped, a line a test with the group that holds it: their names say why. @param {string} file
 * @returns {string[]}
 */
export function skippedTests(file) {
  const files = /** @type {{ assertionResults: { status: string, fullName: string }[] }[]} */ (
    readJson(file)?.['testResults'] ?? []
  );
  const skipped = files.flatMap((entry) => entry.assertionResults).filter(({ status }) => status === 'skipped');
  return skipped.map(({ fullName }) => fullName.trim().replace(/\s+/g, ' ')).sort();
}

/**
 * Playwright's JSON report; a flaky test passed on a second try and counts as failed. @param {string} file @param
 * {number} exitCode
 */
export function playwrightCounts(file, exitCode) {
  const report = readJson(file);
  if (!report) return honest(null, exitCode);
  const stats = /** @type {Record<string, unknown>} */ (report['stats'] ?? {});
  return honest(
    {
      passed: count(stats['expected']),
      failed: count(stats['unexpected']) + count(stats['flaky']),
      skipped: count(stats['skipped']),
    },
    exitCode,
  );
}

/**
 * The last line of the parity command. Cases of kinds that the engine does not do yet are named there, but are no tests
 * of ours.
 * @param {string} file what the command printed
 * @param {number} exitCode
 */
export function parityCounts(file, exitCode) {
  const match = existsSync(file) ? /^(\d+) passed, (\d+) failed/m.exec(readFileSync(file, 'utf8')) : null;
  return honest(match ? { passed: Number(match[1]), failed: Number(match[2]), skipped: 0 } : null, exitCode);
}
