/** Threads for the WebAssembly kernels in Node, as a cross-origin isolated page has them. */
import { createRequire } from 'node:module';
import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';

/** What src/engine/wasm/thread.worker.ts does, for a thread of Node. */
export const HELPER = `
  const { parentPort } = require('node:worker_threads');
  parentPort.once('message', ({ module, memory, control, thread }) => {
    const { serve } = new WebAssembly.Instance(module, { env: { memory } }).exports;
    parentPort.postMessage('ready');
    serve(control, thread);
  });
`;

/** @typedef {(event: { data: unknown }) => void} Listener */

/**
 * A web worker as far as the engine and tfjs use one. Ours is a thread of Node; tfjs's own, which the engine never
 * gives work, only say that they are there.
 */
class KernelWorker {
  /** @type {Listener | undefined} */
  onmessage;
  /** @type {Worker | undefined} */
  #thread;

  /** @param {string | URL} source */
  constructor(source) {
    if (!String(source).includes('thread.worker')) return;
    this.#thread = new Worker(HELPER, { eval: true });
    this.#thread.unref();
    this.#thread.on('message', (data) => this.onmessage?.({ data }));
  }

  /** @param {unknown} message */
  postMessage(message) {
    if (this.#thread) this.#thread.postMessage(message);
    else queueMicrotask(() => this.onmessage?.({ data: { cmd: 'loaded' } }));
  }

  on() {
    return this;
  }

  unref() {
    return this;
  }

  terminate() {
    void this.#thread?.terminate();
  }
}

/**
 * To be called before the engine is loaded. Switches on fused multiply-add as well, which browsers have and this Node
 * keeps behind a flag.
 */
export function provideWasmThreads() {
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  // How tfjs takes settings from outside: in Node it would use its build for one thread.
  Object.assign(globalThis, { location: { search: '?tfjsflags=WASM_HAS_MULTITHREAD_SUPPORT:true' } });
  // That build takes its workers from here and makes them the global ones.
  Object.assign(createRequire(import.meta.url)('node:worker_threads'), { Worker: KernelWorker });
}
