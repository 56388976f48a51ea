/**
 * `npm run parity -- DIR [--backend webgpu|wasm|cpu]`: every case of a folder laid out like the parity fixtures, computed by
 * our engine and compared with what PyTorch computed. Prints a line a case; exits 1 when one is out of tolerance.
 */
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { resolve } from 'node:path';
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

/** Makes `navigator.gpu` of this process the `webgpu` package on the software adapter. */
async function provideWebGpu() {
  const missing = whyNoNodeWebGpu();
  if (missing) throw new Error(`WebGPU cannot run in Node here: ${missing}.`);
  Object.assign(process.env, vulkanEnvironment());
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  const gpu = create([]);
  Object.defineProperty(globalThis, 'navigator', { value: { userAgent: 'Node', hardwareConcurrency: availableParallelism(), gpu }, configurable: true });
}

try {
  const { folder, backend } = readArguments();
  ensureDependencies();
  if (backend === 'webgpu') await provideWebGpu();
  const { createServer } = await import('vite');
  // tfjs ships ES modules under a CommonJS manifest: Vite has to load it, and our TypeScript.
  const vite = await createServer({
    root: ROOT,
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    server: { middlewareMode: true, hmr: false, watch: null },
    optimizeDeps: { noDiscovery: true },
    ssr: { noExternal: [/@tensorflow\//] },
  });
  try {
    const engine = await vite.ssrLoadModule('/src/engine/parity.ts');
    process.exitCode = await engine['parity'](folder, backend);
  } finally {
    await vite.close();
  }
} catch (error) {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
}
// Dawn keeps the process alive as long as a device exists.
process.exit();
