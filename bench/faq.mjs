/** `node bench/faq.mjs [--backend wasm] [--epochs 10] [--seed 1]`: see bench/README.md. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { engineInNode } from '../scripts/lib/engine-in-node.mjs';

const MODEL = '../shared/models/SmolLM2-135M-Instruct/SmolLM2-135M-Instruct.Q4_1.gguf';
const DATA = '../shared/data/faq';
/**
 * What transformers + PEFT reach with the same settings (../shared/tools/reference_sft.py on two cores), and the bar
 * for ours.
 */
const REFERENCE = { exact: 49, heldOut: 3, trainSeconds: 330 };
const BAR = 45;

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'wasm' },
    epochs: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
  },
});
for (const path of [MODEL, DATA]) if (!existsSync(path)) throw new Error(`There is no ${path}.`);
const { runFaq } = await engineInNode('bench/faq.ts', values.backend, { threads: true });
const result = await runFaq({
  model: MODEL,
  data: DATA,
  backend: values.backend,
  epochs: Number(values.epochs),
  seed: Number(values.seed),
});
const heldOut = result.heldOut.filter((/** @type {{ right: boolean }} */ { right }) => right).length;
console.log(
  `${result.device}: ${result.exactBefore} of ${result.rows} answers word for word before, ` +
    `${result.exact} after ${result.steps} steps in ${result.trainSeconds} s (bar ${BAR}; transformers + ` +
    `PEFT ${REFERENCE.exact}); ${heldOut} of ${result.heldOut.length} rewordings (transformers + PEFT ` +
    `${REFERENCE.heldOut})`,
);
mkdirSync('bench/results', { recursive: true });
writeFileSync(
  `bench/results/faq-${values.backend}.json`,
  `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), machine: `${availableParallelism()} × ${cpus()[0]?.model ?? 'unknown'}`, reference: REFERENCE, bar: BAR, ...result, heldOutRight: heldOut }, null, 1)}\n`,
);
process.exit();
