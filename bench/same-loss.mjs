/** `node bench/same-loss.mjs [--steps 50] [--backends webgpu,wasm]`: see bench/README.md. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { engineInNode } from '../scripts/lib/engine-in-node.mjs';

const text = (/** @type {string} */ value) => ({ type: /** @type {const} */ ('string'), default: value });
const { values } = parseArgs({
  options: { steps: text('50'), backends: text('wasm,webgpu'), folder: text('../shared/data/snips') },
});
const { firstLosses } = await engineInNode('bench/snips.ts', 'webgpu');
const steps = Number(values.steps);
const expected = await firstLosses(values.folder, 'wasm', true, steps);
const found = [];
for (const backend of values.backends.split(',')) {
  const { device, losses } = await firstLosses(values.folder, backend, false, steps);
  const apart = /** @type {number[]} */ (losses).map(
    (loss, i) => Math.abs(loss - expected.losses[i]) / expected.losses[i],
  );
  console.log(
    `${device}: ${losses.length} steps, loss ${losses[0].toFixed(4)} → ${losses.at(-1).toFixed(4)}; at ` +
      `most ${Math.max(...apart).toExponential(1)} of it apart from plain operations on wasm`,
  );
  found.push({ device, losses, mostApart: Math.max(...apart) });
}
mkdirSync('bench/results', { recursive: true });
writeFileSync(
  'bench/results/same-loss.json',
  `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), steps, plain: expected.losses, found }, null, 1)}\n`,
);
process.exit();
