/** Direct access to tensors that live in this thread's memory (wasm, cpu), so that fused loops can run over them. */
import * as tf from '@tensorflow/tfjs-core';
import { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { assert } from '../../base/assert';
import { shaped, type Shaped } from './shaped';

/** A new tensor with its values to be filled in. */
export interface Fresh<S extends readonly number[] = readonly number[]> {
  tensor: Shaped<S>;
  values: Float32Array;
}

export interface HostMemory {
  /** The tensor's own values; valid until the next allocation. */
  view(tensor: tf.TensorInfo): Float32Array;
  /** The same of an int32 tensor. */
  integers(tensor: tf.TensorInfo): Int32Array;
  /**
   * Allocates all tensors first and takes their views last: growing the heap invalidates earlier views. Contents are
   * undefined.
   */
  allocate(...shapes: (readonly number[])[]): Fresh[];
}

/** The active backend as the class that the caller counts on. */
function active<T extends object>(kind: abstract new (...parameters: never[]) => T): T {
  const backend = tf.backend();
  assert(backend instanceof kind, `the active backend is ${tf.getBackend()}`);
  return backend;
}

/** tfjs-wasm's heap; only while that backend is active. */
export const wasmMemory: HostMemory = {
  view: (tensor) => active(BackendWasm).typedArrayFromHeap(tensor) as Float32Array,
  integers: (tensor) => active(BackendWasm).typedArrayFromHeap(tensor) as Int32Array,
  allocate(...shapes) {
    const backend = active(BackendWasm);
    const tensors = shapes.map((shape) => shaped(backend.makeOutput([...shape], 'float32'), shape));
    return tensors.map((tensor) => ({ tensor, values: backend.typedArrayFromHeap(tensor) as Float32Array }));
  },
};

const cpuMemory: HostMemory = {
  view: (tensor) => active(MathBackendCPU).readSync(tensor.dataId) as Float32Array,
  integers: (tensor) => active(MathBackendCPU).readSync(tensor.dataId) as Int32Array,
  allocate(...shapes) {
    const backend = active(MathBackendCPU);
    return shapes.map((shape) => {
      const values = new Float32Array(tf.util.sizeFromShape([...shape]));
      return { tensor: shaped(backend.makeTensorInfo([...shape], 'float32', values), shape), values };
    });
  },
};

let referenceOnly = false;

/** While set, every kernel runs on its reference ops; for tests that compare the two. */
export function useReferenceKernels(on: boolean): void {
  referenceOnly = on;
}

export const isReferenceOnly = (): boolean => referenceOnly;

/** The active backend's memory when fused loops can run over it, else null: the reference ops are used then. */
export function hostMemory(): HostMemory | null {
  if (referenceOnly) return null;
  const name = tf.getBackend();
  return name === 'wasm' ? wasmMemory : name === 'cpu' ? cpuMemory : null;
}

/** The view of `allocate` results as a tuple without undefined entries. */
export function allocate<const S extends readonly (readonly number[])[]>(
  memory: HostMemory,
  ...shapes: S
): { [K in keyof S]: Fresh<S[K]> } {
  return memory.allocate(...shapes) as { [K in keyof S]: Fresh<S[K]> };
}
