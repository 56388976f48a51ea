/**
 * `node bench/replay.mjs [--adapter software] [--steps 100]`: the script's time in a replayed step; see
 * bench/README.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../scripts/lib/dependencies.mjs';
import { engineInNode } from '../scripts/lib/engine-in-node.mjs';
import { openBenchPage } from './lib/bench-page.mjs';

const ROUNDS = 7;
const LIMIT_MS = 480_000;

const { values } = parseArgs({
  options: { adapter: { type: 'string', default: '' }, steps: { type: 'string', default: '100' } },
});
const steps = Number(values.steps);
const { REPLAYED } = await engineInNode('bench/lib/work.ts', 'cpu');
const { newPage, baseUrl, close } = await openBenchPage(values.adapter);

/**
 * One round: what a step took of the script, and what it asked of the GPU. @param {import('@playwright/test').Page}
 * page
 */
async function round(page) {
  const { ms, counts } = await page.evaluate(
    ([steps, limit]) => window.bench.run('ours', steps, limit),
    /** @type {const} */ ([steps, LIMIT_MS]),
  );
  return {
    ms: ms / steps,
    script: (ms - counts.idleMs) / steps,
    dispatches: counts.dispatches / steps,
    submits: counts.submits / steps,
  };
}

try {
  const page = await newPage();
  const { adapter } = await page.evaluate(() => window.bench.about());
  await page.evaluate(
    ([work, baseUrl, limit]) =>
      window.bench.start('ours', { library: 'ours', work, options: { backend: 'webgpu', baseUrl } }, limit),
    /** @type {const} */ ([REPLAYED, baseUrl, LIMIT_MS]),
  );
  // The first records; by the end of it the browser has compiled the script as well as it will.
  await round(page);
  const rounds = [];
  for (let n = 0; n < ROUNDS; n++) rounds.push(await round(page));
  rounds.sort((a, b) => a.script - b.script);
  const [least, middle] = [rounds[0], rounds[Math.floor(ROUNDS / 2)]];
  if (!least || !middle) throw new Error('Nothing was measured.');
  const result = {
    date: new Date().toISOString().slice(0, 10),
    adapter,
    work: REPLAYED.title,
    steps: steps * ROUNDS,
    scriptMs: { median: middle.script, least: least.script },
    stepMs: middle.ms,
    dispatches: middle.dispatches,
    submits: middle.submits,
  };
  console.log(
    `${adapter}: ${middle.script.toFixed(2)} ms of script a step (least ${least.script.toFixed(2)}), ` +
      `${middle.dispatches.toFixed(0)} dispatches, ${middle.submits.toFixed(2)} submits, ` +
      `${middle.ms.toFixed(1)} ms in all`,
  );
  mkdirSync(join(ROOT, 'bench', 'results'), { recursive: true });
  writeFileSync(join(ROOT, 'bench', 'results', 'replay.json'), `${JSON.stringify(result, null, 1)}\n`);
} finally {
  await close();
}
process.exit();
