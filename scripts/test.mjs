/**
 * `npm test`: set-up, types, lint, unit tests, parity with PyTorch on three backends, end-to-end tests in Chromium.
 * Every part runs even when an earlier one fails; the last line is the sum. `npm run check` (`--quick`) leaves out the
 * slow parts.
 */
import { spawn } from 'node:child_process';
import { createWriteStream, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ensureBrowser } from './lib/browser.mjs';
import { ROOT, ensureDependencies } from './lib/dependencies.mjs';
import {
  none,
  one,
  parityCounts,
  playwrightCounts,
  skippedTests,
  sum,
  summaryLine,
  vitestCounts,
} from './lib/report.mjs';
import { ensureVulkanLoader, whyNoNodeWebGpu } from './lib/vulkan.mjs';

/** @typedef {import('./lib/report.mjs').Counts} Counts */

const REPORTS = join(ROOT, 'test-results', 'reports');
const PACKAGES = join(ROOT, 'node_modules');

/**
 * Runs a Node program of the packages or of scripts/ and shows what it prints.
 * @param {string} program
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} [environment]
 * @param {string} [copy] a file that what it prints is written to as well
 * @returns {Promise<number>} exit code
 */
function node(program, args, environment = {}, copy) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [program, ...args], {
      cwd: ROOT,
      stdio: ['inherit', copy ? 'pipe' : 'inherit', 'inherit'],
      env: { ...process.env, ...environment },
    });
    child.stdout?.pipe(process.stdout, { end: false });
    const file = copy && child.stdout ? child.stdout.pipe(createWriteStream(copy)) : null;
    child.on('error', () => resolve(1));
    // The copy is read next: it has to be on the disk by then, which may take longer than the program itself.
    child.on('close', (code) => {
      const end = () => resolve(code ?? 1);
      if (!file || file.closed) end();
      else file.once('close', end);
    });
  });
}

/** What the quick part remembers of files that are as they were; the whole of the tests reads all of them. */
const REMEMBERED = join(ROOT, '.cache');

/** @param {boolean} quick */
async function types(quick) {
  // The compiler's native build; its JavaScript one is what lint reads types with.
  const tsc = join(PACKAGES, 'typescript-native', 'bin', 'tsc');
  /** @param {string} project */
  const remembering = (project) =>
    quick ? ['--incremental', '--tsBuildInfoFile', join(REMEMBERED, `${project}.tsbuildinfo`)] : [];
  const codes = await Promise.all(
    ['worker', 'dom', 'test', 'node'].map((project) =>
      node(tsc, ['-p', `tsconfig.${project}.json`, ...remembering(project)]),
    ),
  );
  return one(codes.every((code) => code === 0));
}

/** Lint, the import arrows among its rules; a warning fails it. @param {boolean} quick */
async function lint(quick) {
  const remembering = quick
    ? ['--cache', '--cache-strategy', 'content', '--cache-location', join(REMEMBERED, 'eslint')]
    : [];
  return one(
    (await node(join(PACKAGES, 'eslint', 'bin', 'eslint.js'), ['.', '--max-warnings', '0', ...remembering])) === 0,
  );
}

/** @param {boolean} quick */
async function unit(quick) {
  const file = join(REPORTS, 'unit.json');
  const code = await node(
    join(PACKAGES, 'vitest', 'vitest.mjs'),
    [
      'run',
      '--reporter=default',
      '--reporter=json',
      `--outputFile.json=${file}`,
      ...(quick ? ['--experimental.fsModuleCache'] : []),
    ],
    quick ? { TABTUNE_QUICK: '1' } : {},
  );
  for (const name of skippedTests(file)) console.log(`Skipped: ${name}`);
  return vitestCounts(file, code);
}

/** @param {string} backend */
async function parity(backend) {
  const missing = backend === 'webgpu' ? whyNoNodeWebGpu() : null;
  if (missing) {
    console.log(`Skipped: ${missing}.`);
    return { ...none(), skipped: 1 };
  }
  const file = join(REPORTS, `parity-${backend}.txt`);
  const code = await node(join(ROOT, 'scripts', 'parity.mjs'), ['--backend', backend], {}, file);
  return parityCounts(file, code);
}

async function endToEnd() {
  const browser = await ensureBrowser();
  if (!browser) return one(false);
  const file = join(REPORTS, 'e2e.json');
  const code = await node(join(PACKAGES, '@playwright', 'test', 'cli.js'), ['test', '--reporter=list,json'], {
    TABTUNE_BROWSER: browser,
    PLAYWRIGHT_JSON_OUTPUT_FILE: file,
  });
  return playwrightCounts(file, code);
}

/** @typedef {[name: string, run: () => Promise<Counts>]} Part */

/** Parts of one group run side by side. @type {(quick: boolean) => Part[]} */
const fixed = (quick) => [
  ['Types', () => types(quick)],
  ['Lint and import directions', () => lint(quick)],
];

/** @type {Part[][]} */
const QUICK = [[...fixed(true), ['Unit tests', () => unit(true)]]];

/** @type {Part[][]} */
const ALL = [
  fixed(false),
  [['Unit tests', () => unit(false)]],
  [
    ['Parity with PyTorch: cpu', () => parity('cpu')],
    ['Parity with PyTorch: wasm', () => parity('wasm')],
    ['Parity with PyTorch: webgpu (software adapter)', () => parity('webgpu')],
  ],
  [['End to end', endToEnd]],
];

/** Runs a part, and writes its line of the closing table. @param {Part} part */
async function timed([name, run]) {
  console.log(`\n== ${name}`);
  const started = Date.now();
  const counts = await run();
  const seconds = Math.round((Date.now() - started) / 1000);
  return { counts, line: `${summaryLine(counts).padEnd(34)} ${String(seconds).padStart(5)} s  ${name}` };
}

async function main() {
  const quick = process.argv.includes('--quick');
  ensureDependencies();
  if (!quick) {
    await ensureBrowser();
    ensureVulkanLoader();
  }
  rmSync(REPORTS, { recursive: true, force: true });
  mkdirSync(REPORTS, { recursive: true });
  const results = [];
  for (const group of quick ? QUICK : ALL) results.push(...(await Promise.all(group.map(timed))));
  const total = sum(results.map(({ counts }) => counts));
  console.log(`\n${results.map(({ line }) => line).join('\n')}\n${summaryLine(total)}`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

try {
  await main();
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  console.log(summaryLine(one(false)));
  process.exitCode = 1;
}
