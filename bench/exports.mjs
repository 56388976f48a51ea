/**
 * `node bench/exports.mjs [--backend wasm] [--epochs 3] [--seed 1] [--llama FOLDER] [--python PATH] [--keep FOLDER]`:
 * see bench/README.md.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../scripts/lib/dependencies.mjs';
import { engineInNode } from '../scripts/lib/engine-in-node.mjs';

const SHARED = join(ROOT, '..', 'shared');
const MODEL = join(SHARED, 'models', 'SmolLM2-135M-Instruct', 'SmolLM2-135M-Instruct.Q4_1.gguf');
const DATA = join(SHARED, 'data', 'faq');

const text = (/** @type {string} */ value) => ({ type: /** @type {const} */ ('string'), default: value });
const { values } = parseArgs({
  options: {
    backend: text('wasm'),
    epochs: text('3'),
    seed: text('1'),
    llama: text(''),
    python: text(''),
    keep: text(''),
  },
});
for (const path of [MODEL, DATA]) if (!existsSync(path)) throw new Error(`There is no ${path}.`);

/** The JSON in the last line that a program prints. @param {string} program @param {string[]} parameters */
function lineOf(program, parameters) {
  const done = spawnSync(program, parameters, { encoding: 'utf8' });
  const line = done.stdout.trim().split('\n').at(-1);
  if (!line) throw new Error(`${parameters[0]} failed: ${done.stderr.trim().split('\n').at(-1) ?? 'no message'}`);
  return JSON.parse(line);
}

const folder = values.keep ? resolve(values.keep) : mkdtempSync(join(tmpdir(), 'tabtune-exports-'));
try {
  const { writeExports } = await engineInNode('bench/lib/exports.ts', values.backend, {
    threads: values.backend === 'wasm',
  });
  const taught = await writeExports(
    { model: MODEL, data: DATA, backend: values.backend, epochs: Number(values.epochs), seed: Number(values.seed) },
    folder,
  );
  const llamaCpp = values.llama
    ? await lineOf(process.execPath, [join(ROOT, 'bench', 'lib', 'llama-cpp.mjs'), values.llama, folder])
    : null;
  const transformers = values.python
    ? lineOf(values.python, [join(ROOT, 'scripts', 'verify', 'check_decoder_exports.py'), folder])
    : null;
  console.log(`${taught.device}, ${taught.steps} steps to a loss of ${taught.loss.toFixed(3)}`);
  console.log('llama.cpp, F16:', llamaCpp ?? 'left out, no --llama (a folder with node-llama-cpp in its node_modules)');
  console.log(
    'PEFT and transformers:',
    transformers ?? 'left out, no --python (one with torch, transformers and peft)',
  );
  mkdirSync(join(ROOT, 'bench', 'results'), { recursive: true });
  const result = {
    date: new Date().toISOString().slice(0, 10),
    epochs: Number(values.epochs),
    seed: Number(values.seed),
    ...taught,
    llamaCpp,
    transformers,
  };
  writeFileSync(join(ROOT, 'bench', 'results', 'exports.json'), `${JSON.stringify(result, null, 1)}\n`);
} finally {
  if (!values.keep) rmSync(folder, { recursive: true, force: true });
}
process.exit();
