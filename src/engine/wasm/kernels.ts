/**
 * Our own WebAssembly kernels (assembly/, compiled into binary/), running on tfjs's memory: its tensors are read and
 * written in place.
 */
import * as tf from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { isReferenceOnly } from '../backend/host-memory';
import { shaped, type Shaped } from '../backend/shaped';
import { Launcher, type KernelName, type LaunchOptions, type Word } from './launcher';
import { isShared, moduleFor } from './module';
import { startThreads, startWorker } from './threads';

/** What of tfjs's own module is used here. Its two builds keep the memory in different places. */
interface TfjsModule {
  _malloc(bytes: number): number;
  _free(address: number): void;
  asm?: { memory?: WebAssembly.Memory };
  wasmMemory?: WebAssembly.Memory;
}

/** An argument of a kernel: as the launcher takes it, or a tensor, which stands for its address. */
export type Argument = Word | tf.TensorInfo;

export class WasmKernels {
  private readonly backend: BackendWasm;
  private readonly launcher: Launcher;
  private readonly memory: WebAssembly.Memory;
  private readonly module: WebAssembly.Module;
  private started: Promise<unknown> | null = null;

  constructor(backend: BackendWasm, tfjs: TfjsModule, memory: WebAssembly.Memory, module: WebAssembly.Module) {
    this.backend = backend;
    this.memory = memory;
    this.module = module;
    this.launcher = new Launcher(
      { memory, allocate: (bytes) => tfjs._malloc(bytes) >>> 0, free: (address) => tfjs._free(address) },
      module,
    );
  }

  get threads(): number {
    return this.launcher.threads;
  }

  /**
   * Shares work among `threads` threads from now on, where tfjs's memory is shared: on a page that is cross-origin
   * isolated. Asked once.
   */
  async useThreads(threads: number): Promise<void> {
    const { launcher, memory, module } = this;
    if (threads > 1 && isShared(memory))
      await (this.started ??= startThreads(launcher, { memory, module }, threads, startWorker));
  }

  /** A new tensor; its contents are undefined. */
  allocate<const S extends readonly number[]>(shape: S): Shaped<S> {
    return shaped(this.backend.makeOutput([...shape], 'float32'), shape);
  }

  private readonly word = (argument: Argument): Word =>
    typeof argument === 'number' || ArrayBuffer.isView(argument)
      ? argument
      : this.backend.dataIdMap.get(argument.dataId).memoryOffset;

  /** See `Launcher.launch`. */
  launch(kernel: KernelName, units: number, words: readonly Argument[], options?: LaunchOptions): void {
    this.launcher.launch(kernel, units, words.map(this.word), options);
  }

  /** See `Launcher.sum`. */
  sum(
    kernel: KernelName,
    units: number,
    [first, ...rest]: readonly [Argument, ...Argument[]],
    options: LaunchOptions,
  ): number {
    return this.launcher.sum(kernel, units, [this.word(first), ...rest.map(this.word)], options);
  }
}

let current: { backend: BackendWasm; kernels: WasmKernels | null } | null = null;

function kernelsOn(backend: BackendWasm): WasmKernels | null {
  const tfjs = backend.wasm as unknown as TfjsModule;
  const memory = tfjs.wasmMemory ?? tfjs.asm?.memory;
  const module = memory && moduleFor(memory);
  return module ? new WasmKernels(backend, tfjs, memory, module) : null;
}

/**
 * The kernels on the active wasm backend, or null: another backend is active, there is no SIMD, or the reference ops
 * are asked for.
 */
export function wasmKernels(): WasmKernels | null {
  if (isReferenceOnly() || tf.getBackend() !== 'wasm') return null;
  const backend = tf.backend() as BackendWasm;
  if (current?.backend !== backend) current = { backend, kernels: kernelsOn(backend) };
  return current.kernels;
}
