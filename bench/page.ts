/** The bench page: a worker for each contender, with a time limit on everything that it is asked. */
import type { BenchPage, FromWorker, Ran, Rates, Started, ToWorker } from './lib/contract';
import { guardSinks } from '../src/base/trusted-types';

// This page has the app's policy, under which only scripts of its own become workers.
guardSinks();

const workers = new Map<string, Worker>();

function stop(id: string): void {
  workers.get(id)?.terminate();
  workers.delete(id);
}

/** Sends one message and waits for its answer; a worker that fails or is too slow is ended. */
function ask(id: string, message: ToWorker, limitMs: number): Promise<Started | Ran | Rates> {
  const worker = workers.get(id);
  if (!worker) return Promise.reject(new Error(`${id} is not running`));
  return new Promise<Started | Ran | Rates>((resolve, reject) => {
    const fail = (reason: string): void => {
      clearTimeout(timer);
      stop(id);
      reject(new Error(reason));
    };
    const timer = setTimeout(() => fail(`no answer within ${Math.round(limitMs / 1000)} s`), limitMs);
    worker.onerror = (event) => fail(event.message || 'the worker failed');
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      clearTimeout(timer);
      if (data.ok) resolve(data.value);
      else fail(data.reason);
    };
    worker.postMessage(message);
  });
}

async function adapterName(): Promise<string | null> {
  const adapter = await navigator.gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter) return null;
  const { description, vendor, architecture, device } = adapter.info;
  return description || [vendor, architecture, device].filter(Boolean).join(' ') || 'unnamed GPU';
}

const bench: BenchPage = {
  async about() {
    const adapter = 'gpu' in navigator ? await adapterName() : null;
    return {
      adapter,
      cores: navigator.hardwareConcurrency,
      isolated: crossOriginIsolated,
      userAgent: navigator.userAgent,
    };
  },
  start(id, message, limitMs) {
    workers.set(id, new Worker(new URL('./worker.ts', import.meta.url), { type: 'module', name: id }));
    return ask(id, { type: 'work' in message ? 'start' : 'rates', ...message } as ToWorker, limitMs) as Promise<
      Started | Rates
    >;
  },
  run: (id, steps, limitMs) => ask(id, { type: 'run', steps }, limitMs) as Promise<Ran>,
  stop,
};

window.bench = bench;
