/** How the app is built, served for development and tested. */
import { availableParallelism } from 'node:os';
import react from '@vitejs/plugin-react';
import { configDefaults, defineConfig } from 'vitest/config';
import { ISOLATION_HEADERS } from './scripts/lib/page-policy.mjs';
import { tfjsInNode } from './scripts/lib/tfjs-in-node.mjs';
import { vulkanEnvironment } from './scripts/lib/vulkan.mjs';
import { serviceWorker } from './scripts/service-worker.mjs';
import { legalFiles, pagePolicy, wasmFiles } from './scripts/vite-plugins.mjs';
import { selfContainedWasmThreads } from './scripts/wasm-threads.mjs';

const TESTS = ['src/**/*.test.{ts,tsx}', 'fuzz/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'];
/**
 * Tests of what is chosen once for the whole engine (its backend, device, memory, and the worker that holds them), and
 * all that replace a module by `vi.mock`: where modules are shared they would get the real one, or others theirs.
 */
const APART = [
  // Measures its own memory.
  'src/data/large.slow.test.ts',
  'src/engine/*.test.ts',
  'src/engine/{backend,wasm,nn}/**/*.test.ts',
  'src/engine/kernels/gpu-variants.slow.test.ts',
  'src/engine/kernels/matmul/choice.test.ts',
  'src/worker/**/*.test.ts',
  'src/testing/**/*.test.ts',
  'src/lessons/{*.test.ts,*/worker/**/*.test.ts}',
  'bench/*.test.ts',
];
/** `npm run check` leaves out the slow ones. */
const LEFT_OUT = [...configDefaults.exclude, ...(process.env['TABTUNE_QUICK'] ? ['**/*.slow.test.{ts,tsx}'] : [])];

export default defineConfig({
  // A relative base lets the build run from any folder of any static host.
  base: './',
  plugins: [
    react(),
    wasmFiles(),
    legalFiles(),
    pagePolicy(),
    serviceWorker(),
    ...(process.env['VITEST'] ? [tfjsInNode()] : []),
  ],
  worker: { format: 'es', plugins: () => [selfContainedWasmThreads()] },
  server: { headers: ISOLATION_HEADERS },
  preview: { headers: ISOLATION_HEADERS },
  build: { target: 'es2023', chunkSizeWarningLimit: 2000 },
  test: {
    // Most test files share what they have loaded, which takes longer than most tests: tfjs, a GPU device. Those that
    // change it are apart.
    projects: [
      { extends: true, test: { name: 'together', include: TESTS, exclude: [...LEFT_OUT, ...APART], isolate: false } },
      { extends: true, test: { name: 'apart', include: APART, exclude: LEFT_OUT } },
    ],
    environment: 'node',
    // Two cores have two workers: left to itself, one would stand idle.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    setupFiles: ['scripts/lib/tfjs-in-node.mjs'],
    env: vulkanEnvironment(),
    // tfjs ships ES modules under a CommonJS manifest; Vite has to load them.
    server: { deps: { inline: [/@tensorflow\//] } },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
