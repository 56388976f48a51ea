/**
 * `node bench/step.mjs [--backend wasm|webgpu|cpu] [--steps N] [--batch 8] [--length 32] [--method full|lora]`: see
 * bench/README.md.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { engineInNode } from '../scripts/lib/engine-in-node.mjs';

const number = (/** @type {string} */ value) => ({ type: /** @type {const} */ ('string'), default: value });
const { values } = parseArgs({
  options: {
    backend: number('wasm'),
    steps: number('5'),
    batch: number('8'),
    length: number('32'),
    method: number('full'),
  },
});
const { timeSteps } = await engineInNode('bench/step.ts', values.backend);
const result = await timeSteps(
  values.backend,
  Number(values.steps),
  Number(values.batch),
  Number(values.length),
  values.method,
);
console.log(
  `${result.device}, ${result.method}, ${result.batch} × ${result.length}: median ` +
    `${result.median.toFixed(1)} ms a step, least ${result.least.toFixed(1)}; JavaScript ` +
    `${result.scriptMedian.toFixed(2)} ms; ${result.dispatches ?? 'no'} ` +
    `dispatches${result.notRecorded ? `, not recorded: ${result.notRecorded}` : ''}`,
);
mkdirSync('bench/results', { recursive: true });
writeFileSync(
  `bench/results/step-${values.method === 'full' ? '' : `${values.method}-`}${values.backend}.json`,
  `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), ...result }, null, 1)}\n`,
);
process.exit();
