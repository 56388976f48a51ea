/**
 * For tests in Node: the three backends as a browser would offer them, WebGPU through the `webgpu` package on the
 * software adapter.
 */
import { join } from 'node:path';
import { whyNoNodeWebGpu } from '../../scripts/lib/vulkan.mjs';
import type { BackendName, BackendReport } from '../domain/device';
import { openBackend } from '../engine/backend/backends';

export const WASM_PATH = join(process.cwd(), 'node_modules/@tensorflow/tfjs-backend-wasm/wasm-out/');

/** Null when the backend can run in this process, else why not. */
export const whyNotInNode = (backend: BackendName): string | null => (backend === 'webgpu' ? whyNoNodeWebGpu() : null);

export const BACKENDS: readonly BackendName[] = ['cpu', 'wasm', 'webgpu'];

/** Opens a backend; the first WebGPU one gives this process a `navigator.gpu`. */
export async function openInNode(backend: BackendName): Promise<BackendReport> {
  if (backend === 'webgpu' && !(globalThis as { navigator?: { gpu?: unknown } }).navigator?.gpu) {
    const { create, globals } = await import('webgpu');
    Object.assign(globalThis, globals);
    Object.defineProperty(globalThis, 'navigator', {
      value: { userAgent: 'Node', hardwareConcurrency: 2, gpu: create([]) },
      configurable: true,
    });
  }
  return openBackend(backend, { wasmPath: WASM_PATH });
}
