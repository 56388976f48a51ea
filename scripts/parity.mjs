/**
 * `npm run parity -- [DIR] [--backend webgpu|wasm|cpu]`: every case of a folder laid out like the parity fixtures, which
 * are the default, computed by our engine and compared with what PyTorch computed. Prints a line a case; exits 1 when
 * one is out of tolerance.
 */
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT, ensureDependencies } from './lib/dependencies.mjs';
import { BACKENDS, engineInNode } from './lib/engine-in-node.mjs';

const USAGE =
  'Usage: npm run parity -- [DIR] [--backend webgpu|wasm|cpu]   (DIR: a folder with one folder a case, by default ' +
  'e2e/fixtures/parity; default backend wasm)';

/** The folder and the backend from the command line; throws with the usage when they make no sense. */
function readArguments() {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { backend: { type: 'string', default: 'wasm' } },
  });
  const [folder = join(ROOT, 'e2e', 'fixtures', 'parity')] = positionals;
  if (positionals.length > 1) throw new Error(USAGE);
  if (!BACKENDS.includes(values.backend)) throw new Error(`Unknown backend "${values.backend}".\n${USAGE}`);
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}.`);
  return { folder: resolve(folder), backend: values.backend };
}

try {
  const { folder, backend } = readArguments();
  ensureDependencies();
  const engine = await engineInNode('src/engine/parity/run.ts', backend);
  process.exitCode = await engine['parity'](folder, backend);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
// Dawn keeps the process alive as long as a device exists.
process.exit();
