/** `node bench/qlora.mjs [--backend wasm] [--only q4-checkpointed,…] [--steps 10]`: see bench/README.md. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { engineInNode } from '../scripts/lib/engine-in-node.mjs';

const FOLDER = '../shared/models/SmolLM2-135M-Instruct';
const MODEL = `${FOLDER}/SmolLM2-135M-Instruct.Q4_1.gguf`;
const VARIANTS = ['f32', 'q8', 'q4', 'q4-checkpointed'];
/** Bytes with a 4-bit base at 256 tokens. */
const BAR = 350e6;

const { values } = parseArgs({
  options: { backend: { type: 'string', default: 'wasm' }, only: { type: 'string', default: VARIANTS.join() }, steps: { type: 'string', default: '10' }, child: { type: 'boolean', default: false } },
});
const { backend, only, steps, child } = values;
if (!existsSync(MODEL)) throw new Error(`There is no ${MODEL}.`);
if (child) {
  const { runQlora } = await engineInNode('bench/qlora.ts', backend);
  const [base, checkpointed] = only.split('-');
  console.log(JSON.stringify(await runQlora({ model: MODEL, golden: `${FOLDER}/golden.json`, backend, base, checkpointing: checkpointed !== undefined, steps: Number(steps) })));
  process.exit();
}
// A process each: memory that one has taken is not given back.
const results = only.split(',').map((variant) => {
  const printed = execFileSync(process.execPath, [import.meta.filename, '--child', '--backend', backend, '--steps', steps, '--only', variant], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] });
  const result = JSON.parse(printed.trim().split('\n').at(-1) ?? '');
  const megabytes = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  console.log(`${backend} ${variant}: loss ${result.losses[0]} → ${result.losses.at(-1)} in ${result.losses.length} steps of ${result.stepMs} ms; weights ${megabytes(result.weightBytes)}, at most ${megabytes(result.peakBytes)} with 256 tokens`);
  return result;
});
mkdirSync('bench/results', { recursive: true });
writeFileSync(`bench/results/qlora-${backend}.json`, `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), bar: BAR, results }, null, 1)}\n`);
