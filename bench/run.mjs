/** `npm run bench [-- --only full-8x32 --backend webgpu --steps 5]`: see bench/README.md. */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from '@playwright/test';
import { build } from 'vite';
import { browserFlags, installedBrowser } from '../scripts/lib/browser.mjs';
import { ROOT } from '../scripts/lib/dependencies.mjs';
import { engineInNode } from '../scripts/lib/engine-in-node.mjs';
import { serveFolder } from '../scripts/lib/static-server.mjs';

const OUT = join(ROOT, 'node_modules', '.cache', 'tabtune', 'bench-page');
const RESULTS = join(ROOT, 'bench', 'results');

const text = (/** @type {string} */ value) => ({ type: /** @type {const} */ ('string'), default: value });
const { values } = parseArgs({ options: { only: text(''), backend: text('webgpu,wasm'), steps: text('5'), limit: text('240'), adapter: text('') } });

const { runBench, markdown, WORKS } = await engineInNode('bench/lib/runner.ts', 'cpu');
const only = values.only.split(',').filter(Boolean);
const backends = values.backend.split(',').filter(Boolean);
const known = /** @type {{ name: string }[]} */ (WORKS).map(({ name }) => name);
const unknown = [...only.filter((name) => !known.includes(name)), ...backends.filter((name) => !['webgpu', 'wasm'].includes(name))];
if (unknown.length > 0) throw new Error(`Unknown: ${unknown.join(', ')}. Work: ${known.join(', ')}. Backends: webgpu, wasm.`);

rmSync(OUT, { recursive: true, force: true });
await build({ root: join(ROOT, 'bench'), configFile: join(ROOT, 'vite.config.ts'), publicDir: false, logLevel: 'error', build: { outDir: OUT, emptyOutDir: true } });
const server = await serveFolder({ folder: OUT, port: 0 });
const baseUrl = `http://127.0.0.1:${server.port}/`;
const executablePath = installedBrowser();
const SOFTWARE = /swiftshader|llvmpipe|lavapipe|software|basic render|warp/i;

/** The name of the adapter that a browser offers, empty for none. @param {import('@playwright/test').Browser} browser */
async function adapterName(browser) {
  const page = await browser.newPage();
  await page.goto(baseUrl);
  const { adapter } = await page.evaluate(() => window.bench.about());
  await page.close();
  return adapter ?? '';
}

/** A browser on a real adapter where the machine has one, else on the software adapter. */
async function openBrowser() {
  const args = browserFlags();
  const launch = (/** @type {string[]} */ args) => chromium.launch({ ...(executablePath ? { executablePath } : {}), args });
  const real = await launch(args.filter((flag) => !flag.startsWith('--use-webgpu-adapter')));
  const name = values.adapter === 'software' ? '' : await adapterName(real);
  if (name && !SOFTWARE.test(name)) return real;
  await real.close();
  return launch(args);
}

const browser = await openBrowser();

async function newPage() {
  const page = await browser.newPage();
  page.on('console', (message) => ['error', 'warning'].includes(message.type()) && console.log(`  [${message.type()}] ${message.text().slice(0, 300)}`));
  page.on('pageerror', (error) => console.log(`  [page] ${error.message}`));
  await page.goto(baseUrl);
  await page.waitForFunction(() => 'bench' in window);
  return page;
}

const name = ['bench', ...(backends.length === 2 ? [] : backends), ...only].join('-');

/** @param {import('./lib/report').Report} report */
function save(report) {
  mkdirSync(RESULTS, { recursive: true });
  writeFileSync(join(RESULTS, `${name}.json`), `${JSON.stringify(report, null, 1)}\n`);
  writeFileSync(join(RESULTS, `${name}.md`), markdown(report));
}

try {
  const date = new Date().toISOString().slice(0, 10);
  const report = await runBench(newPage, { only, backends, rounds: Number(values.steps), limitMs: 1000 * Number(values.limit), date, baseUrl, log: console.log, save });
  console.log(`\n${markdown(report)}\nWritten to bench/results/${name}.json and ${name}.md.`);
} finally {
  await browser.close();
  await server.close();
}
