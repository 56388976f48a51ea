/** One helper thread of the WebAssembly kernels: takes part in their work until it is terminated. */
import type { ThreadStart } from './threads';

self.onmessage = ({ data: { module, memory, control, thread } }: MessageEvent<ThreadStart>) => {
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports as {
    serve(control: number, thread: number): never;
  };
  self.postMessage('ready');
  exports.serve(control, thread);
};
