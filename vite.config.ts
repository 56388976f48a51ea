/** How the app is built, served for development and tested. */
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';
import { ISOLATION_HEADERS } from './scripts/lib/page-policy.mjs';
import { tfjsInNode } from './scripts/lib/tfjs-in-node.mjs';
import { vulkanEnvironment } from './scripts/lib/vulkan.mjs';
import { serviceWorker } from './scripts/service-worker.mjs';
import { legalFiles, pagePolicy, wasmFiles } from './scripts/vite-plugins.mjs';
import { selfContainedWasmThreads } from './scripts/wasm-threads.mjs';

export default defineConfig({
  // A relative base lets the build run from any folder of any static host.
  base: './',
  plugins: [react(), wasmFiles(), legalFiles(), pagePolicy(), serviceWorker(), ...(process.env['VITEST'] ? [tfjsInNode()] : [])],
  worker: { format: 'es', plugins: () => [selfContainedWasmThreads()] },
  server: { headers: ISOLATION_HEADERS },
  preview: { headers: ISOLATION_HEADERS },
  build: { target: 'es2023', chunkSizeWarningLimit: 2000 },
  test: {
    include: ['src/**/*.test.{ts,tsx}', 'fuzz/**/*.test.ts', 'scripts/**/*.test.ts', 'bench/**/*.test.ts'],
    environment: 'node',
    setupFiles: ['scripts/lib/tfjs-in-node.mjs'],
    env: vulkanEnvironment(),
    // tfjs ships ES modules under a CommonJS manifest; Vite has to load them.
    server: { deps: { inline: [/@tensorflow\//] } },
    testTimeout: 60_000,
  },
});
