/**
 * Hands work to the kernels: writes their arguments into memory, lends them values and scratch space, and shares units
 * among threads.
 */
import { must } from '../../base/assert';

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
  swiglu: 12,
  swigluGradient: 13,
  rmsNorm: 14,
  rmsNormGradient: 15,
  rmsNormSums: 16,
  causalAttention: 17,
  causalAttentionGradient: 18,
  rope: 19,
  tokenLogProbabilities: 20,
  tokenLogitGradient: 21,
  packedGemm: 22,
  packedRows: 23,
} as const;
export type KernelName = keyof typeof KERNELS;

/** What the module exports; see assembly/index.ts and assembly/threads.ts. */
interface Exports {
  scratchBytes(): number;
  run(kernel: number, args: number, from: number, to: number, scratch: number): void;
  share(control: number): void;
}

/** Where memory comes from. */
export interface Heap {
  memory: WebAssembly.Memory;
  allocate(bytes: number): number;
  free(address: number): void;
}

/** Arguments of a kernel are 24 words (addresses and integers) and after them 12 real numbers. */
const WORDS = 24;
const ARGUMENT_BYTES = 4 * (WORDS + 12);

/** Operations that are worth calling a thread for. */
const WORTH_A_CALL = 1e6;

/** `grain` where a unit costs so many operations. */
export const grainOf = (operations: number): number => Math.ceil(WORTH_A_CALL / Math.max(1, operations));

/** Words of the control block of assembly/threads.ts, and those that describe a piece of work. */
const CONTROL_WORDS = 10;
const WORK_AT = 4;
/** Pieces a thread: more than one, so that a thread which the system holds up is waited for less. */
const PIECES = 4;

/** An argument: a whole number, or values that are lent to the kernel for this one run. */
export type Word = number | Float32Array | Int32Array;

/** What else a run needs. */
export interface LaunchOptions {
  reals?: readonly number[];
  /** Scratch memory a thread, beyond what the module asks for. */
  scratchBytes?: number;
  /** Fewest units that are worth a thread's while; without it the work is not shared. */
  grain?: number;
  /** Pieces a thread, where starting one is not free. */
  pieces?: number;
}

export class Launcher {
  /** Address of the control block through which helpers are called. */
  readonly control: number;
  private readonly heap: Heap;
  private readonly exports: Exports;
  private readonly args: number;
  private threadCount = 1;
  private scratch = { address: 0, bytes: 0 };
  private words: Int32Array;
  private floats: Float32Array;

  constructor(heap: Heap, module: WebAssembly.Module) {
    this.heap = heap;
    this.exports = new WebAssembly.Instance(module, { env: { memory: heap.memory } }).exports as unknown as Exports;
    this.args = heap.allocate(ARGUMENT_BYTES);
    this.control = heap.allocate(4 * CONTROL_WORDS);
    this.words = new Int32Array(heap.memory.buffer);
    this.floats = new Float32Array(heap.memory.buffer);
    this.words.fill(0, this.control / 4, this.control / 4 + CONTROL_WORDS);
  }

  get threads(): number {
    return this.threadCount;
  }

  /** From now on work is shared with helpers 1 to `threads` − 1, which must be serving. */
  useThreads(threads: number): void {
    this.threadCount = threads;
  }

  /** Looks at the memory anew if it has grown. */
  private refresh(): void {
    if (this.words.buffer === this.heap.memory.buffer) return;
    this.words = new Int32Array(this.heap.memory.buffer);
    this.floats = new Float32Array(this.heap.memory.buffer);
  }

  /** Scratch memory of at least this size; it only grows. */
  private scratchOf(bytes: number): number {
    if (bytes > this.scratch.bytes) {
      if (this.scratch.bytes > 0) this.heap.free(this.scratch.address);
      this.scratch = { address: this.heap.allocate(bytes), bytes };
    }
    return this.scratch.address;
  }

  private lend(values: Float32Array | Int32Array): number {
    const address = this.heap.allocate(values.byteLength);
    this.refresh();
    if (values instanceof Int32Array) this.words.set(values, address / 4);
    else this.floats.set(values, address / 4);
    return address;
  }

  /**
   * Runs a kernel over `units` units of its work; what the arguments and the units are stands with each kernel in
   * assembly/.
   */
  launch(
    kernel: KernelName,
    units: number,
    words: readonly Word[],
    { reals = [], scratchBytes = 0, grain, pieces = PIECES }: LaunchOptions = {},
  ): void {
    const lent: number[] = [];
    // Threads write scratch memory of their own: a multiple of a cache line apart.
    const each = Math.ceil((this.exports.scratchBytes() + scratchBytes) / 64) * 64;
    const scratch = this.scratchOf(each * this.threadCount);
    const addresses = words.map((word) => {
      if (typeof word === 'number') return word;
      lent.push(this.lend(word));
      return must(lent.at(-1));
    });
    this.refresh();
    this.words.set(addresses, this.args / 4);
    this.floats.set(reals, this.args / 4 + WORDS);
    if (this.threadCount === 1 || grain === undefined || units < 2 * grain)
      this.exports.run(KERNELS[kernel], this.args, 0, units, scratch);
    else {
      const chunk = Math.max(grain, Math.ceil(units / (this.threadCount * pieces)));
      this.words.set([KERNELS[kernel], this.args, units, chunk, scratch, each], this.control / 4 + WORK_AT);
      this.exports.share(this.control);
    }
    for (const address of lent) this.heap.free(address);
  }

  /** Runs a kernel that writes one double a unit behind the first of `words`, and adds those up in order. */
  sum(kernel: KernelName, units: number, [first, ...rest]: readonly [Word, ...Word[]], options: LaunchOptions): number {
    const partial = this.heap.allocate(8 * units);
    this.launch(kernel, units, [first, partial, ...rest], options);
    const sum = new Float64Array(this.heap.memory.buffer, partial, units).reduce((all, value) => all + value, 0);
    this.heap.free(partial);
    return sum;
  }
}
