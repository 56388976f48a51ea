/** Opens tfjs backends, measures how fast each is at the work that training consists of, and chooses one. */
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import * as tf from '@tensorflow/tfjs-core';
import '@tensorflow/tfjs-backend-cpu';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { TabtuneError } from '../../base/errors';
import type { BackendName, BackendReport, DeviceReport } from '../../domain/device';
import { inputGradient } from '../kernels/linear/wasm';
import { refuseWhenFull } from '../wasm/full-memory';
import { shareClones } from '../wasm/identity';
import { wasmKernels } from '../wasm/kernels';
import { gpuAdapter, openGpu } from './gpu-device';

export interface BackendOptions {
  /** Folder of tfjs's .wasm files, with a slash at the end. */
  wasmPath: string;
  /** Threads for wasm; by default one a core. Used only where the page is cross-origin isolated. */
  threads?: number;
}

/** The browser's navigator; Node 20 has none. */
const host = (): { hardwareConcurrency?: number; gpu?: GPU } | undefined => globalThis.navigator;

let wasmReady = false;

/** More threads than this wait for each other and for memory more than they help. */
const MOST_THREADS = 16;

function report(backend: BackendName, name: string, more: Partial<BackendReport> = {}): BackendReport {
  return {
    backend,
    name,
    usable: true,
    reason: null,
    software: false,
    gflopsPerSecond: null,
    maxBufferBytes: null,
    threads: null,
    ...more,
  };
}

async function openWebGpu(): Promise<BackendReport> {
  const { name, software, maxBufferBytes } = await openGpu(host()?.gpu);
  return report('webgpu', `GPU (${name})`, { software, maxBufferBytes });
}

async function openWasm({ wasmPath, threads }: BackendOptions): Promise<BackendReport> {
  if (!wasmReady) {
    setWasmPaths(wasmPath);
    // tfjs's own threads would stand in the way of those of our kernels, which do nearly all the work.
    setThreadsCount(1);
  }
  if (!(await tf.setBackend('wasm')))
    throw new TabtuneError('device', 'WebAssembly could not be started.', {
      fix: 'Use a recent browser with WebAssembly SIMD.',
    });
  wasmReady = true;
  refuseWhenFull();
  shareClones();
  const kernels = wasmKernels();
  await kernels?.useThreads(threads ?? Math.min(MOST_THREADS, host()?.hardwareConcurrency ?? 1));
  const used = kernels?.threads ?? 1;
  return report('wasm', `CPU (WebAssembly, ${used} ${used === 1 ? 'thread' : 'threads'})`, { threads: used });
}

/** Makes a backend the active one. Throws `device` with the reason when it cannot run here. */
export async function openBackend(name: BackendName, options: BackendOptions): Promise<BackendReport> {
  const found =
    name === 'webgpu'
      ? await openWebGpu()
      : name === 'wasm'
        ? await openWasm(options)
        : report('cpu', 'CPU (JavaScript)');
  if (!(await tf.setBackend(name))) throw new TabtuneError('device', `The backend "${name}" could not be started.`);
  await tf.ready();
  return found;
}

/** Bytes held by tensors on the active backend. */
export function memoryBytes(): number {
  const memory = tf.memory() as tf.MemoryInfo & { numBytesInGPU?: number };
  return memory.numBytesInGPU ?? memory.numBytes;
}

/** Bytes that the active backend has taken from the device, buffers kept for later use included; for tests of leaks. */
export function reservedBytes(): number {
  const memory = tf.memory() as tf.MemoryInfo & { numBytesAllocatedInGPU?: number };
  return memory.numBytesAllocatedInGPU ?? memory.numBytes;
}

/** Tensors alive; for tests of leaks. */
export const tensorCount = (): number => tf.memory().numTensors;

/** Largest tensor in bytes that the active backend can bind, or null when there is no such limit. */
export const maxTensorBytes = (): number | null =>
  tf.getBackend() === 'webgpu' ? (gpuAdapter()?.maxBufferBytes ?? null) : null;

const ENOUGH_MS = 20;
/** Rows of the measured product; the other sizes are a MiniLM layer's. A slow backend stays at the first. */
const MEASURED_ROWS = [64, 512, 2048];

/**
 * GFLOP/s of [rows, 384]·[384, 384] on the active backend: the product is made larger until it takes long enough to be
 * timed.
 */
async function measureMatmul(): Promise<number> {
  const kernels = wasmKernels();
  let rate = 0;
  for (const rows of MEASURED_ROWS) {
    const [a, b] = [tf.ones([rows, 384]), tf.ones([384, 384])] as [tf.Tensor2D, tf.Tensor2D];
    const once = async (): Promise<number> => {
      const start = performance.now();
      const product = kernels ? inputGradient(kernels, a, b) : tf.matMul(a, b);
      await product.data();
      product.dispose();
      return performance.now() - start;
    };
    await once();
    const ms = Math.min(await once(), await once());
    tf.dispose([a, b]);
    rate = (2 * rows * 384 * 384) / (Math.max(ms, 0.01) * 1e6);
    if (ms >= ENOUGH_MS) break;
  }
  return rate;
}

/**
 * Measures WebGPU and wasm with a short matmul and leaves the faster one active (or the person's choice). A software
 * adapter runs shaders on the CPU, where wasm is faster: it is used only when asked for.
 */
export async function measureBackends(
  options: BackendOptions & { override: BackendName | null },
): Promise<DeviceReport> {
  const backends: BackendReport[] = [];
  for (const name of ['webgpu', 'wasm'] as const) {
    try {
      const found = await openBackend(name, options);
      const skip = found.software && options.override !== name;
      backends.push({ ...found, gflopsPerSecond: skip ? null : await measureMatmul() });
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      backends.push(report(name, name === 'webgpu' ? 'GPU (WebGPU)' : 'CPU (WebAssembly)', { usable: false, reason }));
    }
  }
  backends.push(report('cpu', 'CPU (JavaScript)'));
  const wanted = backends.find((entry) => entry.backend === options.override && entry.usable);
  const fastest = backends
    .filter((entry) => entry.usable && !entry.software && entry.backend !== 'cpu')
    .sort((a, b) => (b.gflopsPerSecond ?? 0) - (a.gflopsPerSecond ?? 0))[0];
  const chosen = (wanted ?? fastest)?.backend ?? 'cpu';
  await openBackend(chosen, options);
  return { backends, chosen, chosenBy: wanted ? 'override' : 'measured' };
}
