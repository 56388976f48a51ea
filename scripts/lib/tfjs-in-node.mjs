/**
 * Gives tfjs, which ships ES modules but asks Node for `require`, what it expects when Vite has loaded it. Import it
 * for its effect.
 */
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

if (!('require' in globalThis)) Object.assign(globalThis, { require: createRequire(import.meta.url) });
if (!('__dirname' in globalThis))
  Object.assign(globalThis, { __dirname: fileURLToPath(new URL('.', import.meta.url)) });

/** @type {Record<string, string>} */
const FACTORY = {
  'tfjs-backend-wasm.js': 'WasmBackendModule',
  'tfjs-backend-wasm-threaded-simd.js': 'WasmBackendModuleThreadedSimd',
};

/**
 * Turns the CommonJS parts of tfjs-backend-wasm into ES modules where Vite evaluates modules one by one (tests, the
 * parity command); the bundler does so by itself.
 * @returns {import('vite').Plugin}
 */
export function tfjsInNode() {
  return {
    name: 'tabtune:tfjs-in-node',
    transform(code, id) {
      const [, file] = /tfjs-backend-wasm[/]wasm-out[/]([^/?]+)/.exec(id) ?? [];
      if (!file) return null;
      if (file.endsWith('.worker.js'))
        return {
          code: code.replace('module.exports.wasmWorkerContents', 'export const wasmWorkerContents'),
          map: null,
        };
      return file in FACTORY ? { code: `${code}\nexport default ${FACTORY[file]};`, map: null } : null;
    },
  };
}
