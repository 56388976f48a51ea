/** What page and workers say to each other, and what every peer has to offer. Types only. */
import type { Counts } from './counters';
import type { Backend, Library, Work } from './work';

export interface OpenOptions {
  backend: Backend;
  /** The page's folder, with a slash at the end; `wasm/` below it holds tfjs's WebAssembly files. */
  baseUrl: string;
}

/** One piece of work on one library, ready to run. */
export interface Runner {
  /** Threads, adapter: what the library says about where it runs; null when it says nothing. */
  device: string | null;
  /**
   * Runs that many steps on the same batch; the loss before each update, or for forward work the loss that the logits
   * give.
   */
  run(steps: number): Promise<number[]>;
}

/** One file of peers/. */
export interface Peer {
  open(work: Work, options: OpenOptions): Promise<Runner>;
  /** GFLOP/s of the library's own product of two 1024 × 1024 matrices. */
  matmulRate(options: OpenOptions): Promise<number>;
}

export interface StartMessage {
  type: 'start';
  library: Library;
  work: Work;
  options: OpenOptions;
}
export interface RunMessage {
  type: 'run';
  steps: number;
}
/** Measures what bounds the work: with `library`, its matmul; without, our plain kernels and the copy rate. */
export interface RatesMessage {
  type: 'rates';
  library: Library | null;
  options: OpenOptions;
}
export type ToWorker = StartMessage | RunMessage | RatesMessage;

export interface Started {
  device: string | null;
  peakBytes: number;
}
export interface Ran {
  losses: number[];
  /** From the call until the GPU has finished. */
  ms: number;
  /** Of these steps together; bytes and peak are absolute. */
  counts: Counts;
}
/** GFLOP/s and GB/s; null where it was not measured. */
export interface Rates {
  gflops: number | null;
  copyGigabytes: number | null;
}

export type FromWorker = { ok: true; value: Started | Ran | Rates } | { ok: false; reason: string };

/** What the page offers to the script that drives it. */
export interface BenchPage {
  about(): Promise<{ adapter: string | null; cores: number; isolated: boolean; userAgent: string }>;
  /**
   * Starts a contender in a worker of its own under this id. Rejects with the reason, or when it takes longer than the
   * limit.
   */
  start(
    id: string,
    message: Omit<StartMessage, 'type'> | Omit<RatesMessage, 'type'>,
    limitMs: number,
  ): Promise<Started | Rates>;
  run(id: string, steps: number, limitMs: number): Promise<Ran>;
  stop(id: string): void;
}

declare global {
  interface Window {
    bench: BenchPage;
  }
}
