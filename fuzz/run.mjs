/**
 * `npm run test:fuzz [-- --cases 100000 --seed 1 --only zip,gguf --jobs 2]`: every target, or those whose names hold
 * one of the words, in a thread of its own, ended as a failure when one case takes longer than 2 s. What came of each
 * goes to its line in bench/results/fuzz.json.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import { ROOT, ensureDependencies } from '../scripts/lib/dependencies.mjs';
import { tfjsInNode } from '../scripts/lib/tfjs-in-node.mjs';

/**
 * The longest that a case may keep a processor busy. On a machine that has other work to do, the clock on the wall says
 * nothing.
 */
const DEADLINE_MS = 2000;
const WATCHED_EVERY_MS = 100;

const RECORD = join(ROOT, 'bench', 'results', 'fuzz.json');

/**
 * @typedef {{ name: string, date: string, node: string, cases: number, seed: number, accepted: number, refused: number,
 * slowestMs: number, seconds: number, failure: string | null }} Result
 */

/**
 * What this process has used of the processors, in ms: of that, each of `jobs` threads has at most its share. @param
 * {number} jobs
 */
const busyMs = (jobs) => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000 / jobs;
};

/** Bundles the targets, which are TypeScript. @returns {Promise<string>} the folder */
async function bundle() {
  const { build } = await import('vite');
  const outDir = join(ROOT, 'node_modules', '.cache', 'tabtune', 'fuzz');
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    plugins: [tfjsInNode()],
    ssr: { noExternal: true },
    build: {
      ssr: true,
      outDir,
      emptyOutDir: true,
      target: 'node20',
      rollupOptions: { input: ['fuzz/worker.ts', 'fuzz/names.ts'], output: { entryFileNames: '[name].mjs' } },
    },
  });
  return outDir;
}

/**
 * One target in a thread; a case that does not end in time ends the thread.
 * @param {string} folder
 * @param {string} name
 * @param {number} cases
 * @param {number} seed
 * @param {number} jobs threads at work
 * @returns {Promise<Result>}
 */
function runTarget(folder, name, cases, seed, jobs) {
  return new Promise((resolve) => {
    const beat = new SharedArrayBuffer(4);
    const number = new Int32Array(beat);
    const started = Date.now();
    const worker = new Worker(join(folder, 'worker.mjs'), { workerData: { name, cases, seed, beat } });
    let seen = 0;
    let since = busyMs(jobs);
    const done = (/** @type {Partial<Result>} */ part) => {
      clearInterval(watch);
      void worker.terminate();
      resolve({
        name,
        date: new Date().toISOString().slice(0, 10),
        node: process.version,
        cases,
        seed,
        accepted: 0,
        refused: 0,
        slowestMs: 0,
        failure: null,
        seconds: (Date.now() - started) / 1000,
        ...part,
      });
    };
    const watch = setInterval(() => {
      const at = Atomics.load(number, 0);
      if (at !== seen) [seen, since] = [at, busyMs(jobs)];
      // Before the first case the thread is still being loaded.
      else if (at > 0 && busyMs(jobs) - since > DEADLINE_MS)
        done({ failure: `case ${at} of seed ${seed} takes longer than ${DEADLINE_MS / 1000} s` });
    }, WATCHED_EVERY_MS);
    worker.on('message', ({ tally, slowestMs, failure }) =>
      done({ ...tally, slowestMs: Math.round(slowestMs), failure }),
    );
    worker.on('error', (error) => done({ failure: String(error) }));
  });
}

/**
 * Writes a result into the record, beside those of the other targets. A run that held does not replace a longer one.
 * @param {Result} result
 * @param {string[]} names of the targets there are
 */
function keep(result, names) {
  /** @type {Result[]} */
  const known = existsSync(RECORD) ? JSON.parse(readFileSync(RECORD, 'utf8')).results : [];
  const earlier = known.find(({ name }) => name === result.name);
  if (earlier && earlier.cases > result.cases && result.failure === null) return;
  const results = [...known.filter(({ name }) => name !== result.name && names.includes(name)), result];
  results.sort((a, b) => names.indexOf(a.name) - names.indexOf(b.name));
  mkdirSync(dirname(RECORD), { recursive: true });
  writeFileSync(RECORD, `${JSON.stringify({ deadlineMs: DEADLINE_MS, results }, null, 1)}\n`);
}

async function main() {
  const { values } = parseArgs({
    options: {
      cases: { type: 'string', default: '100000' },
      seed: { type: 'string' },
      only: { type: 'string', default: '' },
      jobs: { type: 'string', default: '1' },
    },
  });
  ensureDependencies();
  const seed = values.seed === undefined ? Math.floor(Math.random() * 2 ** 31) : Number(values.seed);
  const folder = await bundle();
  const { NAMES } = await import(pathToFileURL(join(folder, 'names.mjs')).href);
  const words = values.only.toLowerCase().split(',');
  const waiting = NAMES.filter((/** @type {string} */ name) => words.some((word) => name.toLowerCase().includes(word)));
  /** @type {Result[]} */
  const results = [];
  const jobs = Number(values.jobs);
  const work = async () => {
    for (let name = waiting.shift(); name !== undefined; name = waiting.shift()) {
      const result = await runTarget(folder, name, Number(values.cases), seed, jobs);
      results.push(result);
      keep(result, NAMES);
      const outcome =
        result.failure === null
          ? `${result.accepted} taken, ${result.refused} refused, slowest ${result.slowestMs} ms, ` +
            `${result.seconds.toFixed(0)} s`
          : `FAILED: ${result.failure}`;
      console.log(`${name}: ${result.cases} cases, ${outcome}`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  const failed = results.filter(({ failure }) => failure !== null).length;
  console.log(`${results.length - failed} targets held, ${failed} failed`);
  process.exitCode = failed > 0 ? 1 : 0;
}

await main();
