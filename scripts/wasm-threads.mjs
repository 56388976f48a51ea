/** Keeps tfjs's threaded WebAssembly working in a minified bundle. */

const FACTORY = /tfjs-backend-wasm-threaded-simd\.js(?:\?|$)/;
const OUTSIDE = '_scriptDir';

/**
 * tfjs starts its threads from the source text of the WebAssembly factory. That text names a variable of the scope
 * around it, which a minifier renames, so that every thread dies with a ReferenceError. The variable (the script's own
 * address, unused when the source is given) is therefore replaced by `undefined` inside the factory.
 * @returns {import('vite').Plugin}
 */
export function selfContainedWasmThreads() {
  return {
    name: 'tabtune:self-contained-wasm-threads',
    transform(code, id) {
      if (!FACTORY.test(id)) return null;
      const start = code.indexOf('function(WasmBackendModuleThreadedSimd)');
      const inside = code.slice(start);
      if (start < 0 || !inside.includes(OUTSIDE))
        throw new Error('The threaded WebAssembly factory of tfjs has changed; look at scripts/wasm-threads.mjs.');
      return { code: code.slice(0, start) + inside.replaceAll(OUTSIDE, 'undefined'), map: null };
    },
  };
}
