/** Our own WebAssembly kernels (assembly/, compiled into binary/), running on tfjs's memory: its tensors are read and written in place. */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { isReferenceOnly } from '../backend/host-memory';
import plain from './binary/plain.wasm?url&inline';
import plainShared from './binary/plain-shared.wasm?url&inline';
import relaxed from './binary/relaxed.wasm?url&inline';
import relaxedShared from './binary/relaxed-shared.wasm?url&inline';

/** The kernels by the numbers that `run` in assembly/index.ts gives them. */
const KERNELS = {
  gemm: 0,
  columnSums: 1,
  adamw: 2,
  sumOfSquares: 3,
  attention: 4,
  attentionGradient: 5,
  layerNorm: 6,
  layerNormGradient: 7,
  layerNormSums: 8,
  gelu: 9,
  dropout: 10,
  embeddingGradient: 11,
} as const;
export type KernelName = keyof typeof KERNELS;

/** What the module exports; see assembly/index.ts. */
interface Exports {
  scratchBytes(): number;
  run(kernel: number, args: number, from: number, to: number, scratch: number): void;
}

/** Arguments of a kernel are 24 words (addresses and integers) and after them 12 real numbers. */
const WORDS = 24;
const ARGUMENT_BYTES = 4 * (WORDS + 12);

/** An argument: a whole number, a tensor, or values that are lent to the kernel for this one run. */
export type Word = number | tf.TensorInfo | Float32Array | Int32Array;

/** What else a run needs: real numbers, and scratch memory beyond what the module asks for. */
export interface LaunchOptions {
  reals?: readonly number[];
  scratchBytes?: number;
}

const bytesOf = (dataUrl: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(dataUrl.slice(dataUrl.indexOf(',') + 1)), (char) => char.charCodeAt(0));

/** The best variant that this engine can run, or null without SIMD. */
function moduleFor(shared: boolean): WebAssembly.Module | null {
  const bytes = (shared ? [relaxedShared, plainShared] : [relaxed, plain]).map(bytesOf).find((candidate) => WebAssembly.validate(candidate));
  return bytes ? new WebAssembly.Module(bytes) : null;
}

/** What of tfjs's own module is used here. Its two builds keep the memory in different places. */
interface TfjsModule {
  _malloc(bytes: number): number;
  _free(address: number): void;
  asm?: { memory?: WebAssembly.Memory };
  wasmMemory?: WebAssembly.Memory;
}

const tfjsModule = (backend: BackendWasm): TfjsModule => backend.wasm as unknown as TfjsModule;

export class WasmKernels {
  private readonly backend: BackendWasm;
  private readonly memory: WebAssembly.Memory;
  private readonly exports: Exports;
  private readonly args: number;
  private scratch = { address: 0, bytes: 0 };
  private words: Int32Array;
  private reals: Float32Array;

  constructor(backend: BackendWasm, memory: WebAssembly.Memory, module: WebAssembly.Module) {
    this.backend = backend;
    this.memory = memory;
    this.exports = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports;
    this.args = this.reserve(ARGUMENT_BYTES);
    this.words = new Int32Array(memory.buffer);
    this.reals = new Float32Array(memory.buffer);
  }

  private reserve(bytes: number): number {
    return tfjsModule(this.backend)._malloc(bytes) >>> 0;
  }

  private free(address: number): void {
    tfjsModule(this.backend)._free(address);
  }

  /** Looks at the memory anew if it has grown. */
  private refresh(): void {
    if (this.words.buffer === this.memory.buffer) return;
    this.words = new Int32Array(this.memory.buffer);
    this.reals = new Float32Array(this.memory.buffer);
  }

  /** A new tensor; its contents are undefined. */
  allocate(shape: readonly number[], type: 'float32' | 'int32' = 'float32'): tf.Tensor {
    return tf.engine().makeTensorFromTensorInfo(this.backend.makeOutput([...shape], type));
  }

  /** Scratch memory of at least this size; it only grows. */
  private scratchOf(bytes: number): number {
    if (bytes > this.scratch.bytes) {
      if (this.scratch.bytes > 0) this.free(this.scratch.address);
      this.scratch = { address: this.reserve(bytes), bytes };
    }
    return this.scratch.address;
  }

  private lend(values: Float32Array | Int32Array): number {
    const address = this.reserve(values.byteLength);
    this.refresh();
    if (values instanceof Int32Array) this.words.set(values, address / 4);
    else this.reals.set(values, address / 4);
    return address;
  }

  /** Runs a kernel over `units` units of its work; what the arguments and the units are stands with each kernel in assembly/. */
  launch(kernel: KernelName, units: number, words: readonly Word[], { reals = [], scratchBytes = 0 }: LaunchOptions = {}): void {
    const lent: number[] = [];
    const scratch = this.scratchOf(this.exports.scratchBytes() + scratchBytes);
    const addresses = words.map((word) => {
      if (typeof word === 'number') return word;
      if (!ArrayBuffer.isView(word)) return this.backend.dataIdMap.get(word.dataId).memoryOffset;
      lent.push(this.lend(word));
      return lent.at(-1)!;
    });
    this.refresh();
    this.words.set(addresses, this.args / 4);
    this.reals.set(reals, this.args / 4 + WORDS);
    this.exports.run(KERNELS[kernel], this.args, 0, units, scratch);
    for (const address of lent) this.free(address);
  }

  /** Runs a kernel that writes one double a unit behind the first of `words`, and adds those up in order. */
  sum(kernel: KernelName, units: number, [first, ...rest]: readonly [Word, ...Word[]]): number {
    const partial = this.reserve(8 * units);
    this.launch(kernel, units, [first, partial, ...rest]);
    const sum = new Float64Array(this.memory.buffer, partial, units).reduce((all, value) => all + value, 0);
    this.free(partial);
    return sum;
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
