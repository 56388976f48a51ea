/** Which of an operation's implementations is run. */
import type { GpuBackend } from '../backend/gpu-backend';
import { gpuKernels } from '../backend/gpu-run';
import { hostMemory, type HostMemory } from '../backend/host-memory';
import { wasmKernels, type WasmKernels } from '../wasm/kernels';

/** One operation on each device; the arguments are the same on all. */
export interface Implementations<A extends unknown[], R> {
  /** Our WebAssembly kernels: the wasm backend of a browser with SIMD. */
  wasm?: (kernels: WasmKernels, ...args: A) => R;
  /** Loops in JavaScript over the tensors' own memory: cpu, and wasm where there is no kernel or no SIMD. */
  host?: (memory: HostMemory, ...args: A) => R;
  webgpu?: (gpu: GpuBackend, ...args: A) => R;
  /** In plain tfjs: where there is nothing else, and what the others are held against. */
  reference: (...args: A) => R;
}

/**
 * The first that the active backend has, in the order above. `host.ts` (13 files, some 620 lines) earns its keep: it
 * is what runs on the cpu backend, which every machine has and most tests train on, and on wasm without SIMD.
 */
export const onBackend =
  <A extends unknown[], R>({ wasm, host, webgpu, reference }: Implementations<A, R>) =>
  (...args: A): R => {
    const kernels = wasm && wasmKernels();
    if (kernels) return wasm(kernels, ...args);
    const memory = host && hostMemory();
    if (memory) return host(memory, ...args);
    const gpu = webgpu && gpuKernels();
    return gpu ? webgpu(gpu, ...args) : reference(...args);
  };
