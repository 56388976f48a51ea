/** What the build adds to the bundle: the WebAssembly files, the page policy, notices, and headers for static hosts. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from './lib/dependencies.mjs';
import { PAGE_POLICY, SECURITY_HEADERS } from './lib/page-policy.mjs';

const WASM_FOLDER = join(ROOT, 'node_modules', '@tensorflow', 'tfjs-backend-wasm', 'wasm-out');
const WASM_FILES = ['tfjs-backend-wasm.wasm', 'tfjs-backend-wasm-simd.wasm', 'tfjs-backend-wasm-threaded-simd.wasm'];
const LEGAL_FILES = ['LICENSE', 'THIRD-PARTY-NOTICES'];

/**
 * Puts `wasm/…` beside the page, in the development server too; the worker passes `baseUrl + 'wasm/'` to the engine.
 * @returns {import('vite').Plugin}
 */
export function wasmFiles() {
  return {
    name: 'tabtune:wasm-files',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = WASM_FILES.find((file) => request.url?.split('?')[0]?.endsWith(`/wasm/${file}`));
        if (!name) next();
        else response.setHeader('Content-Type', 'application/wasm').end(readFileSync(join(WASM_FOLDER, name)));
      });
    },
    generateBundle() {
      if (this.environment.name !== 'client') return;
      for (const name of WASM_FILES)
        this.emitFile({ type: 'asset', fileName: `wasm/${name}`, source: readFileSync(join(WASM_FOLDER, name)) });
    },
  };
}

/**
 * Puts the licence and the third-party notices beside the page, where the app links to them.
 * @returns {import('vite').Plugin}
 */
export function legalFiles() {
  return {
    name: 'tabtune:legal-files',
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const name = LEGAL_FILES.find((file) => request.url?.split('?')[0] === `/${file}.txt`);
        if (!name) next();
        else response.setHeader('Content-Type', 'text/plain; charset=utf-8').end(readFileSync(join(ROOT, name)));
      });
    },
    generateBundle() {
      for (const name of LEGAL_FILES)
        this.emitFile({ type: 'asset', fileName: `${name}.txt`, source: readFileSync(join(ROOT, name)) });
    },
  };
}

/**
 * Writes the policy into the built page, and a `_headers` file for static hosts that read one.
 * @returns {import('vite').Plugin}
 */
export function pagePolicy() {
  return {
    name: 'tabtune:page-policy',
    apply: 'build',
    transformIndexHtml: () => [
      {
        tag: 'meta',
        attrs: { 'http-equiv': 'Content-Security-Policy', content: PAGE_POLICY },
        injectTo: 'head-prepend',
      },
    ],
    generateBundle() {
      const lines = Object.entries(SECURITY_HEADERS).map(([name, value]) => `  ${name}: ${value}`);
      this.emitFile({ type: 'asset', fileName: '_headers', source: ['/*', ...lines, ''].join('\n') });
    },
  };
}
