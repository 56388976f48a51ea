/** The counters on a stand-in for the browser's GPU, and on real WebAssembly memories. */
import { expect, it } from 'vitest';
import { Counters } from './counters';

let ends: (() => void)[] = [];
const waiting = (): Promise<void> => new Promise((resolve) => ends.push(resolve));

class Pass {
  readonly seen: number[] = [];
  dispatchWorkgroups(count: number): void {
    this.seen.push(count);
  }
}
class Queue {
  readonly seen: unknown[] = [];
  submit(commands: unknown): void {
    this.seen.push(commands);
  }
  onSubmittedWorkDone(): Promise<void> {
    return waiting();
  }
}
class GpuBuffer {
  destroyed = 0;
  destroy(): void {
    this.destroyed++;
  }
  mapAsync(): Promise<void> {
    return waiting();
  }
}
class Device {
  readonly queue = new Queue();
  readonly sizes: number[] = [];
  createBuffer({ size }: { size: number }): GpuBuffer {
    this.sizes.push(size);
    return new GpuBuffer();
  }
}
class Adapter {
  async requestDevice(): Promise<Device> {
    return new Device();
  }
}

it('counts what goes to the GPU, and the time in which nothing else is done', async () => {
  let clock = 0;
  let idle: (() => void)[] = [];
  ends = [];
  const api = { Memory: WebAssembly.Memory, Instance: WebAssembly.Instance, instantiate: WebAssembly.instantiate };
  const scope = {
    GPUComputePassEncoder: Pass,
    GPUQueue: Queue,
    GPUDevice: Device,
    GPUBuffer: GpuBuffer,
    GPUAdapter: Adapter,
    WebAssembly: api,
  };
  const counters = new Counters(
    (mark) => idle.push(mark),
    () => clock,
  ).install(scope);

  const device = await new Adapter().requestDevice();
  const pass = new Pass();
  pass.dispatchWorkgroups(7);
  pass.dispatchWorkgroups(8);
  device.queue.submit('commands');
  expect([pass.seen, device.queue.seen]).toEqual([[7, 8], ['commands']]);
  const [small, large] = [device.createBuffer({ size: 16 }), device.createBuffer({ size: 1000 })];
  large.destroy();
  large.destroy();
  expect([device.sizes, small.destroyed, large.destroyed]).toEqual([[16, 1000], 0, 2]);
  expect(counters.counts).toEqual({ dispatches: 2, submits: 1, bytes: 16, peakBytes: 1016, idleMs: 0 });

  // Some work, then a read-back; 5 ms later the thread has nothing to do, and 25 ms after that the GPU answers.
  clock = 10;
  const mapped = small.mapAsync();
  clock = 15;
  idle.forEach((mark) => mark());
  idle = [];
  clock = 40;
  ends.forEach((end) => end());
  await mapped;
  expect(counters.counts.idleMs).toBe(25);

  const drained = counters.drained();
  clock = 43;
  idle.forEach((mark) => mark());
  clock = 50;
  ends.forEach((end) => end());
  await drained;
  expect(counters.counts.idleMs).toBe(32);
});

it('sees memories that are made by hand and those that a module brings along', async () => {
  const api = { Memory: WebAssembly.Memory, Instance: WebAssembly.Instance, instantiate: WebAssembly.instantiate };
  const counters = new Counters(() => undefined).install({ WebAssembly: api });
  const PAGE = 65_536;
  expect(new api.Memory({ initial: 2 })).toBeInstanceOf(WebAssembly.Memory);
  expect(counters.counts.peakBytes).toBe(2 * PAGE);
  // (module (memory (export "m") 3))
  const module = Uint8Array.of(0, 0x61, 0x73, 0x6d, 1, 0, 0, 0, 5, 3, 1, 0, 3, 7, 5, 1, 1, 0x6d, 2, 0);
  await (api.instantiate as (bytes: BufferSource) => Promise<unknown>)(module);
  expect(counters.counts.peakBytes).toBe(5 * PAGE);
});
