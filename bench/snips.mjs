/** `node bench/snips.mjs [full lora head] [--seeds 1,2] [--backend wasm]`: see bench/README.md. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { engineInNode } from '../scripts/lib/engine-in-node.mjs';

const FOLDER = '../shared/data/snips';
/** Mean accuracy of transformers + PEFT with the same recipe (design/formats.md), and the bar for ours. */
const REFERENCE = { full: [0.983, 0.97], lora: [0.976, 0.96], head: [0.952, 0.94] };

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { seeds: { type: 'string', default: '1,2' }, backend: { type: 'string', default: 'wasm' } },
});
if (!existsSync(FOLDER)) throw new Error(`There is no ${FOLDER}.`);
const { runSnips } = await engineInNode('bench/snips.ts', values.backend);
mkdirSync('bench/results', { recursive: true });
for (const method of positionals.length > 0 ? positionals : Object.keys(REFERENCE)) {
  /** @type {{ accuracy: number }[]} */
  const runs = [];
  for (const seed of values.seeds.split(',').map(Number)) {
    const run = await runSnips(FOLDER, method, seed, values.backend);
    runs.push(run);
    console.log(
      `${method} seed ${seed}: accuracy ${run.accuracy.toFixed(4)}, macro F1 ${run.macroF1.toFixed(4)}, ` +
        `${run.seconds.toFixed(1)} s (${run.device})`,
    );
  }
  const mean = runs.reduce((sum, run) => sum + run.accuracy, 0) / runs.length;
  const [transformers, bar] = REFERENCE[/** @type {keyof typeof REFERENCE} */ (method)];
  console.log(
    `${method}: mean ${mean.toFixed(4)}; transformers + PEFT ${transformers}, bar ${bar}: ` +
      (mean >= (bar ?? 0) ? 'reached' : 'MISSED'),
  );
  writeFileSync(
    `bench/results/snips-${method}-${values.backend}.json`,
    `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), mean, transformers, bar, runs }, null, 1)}\n`,
  );
}
process.exit();
