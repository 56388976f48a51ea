/** `node bench/qlora.mjs [--backend wasm] [--only f16-rounded,q4-checkpointed,…] [--steps 10]`: see bench/README.md. */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { engineInNode } from '../scripts/lib/engine-in-node.mjs';

const FOLDER = '../shared/models/SmolLM2-135M-Instruct';
const MODEL = `${FOLDER}/SmolLM2-135M-Instruct.Q4_1.gguf`;
/** The file packs nearly all in 4 bits, and would stay so in 16 and 8: those are rounded from its values. */
const VARIANTS = ['f32', 'f16-rounded', 'q8-rounded', 'q4', 'q4-checkpointed'];
/** Bytes with a 4-bit base at 256 tokens. */
const BAR = 350e6;

const { values } = parseArgs({
  options: {
    backend: { type: 'string', default: 'wasm' },
    only: { type: 'string', default: VARIANTS.join() },
    steps: { type: 'string', default: '10' },
    child: { type: 'boolean', default: false },
  },
});
const { backend, only, steps, child } = values;
if (!existsSync(MODEL)) throw new Error(`There is no ${MODEL}.`);
if (child) {
  const { runQlora } = await engineInNode('bench/qlora.ts', backend);
  const [base, ...how] = only.split('-');
  console.log(
    JSON.stringify(
      await runQlora({
        model: MODEL,
        golden: `${FOLDER}/golden.json`,
        backend,
        base,
        rounded: how.includes('rounded'),
        checkpointing: how.includes('checkpointed'),
        steps: Number(steps),
      }),
    ),
  );
  process.exit();
}
// A process each: memory that one has taken is not given back.
const results = only.split(',').map((variant) => {
  const printed = execFileSync(
    process.execPath,
    [import.meta.filename, '--child', '--backend', backend, '--steps', steps, '--only', variant],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const result = JSON.parse(printed.trim().split('\n').at(-1) ?? '');
  const megabytes = (/** @type {number} */ bytes) => `${(bytes / 1e6).toFixed(0)} MB`;
  const { losses, stepMs, weightBytes, peakBytes, logits } = result;
  const apart = logits
    ? `; logits within ${logits.largest.toPrecision(2)} of those of floats (r.m.s. ` +
      `${logits.rootMeanSquare.toPrecision(2)}), the likeliest token the same after ${logits.sameChoice} of ` +
      `${logits.tokens}`
    : '';
  console.log(
    `${backend} ${variant}: loss ${losses[0]} → ${losses.at(-1)} in ${losses.length} steps of ${stepMs} ` +
      `ms; weights ${megabytes(weightBytes)}, at most ${megabytes(peakBytes)} with 256 tokens${apart}`,
  );
  return result;
});
mkdirSync('bench/results', { recursive: true });
writeFileSync(
  `bench/results/qlora-${backend}.json`,
  `${JSON.stringify({ date: new Date().toISOString().slice(0, 10), bar: BAR, results }, null, 1)}\n`,
);
