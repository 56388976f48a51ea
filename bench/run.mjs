/** `npm run bench [-- --only full-8x32 --backend webgpu --steps 5]`: see bench/README.md. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../scripts/lib/dependencies.mjs';
import { engineInNode } from '../scripts/lib/engine-in-node.mjs';
import { openBenchPage } from './lib/bench-page.mjs';

const RESULTS = join(ROOT, 'bench', 'results');

const text = (/** @type {string} */ value) => ({ type: /** @type {const} */ ('string'), default: value });
const { values } = parseArgs({
  options: { only: text(''), backend: text('webgpu,wasm'), steps: text('5'), limit: text('240'), adapter: text('') },
});

const { runBench, markdown, WORKS } = await engineInNode('bench/lib/runner.ts', 'cpu');
const only = values.only.split(',').filter(Boolean);
const backends = values.backend.split(',').filter(Boolean);
const known = /** @type {{ name: string }[]} */ (WORKS).map(({ name }) => name);
const unknown = [
  ...only.filter((name) => !known.includes(name)),
  ...backends.filter((name) => !['webgpu', 'wasm'].includes(name)),
];
if (unknown.length > 0)
  throw new Error(`Unknown: ${unknown.join(', ')}. Work: ${known.join(', ')}. Backends: webgpu, wasm.`);

const { newPage, baseUrl, close } = await openBenchPage(values.adapter);
const name = ['bench', ...(backends.length === 2 ? [] : backends), ...only].join('-');

/** @param {import('./lib/report').Report} report */
function save(report) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(join(RESULTS, `${name}.md`), markdown(report));
}

try {
  const date = new Date().toISOString().slice(0, 10);
  const report = await runBench(newPage, {
    only,
    backends,
    rounds: Number(values.steps),
    limitMs: 1000 * Number(values.limit),
    date,
    baseUrl,
    log: console.log,
    save,
  });
  console.log(`\n${markdown(report)}\nWritten to bench/results/${name}.json and ${name}.md.`);
} finally {
  await close();
}
