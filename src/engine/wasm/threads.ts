/** Helper threads for the WebAssembly kernels: workers on the same memory, which sleep until there is work. */
import type { Launcher } from './launcher';

/** What a helper is started with. */
export interface ThreadStart {
  module: WebAssembly.Module;
  memory: WebAssembly.Memory;
  control: number;
  thread: number;
}

/** Starts one helper; resolves to what ends it, when it is ready. */
export type StartThread = (start: ThreadStart) => Promise<() => void>;

/** How long a helper may take to start: one that does not come must not keep the app from working. */
const START_MS = 10_000;

/** A web worker as a helper. */
export const startWorker: StartThread = (start) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('./thread.worker.ts', import.meta.url), { type: 'module' });
    const timer = setTimeout(() => {
      worker.terminate();
      reject(new Error('a thread did not start in time'));
    }, START_MS);
    worker.onmessage = () => {
      clearTimeout(timer);
      resolve(() => worker.terminate());
    };
    worker.onerror = ({ message }) => {
      clearTimeout(timer);
      worker.terminate();
      reject(new Error(`a thread failed: ${message}`));
    };
    worker.postMessage(start);
  });

/**
 * Has the launcher share its work with `threads` − 1 helpers; if one of them does not start, it goes on alone.
 * @returns what ends them
 */
export async function startThreads(
  launcher: Launcher,
  start: Omit<ThreadStart, 'control' | 'thread'>,
  threads: number,
  startThread: StartThread,
): Promise<() => void> {
  const asked = Array.from({ length: threads - 1 }, (_, i) =>
    startThread({ ...start, control: launcher.control, thread: i + 1 }),
  );
  const ends = (await Promise.allSettled(asked)).flatMap((result) =>
    result.status === 'fulfilled' ? [result.value] : [],
  );
  const end = (): void => {
    launcher.useThreads(1);
    ends.forEach((end) => end());
  };
  if (ends.length === threads - 1) launcher.useThreads(threads);
  else end();
  return end;
}
