import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

/** COOP/COEP make the page cross-origin isolated, which WebAssembly threads need. */
const isolation = { 'Cross-Origin-Opener-Policy': 'same-origin', 'Cross-Origin-Embedder-Policy': 'require-corp' };

export default defineConfig({
  // A relative base lets the build run from any folder of any static host.
  base: './',
  plugins: [react()],
  worker: { format: 'es' },
  server: { headers: isolation },
  preview: { headers: isolation },
  build: { target: 'es2023', chunkSizeWarningLimit: 2000 },
  test: {
    include: ['src/**/*.test.ts', 'scripts/**/*.test.ts'],
    environment: 'node',
    // tfjs ships ES modules under a CommonJS manifest; Vite has to load them.
    server: { deps: { inline: [/@tensorflow\//] } },
    testTimeout: 60_000,
  },
});
