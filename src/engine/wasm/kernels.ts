/** Our own WebAssembly kernels (assembly/, compiled into binary/), running on tfjs's memory: its tensors are read and written in place. */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { isReferenceOnly } from '../backend/host-memory';
import plain from './binary/plain.wasm?url&inline';
import plainShared from './binary/plain-shared.wasm?url&inline';
import relaxed from './binary/relaxed.wasm?url&inline';
import relaxedShared from './binary/relaxed-shared.wasm?url&inline';

/** The kernels by the numbers that `run` in assembly/index.ts gives them. */
const KERNELS = { gemm: 0, columnSums: 1 } as const;
export type KernelName = keyof typeof KERNELS;

/** What the module exports; see assembly/index.ts. */
interface Exports {
  scratchBytes(): number;
  run(kernel: number, args: number, from: number, to: number, scratch: number): void;
}

/** Arguments of a kernel are 24 words (addresses and integers) and after them 8 real numbers. */
const WORDS = 24;
const ARGUMENT_BYTES = 4 * (WORDS + 8);

const bytesOf = (dataUrl: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(dataUrl.slice(dataUrl.indexOf(',') + 1)), (char) => char.charCodeAt(0));

/** The best variant that this engine can run, or null without SIMD. */
function moduleFor(shared: boolean): WebAssembly.Module | null {
  const bytes = (shared ? [relaxedShared, plainShared] : [relaxed, plain]).map(bytesOf).find((candidate) => WebAssembly.validate(candidate));
  return bytes ? new WebAssembly.Module(bytes) : null;
}

/** What of tfjs's own module is used here. Its two builds keep the memory in different places. */
interface TfjsModule {
  _malloc(bytes: number): number;
  asm?: { memory?: WebAssembly.Memory };
  wasmMemory?: WebAssembly.Memory;
}

const tfjsModule = (backend: BackendWasm): TfjsModule => backend.wasm as unknown as TfjsModule;

export class WasmKernels {
  private readonly backend: BackendWasm;
  private readonly memory: WebAssembly.Memory;
  private readonly exports: Exports;
  private readonly args: number;
  private readonly scratch: number;
  private words: Int32Array;
  private reals: Float32Array;

  constructor(backend: BackendWasm, memory: WebAssembly.Memory, module: WebAssembly.Module) {
    this.backend = backend;
    this.memory = memory;
    this.exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
    this.args = this.reserve(ARGUMENT_BYTES);
    this.scratch = this.reserve(this.exports.scratchBytes());
    this.words = new Int32Array(memory.buffer);
    this.reals = new Float32Array(memory.buffer);
  }

  /** Memory that is never given back. */
  private reserve(bytes: number): number {
    return tfjsModule(this.backend)._malloc(bytes) >>> 0;
  }

  /** A new tensor; its contents are undefined. */
  allocate(shape: readonly number[]): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(this.backend.makeOutput([...shape], 'float32'));
  }

  /** Where a tensor's values lie. */
  address(tensor: tf.TensorInfo): number {
    return this.backend.dataIdMap.get(tensor.dataId).memoryOffset;
  }

  /** Runs a kernel over `units` units of its work; what the arguments and the units are stands with each kernel in assembly/. */
  launch(kernel: KernelName, units: number, words: readonly (number | tf.TensorInfo)[], reals: readonly number[] = []): void {
    const addresses = words.map((word) => (typeof word === 'number' ? word : this.address(word)));
    if (this.words.buffer !== this.memory.buffer) {
      this.words = new Int32Array(this.memory.buffer);
      this.reals = new Float32Array(this.memory.buffer);
    }
    this.words.set(addresses, this.args / 4);
    this.reals.set(reals, this.args / 4 + WORDS);
    this.exports.run(KERNELS[kernel], this.args, 0, units, this.scratch);
  }
}

let current: { backend: BackendWasm; kernels: WasmKernels | null } | null = null;

/** The kernels on the active wasm backend, or null: another backend is active, there is no SIMD, or the reference ops are asked for. */
export function wasmKernels(): WasmKernels | null {
  if (isReferenceOnly() || tf.getBackend() !== 'wasm') return null;
  const backend = tf.backend() as BackendWasm;
  if (current?.backend !== backend) {
    const { asm, wasmMemory } = tfjsModule(backend);
    const memory = wasmMemory ?? asm?.memory;
    const module = memory && moduleFor(typeof SharedArrayBuffer !== 'undefined' && memory.buffer instanceof SharedArrayBuffer);
    current = { backend, kernels: module ? new WasmKernels(backend, memory, module) : null };
  }
  return current.kernels;
}
