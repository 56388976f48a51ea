/** `node bench/stories.mjs [--backend wasm] [--epochs 2] [--seed 1] [--python PATH]`: see bench/README.md. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../scripts/lib/dependencies.mjs';
import { engineInNode } from '../scripts/lib/engine-in-node.mjs';

const SHARED = join(ROOT, '..', 'shared');
const [MODEL, DATA] = [join(SHARED, 'models', 'stories260K'), join(SHARED, 'data', 'snips')];

const text = (/** @type {string} */ value) => ({ type: /** @type {const} */ ('string'), default: value });
const { values } = parseArgs({
  options: { backend: text('wasm'), epochs: text('2'), seed: text('1'), python: text('') },
});
for (const path of [MODEL, DATA]) if (!existsSync(path)) throw new Error(`There is no ${path}.`);

/**
 * The same run in transformers. @param {string} python @param {unknown} recipe @returns {{ before: number, after:
 * number }}
 */
function reference(python, recipe) {
  const folder = mkdtempSync(join(tmpdir(), 'tabtune-stories-'));
  try {
    writeFileSync(join(folder, 'recipe.json'), JSON.stringify(recipe));
    const done = spawnSync(python, [join(ROOT, 'bench', 'stories_reference.py'), MODEL, join(folder, 'recipe.json')], {
      encoding: 'utf8',
    });
    if (done.status !== 0)
      throw new Error(`The reference run failed: ${done.stderr.trim().split('\n').at(-1) ?? 'no message'}`);
    return JSON.parse(done.stdout.trim().split('\n').at(-1) ?? '');
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const { runStories } = await engineInNode('bench/lib/stories.ts', values.backend, {
  threads: values.backend === 'wasm',
});
const { recipe, ...mine } = await runStories({
  model: MODEL,
  data: DATA,
  backend: values.backend,
  epochs: Number(values.epochs),
  seed: Number(values.seed),
});
console.log(
  `${mine.device}: validation loss ${mine.before.toFixed(4)} before, ${mine.after.toFixed(4)} after ` +
    `${mine.steps} steps in ${mine.seconds.toFixed(1)} s`,
);
const transformers = values.python ? reference(values.python, recipe) : null;
const share = transformers ? (mine.before - mine.after) / (transformers.before - transformers.after) : null;
if (transformers)
  console.log(
    `transformers: ${transformers.before.toFixed(4)} before, ${transformers.after.toFixed(4)} after; ours ` +
      `falls by ${share?.toFixed(4)} × as much`,
  );
else console.log('No --python was given (one with torch and transformers): the reference run is left out.');
mkdirSync(join(ROOT, 'bench', 'results'), { recursive: true });
const result = {
  date: new Date().toISOString().slice(0, 10),
  cores: availableParallelism(),
  epochs: Number(values.epochs),
  ...mine,
  transformers,
  fallOverTransformers: share,
};
writeFileSync(join(ROOT, 'bench', 'results', `stories-${values.backend}.json`), `${JSON.stringify(result, null, 1)}\n`);
process.exit();
