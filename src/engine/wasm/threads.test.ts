import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { HELPER } from '../../../scripts/lib/wasm-threads-in-node.mjs';
import { must } from '../../base/assert';
import { Launcher, type Heap } from './launcher';
import { moduleFor } from './module';
import { startThreads, type StartThread } from './threads';

const startInNode: StartThread = (start) =>
  new Promise((resolve) => {
    const worker = new Worker(HELPER, { eval: true });
    worker.once('message', () => resolve(() => void worker.terminate()));
    worker.postMessage(start);
  });

/** Shared memory that only grows, from 1 MB on. */
function growingHeap(): Heap {
  const memory = new WebAssembly.Memory({ initial: 32, maximum: 65536, shared: true });
  let next = 2 ** 20;
  const allocate = (bytes: number): number => {
    const address = next;
    next = Math.ceil((next + bytes) / 16) * 16;
    const lacking = next - memory.buffer.byteLength;
    if (lacking > 0) memory.grow(Math.ceil(lacking / 65536));
    return address;
  };
  return { memory, allocate, free: () => undefined };
}

const [ROWS, COLUMNS, DEPTH] = [131, 203, 97];
const some = (length: number, seed: number): Float32Array =>
  Float32Array.from({ length }, (_, i) => Math.sin(i * seed));

/** A product and a sum of squares on one launcher, many times in a row, in memory that grows meanwhile. */
function results(
  launcher: Launcher,
  heap: Heap,
  rounds: number,
): { product: Float32Array; squares: number; gelu: Float32Array } {
  const [a, b, x] = [some(ROWS * DEPTH, 1.1), some(DEPTH * COLUMNS, 0.7), some(40_000, 0.3)];
  let out = { product: new Float32Array(), squares: NaN, gelu: new Float32Array() };
  for (let round = 0; round < rounds; round++) {
    const [address, y, slope] = [
      heap.allocate(4 * ROWS * COLUMNS),
      heap.allocate(4 * x.length),
      heap.allocate(4 * x.length),
    ];
    launcher.launch('gemm', Math.ceil(COLUMNS / 8), [a, b, address, 0, ROWS, COLUMNS, DEPTH, 0, 0, 0], {
      grain: 1,
      pieces: 2,
    });
    launcher.launch('gelu', Math.ceil(x.length / 1024), [x, y, slope, x.length, 0], { grain: 1 });
    const squares = launcher.sum('sumOfSquares', Math.ceil(x.length / 16384), [x, x.length], { grain: 1 });
    const values = new Float32Array(heap.memory.buffer);
    out = {
      product: values.slice(address / 4, address / 4 + ROWS * COLUMNS),
      squares,
      gelu: values.slice(y / 4, y / 4 + x.length),
    };
  }
  return out;
}

describe('threads of the WebAssembly kernels', () => {
  const heap = growingHeap();
  const module = must(moduleFor(heap.memory), 'kernels for shared memory');
  const ends: (() => void)[] = [];
  afterAll(() => ends.forEach((end) => end()));

  it('give the same bits as one thread, whatever their number', async () => {
    const alone = results(new Launcher(heap, module), heap, 1);
    expect(alone.product.some((value) => value !== 0)).toBe(true);
    for (const threads of [2, 3]) {
      const launcher = new Launcher(heap, module);
      ends.push(await startThreads(launcher, { module, memory: heap.memory }, threads, startInNode));
      expect(launcher.threads).toBe(threads);
      expect(results(launcher, heap, 50)).toEqual(alone);
    }
  });

  it('are done without when one does not start', async () => {
    const launcher = new Launcher(heap, module);
    let ended = 0;
    const faulty: StartThread = async ({ thread }) => {
      if (thread === 2) throw new Error('no more threads');
      return () => {
        ended++;
      };
    };
    await startThreads(launcher, { module, memory: heap.memory }, 3, faulty);
    expect([launcher.threads, ended]).toEqual([1, 1]);
    expect(results(launcher, heap, 1).squares).toBeGreaterThan(0);
  });
});
