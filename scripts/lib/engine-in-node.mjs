/**
 * Runs parts of the engine in Node for commands: a bundle of one entry file, in a process that looks enough like a
 * browser.
 */
import { availableParallelism } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './dependencies.mjs';
import './tfjs-in-node.mjs';
import { vulkanEnvironment, whyNoNodeWebGpu } from './vulkan.mjs';
import { provideWasmThreads } from './wasm-threads-in-node.mjs';

export const BACKENDS = ['webgpu', 'wasm', 'cpu'];

/**
 * Gives this process what the engine expects of a browser: the number of cores and, where asked for, WebGPU.
 * @param {string} backend
 * @param {'software' | 'real'} adapter
 */
async function provideBrowserParts(backend, adapter) {
  const navigator = { userAgent: 'Node', hardwareConcurrency: availableParallelism() };
  Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  if (backend !== 'webgpu') return;
  if (adapter === 'software') {
    const missing = whyNoNodeWebGpu();
    if (missing) throw new Error(`WebGPU cannot run in Node here: ${missing}.`);
    Object.assign(process.env, vulkanEnvironment());
  }
  const { create, globals } = await import('webgpu');
  Object.assign(globalThis, globals);
  Object.assign(navigator, { gpu: create([]) });
}

/**
 * The exports of `entry` (a TypeScript file below the root), bundled: tfjs mixes module kinds, which a bundler sorts
 * out.
 * @param {string} entry
 * @param {string} backend what the entry is going to open
 * @param {{ threads?: boolean, adapter?: 'software' | 'real' }} [options] `threads`: WebAssembly at the speed of a
 * browser, on all cores and with
 *   fused multiply-add; `adapter`: the GPU that WebGPU runs on, by default the software one
 * @returns {Promise<Record<string, any>>}
 */
export async function engineInNode(entry, backend, { threads = false, adapter = 'software' } = {}) {
  await provideBrowserParts(backend, adapter);
  if (threads) provideWasmThreads();
  const { build } = await import('vite');
  const name = `${basename(entry, '.ts')}.mjs`;
  const outDir = join(ROOT, 'node_modules', '.cache', 'tabtune', name);
  await build({
    root: ROOT,
    configFile: false,
    logLevel: 'error',
    publicDir: false,
    ssr: { noExternal: true },
    build: {
      ssr: entry,
      outDir,
      emptyOutDir: true,
      target: 'node20',
      rollupOptions: { output: { entryFileNames: name } },
    },
  });
  return import(pathToFileURL(join(outDir, name)).href);
}
