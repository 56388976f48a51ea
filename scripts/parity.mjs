/**
 * `npm run parity -- DIR [--backend webgpu|wasm|cpu]`: every case of a folder laid out like the parity fixtures, computed by
 * our engine and compared with what PyTorch computed. Prints a line a case; exits 1 when one is out of tolerance.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { ROOT, ensureDependencies } from './lib/dependencies.mjs';
import { vulkanEnvironment, whyNoNodeWebGpu } from './lib/vulkan.mjs';

const USAGE = 'Usage: npm run parity -- DIR [--backend webgpu|wasm|cpu]   (DIR: a folder with one folder a case; default backend wasm)';
const BACKENDS = ['webgpu', 'wasm', 'cpu'];

/** The folder and the backend from the command line; throws with the usage when they make no sense. */
function readArguments() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: { backend: { type: 'string', default: 'wasm' } } });
  const [folder] = positionals;
  if (!folder || positionals.length > 1) throw new Error(USAGE);
  if (!BACKENDS.includes(values.backend)) throw new Error(`Unknown backend "${values.backend}".\n${USAGE}`);
  if (!existsSync(folder)) throw new Error(`There is no folder ${folder}.`);
  return { folder: resolve(folder), backend: values.backend };
}

/** Gives this process what the engine expects of a browser: the number of cores and, where asked for, WebGPU on the software adapter. */
async function provideBrowserParts(/** @type {string} */ backend) {
  const navigator = { userAgent: 'Node', hardwareConcurrency: availableParallelism() };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  if (backend !== 'webgpu') return;
  const missing = whyNoNodeWebGpu();
  if (missing) throw new Error(`WebGPU cannot run in Node here: ${missing}.`);
  Object.assign(process.env, vulkanEnvironment());
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  Object.assign(navigator, { gpu: create([]) });
}

/** Bundles the engine for Node: tfjs mixes module kinds, which a bundler sorts out. Returns the bundle's folder. */
async function bundleEngine() {
  const { build } = await import('vite');
  const outDir = join(ROOT, 'node_modules', '.cache', 'tabtune-parity');
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    ssr: { noExternal: true },
    build: { ssr: 'src/engine/parity.ts', outDir, emptyOutDir: true, target: 'node20', rollupOptions: { output: { entryFileNames: 'parity.mjs' } } },
  });
  return outDir;
}

try {
  const { folder, backend } = readArguments();
  ensureDependencies();
  await provideBrowserParts(backend);
  const engine = await import(pathToFileURL(join(await bundleEngine(), 'parity.mjs')).href);
  process.exitCode = await engine.parity(folder, backend);
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
// Dawn keeps the process alive as long as a device exists.
process.exit();
