/**
 * `node bench/whole-run.mjs [--python PATH] [--seed 1]`: whole runs through the built app beside PyTorch's; see
 * bench/README.md.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { browserFlags, installedBrowser } from '../scripts/lib/browser.mjs';
import { ROOT } from '../scripts/lib/dependencies.mjs';
import { engineInNode } from '../scripts/lib/engine-in-node.mjs';
import { serveFolder } from '../scripts/lib/static-server.mjs';

/** @typedef {{ method: string, trainSeconds: number, testedSeconds: number, accuracy: number }} Timed */

const SHARED = join(ROOT, '..', 'shared');
const FOLDER = join(SHARED, 'data', 'snips');
const REFERENCE = join(SHARED, 'tools', 'reference_run.py');
const MODEL = join(ROOT, 'public', 'models', 'all-MiniLM-L6-v2');
const PER_LABEL = 100;
const LONGEST_MS = 3_600_000;

const { values } = parseArgs({
  options: { python: { type: 'string', default: '' }, seed: { type: 'string', default: '1' } },
});
if (!existsSync(FOLDER)) throw new Error(`There is no ${FOLDER}: the rows of SNIPS are read from there.`);
const { mixedCsv, snipsRows } = await engineInNode('bench/lib/snips-rows.ts', 'cpu');
const seed = Number(values.seed);

/** The step's line in the list of steps. @param {import('@playwright/test').Page} page @param {string} step */
const line = (page, step) => page.getByTestId(`step-line-${step}`);

/** @param {import('@playwright/test').Page} page @param {string} step */
const go = (page, step) =>
  page
    .getByRole('navigation', { name: 'Steps' })
    .getByRole('link', { name: new RegExp(`^${step} `) })
    .click();

/**
 * Waits until a step's line says so; returns the match. @param {import('@playwright/test').Page} page @param {string}
 * step @param {RegExp} words
 */
async function says(page, step, words) {
  const found = line(page, step).filter({ hasText: words });
  await found.waitFor({ timeout: LONGEST_MS });
  return words.exec(await found.innerText()) ?? [];
}

/**
 * From the button to the tested result. @param {import('@playwright/test').Page} page @param {string} method @returns
 * {Promise<Timed>}
 */
async function timedRun(page, method) {
  await go(page, 'Train');
  await page.getByRole('radio', { name: method }).click();
  const button = page.getByRole('button', { name: 'Start training', exact: true });
  await button.click({ trial: true, timeout: 60_000 });
  const start = performance.now();
  await button.click();
  // An earlier run's line goes away when the new one begins.
  await says(page, 'train', /^(?:Preparing|Step \d)/);
  await says(page, 'train', /^Trained in/);
  const trainSeconds = (performance.now() - start) / 1000;
  const [, percent] = await says(page, 'evaluate', /([\d.]+) % accuracy on test rows/i);
  return { method, trainSeconds, testedSeconds: (performance.now() - start) / 1000, accuracy: Number(percent) / 100 };
}

/** Both methods through the built app, on WebAssembly, on an isolated page. */
async function ours() {
  const outDir = join(ROOT, 'node_modules', '.cache', 'tabtune', 'whole-run-app');
  await build({ root: ROOT, logLevel: 'error', build: { outDir, emptyOutDir: true } });
  const server = await serveFolder({ folder: outDir, port: 0 });
  const executablePath = installedBrowser();
  const browser = await chromium.launch({
    ...(executablePath ? { executablePath } : {}),
    args: browserFlags({ webgpu: false }),
  });
  try {
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${server.port}/`);
    const device = page.getByTestId('device').filter({ hasText: /WebAssembly/ });
    await device.waitFor({ timeout: 60_000 });
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose a file' }).click();
    await (
      await chooser
    ).setFiles({ name: 'snips.csv', mimeType: 'text/csv', buffer: Buffer.from(mixedCsv(FOLDER, PER_LABEL, seed)) });
    await says(page, 'data', /\d examples/);
    await go(page, 'Model');
    await page
      .getByRole('region', { name: 'Comes with the app' })
      .getByRole('button', { name: /MiniLM/ })
      .click();
    await says(page, 'model', /M parameters/);
    const runs = [];
    for (const method of ['Quick', 'Thorough']) {
      const run = await timedRun(page, method);
      console.log(
        `${method}: trained after ${run.trainSeconds.toFixed(1)} s, tested after ` +
          `${run.testedSeconds.toFixed(1)} s, accuracy ${run.accuracy}`,
      );
      runs.push(run);
    }
    return { device: await device.innerText(), isolated: await page.evaluate(() => crossOriginIsolated), runs };
  } finally {
    await browser.close();
    await server.close();
  }
}

/** transformers on the same rows with the same recipe. @param {string} python */
function reference(python) {
  const folder = mkdtempSync(join(tmpdir(), 'tabtune-whole-run-'));
  try {
    const { header, train } = snipsRows(FOLDER, PER_LABEL, seed);
    writeFileSync(join(folder, 'train.csv'), [header, ...train].join('\n'));
    const recipe = ['--method', 'full', '--epochs', '3', '--lr', '2e-4', '--batch', '16', '--seed', String(seed)];
    const done = spawnSync(
      python,
      [REFERENCE, MODEL, join(folder, 'train.csv'), join(FOLDER, 'intents.validation.csv'), ...recipe],
      { encoding: 'utf8' },
    );
    if (done.status !== 0)
      throw new Error(`The reference run failed: ${done.stderr.trim().split('\n').at(-1) ?? 'no message'}`);
    return JSON.parse(done.stdout.trim().split('\n').at(-1) ?? '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const mine = await ours();
const pytorch = values.python ? reference(values.python) : null;
const thorough = mine.runs.find(({ method }) => method === 'Thorough');
const ratio = pytorch && thorough ? thorough.testedSeconds / pytorch.seconds : null;
if (pytorch)
  console.log(
    `PyTorch: trained and tested in ${pytorch.seconds} s, accuracy ${pytorch.accuracy}; Thorough takes ` +
      `${ratio?.toFixed(2)} × that`,
  );
else console.log('No --python was given (one with torch, transformers and peft): the reference run is left out.');
mkdirSync(join(ROOT, 'bench', 'results'), { recursive: true });
const result = {
  date: new Date().toISOString().slice(0, 10),
  cores: availableParallelism(),
  seed,
  ...mine,
  pytorch,
  ratioToPyTorch: ratio,
};
writeFileSync(join(ROOT, 'bench', 'results', 'whole-run.json'), `${JSON.stringify(result, null, 1)}\n`);
process.exit();
