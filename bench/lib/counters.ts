/**
 * Counts what a library does, in the same way for everyone: by wrapping the browser's own functions before the library
 * is loaded.
 */

export interface Counts {
  dispatches: number;
  submits: number;
  /**
   * Bytes of GPU buffers that were created and not destroyed, and of WebAssembly memories; memory on the JavaScript
   * heap is not seen.
   */
  bytes: number;
  peakBytes: number;
  /** Time in which the thread had nothing to do but wait for the GPU, in milliseconds. */
  idleMs: number;
}

/** The scope whose functions are wrapped: a worker's global scope, or a stand-in. */
export interface Scope {
  GPUComputePassEncoder?: { prototype: object };
  GPUQueue?: { prototype: object };
  GPUDevice?: { prototype: object };
  GPUBuffer?: { prototype: object };
  GPUAdapter?: { prototype: object };
  WebAssembly: {
    Memory: typeof WebAssembly.Memory;
    instantiate: unknown;
    instantiateStreaming?: unknown;
    Instance: typeof WebAssembly.Instance;
  };
}

type Method = (this: object, ...args: unknown[]) => unknown;
interface Queue {
  onSubmittedWorkDone(): Promise<void>;
}

/** Puts `wrapped(original)` in the place of a method; does nothing where the browser has none. */
function wrap(owner: object | undefined, name: string, wrapped: (original: Method) => Method): void {
  const methods = owner as Record<string, Method> | undefined;
  const original = methods?.[name];
  if (methods && original) methods[name] = wrapped(original);
}

export class Counters {
  private dispatches = 0;
  private submits = 0;
  private gpuBytes = 0;
  private peakGpuBytes = 0;
  private idleMs = 0;
  private lastBusy = 0;
  private readonly memories = new Set<WebAssembly.Memory>();
  private readonly queues = new Set<Queue>();
  private readonly now: () => number;
  private readonly whenIdle: (mark: () => void) => void;

  /**
   * @param whenIdle calls back when the thread has nothing more to do
   * @param now milliseconds
   */
  constructor(whenIdle: (mark: () => void) => void, now: () => number = () => performance.now()) {
    this.whenIdle = whenIdle;
    this.now = now;
  }

  get counts(): Counts {
    const wasm = [...this.memories].reduce((sum, memory) => sum + memory.buffer.byteLength, 0);
    // A WebAssembly memory never shrinks: its size is its peak.
    return {
      dispatches: this.dispatches,
      submits: this.submits,
      bytes: this.gpuBytes + wasm,
      peakBytes: this.peakGpuBytes + wasm,
      idleMs: this.idleMs,
    };
  }

  /** Waits until the GPU has done everything that was submitted. */
  async drained(): Promise<void> {
    await Promise.all([...this.queues].map((queue) => queue.onSubmittedWorkDone()));
  }

  install(scope: Scope): this {
    for (const name of ['dispatchWorkgroups', 'dispatchWorkgroupsIndirect'])
      this.count(scope.GPUComputePassEncoder?.prototype, name, () => this.dispatches++);
    this.count(scope.GPUQueue?.prototype, 'submit', () => {
      this.submits++;
      this.busy();
    });
    this.buffers(scope);
    this.waits(scope.GPUBuffer?.prototype, 'mapAsync');
    this.waits(scope.GPUQueue?.prototype, 'onSubmittedWorkDone');
    this.devices(scope.GPUAdapter?.prototype);
    this.webAssembly(scope.WebAssembly);
    return this;
  }

  private count(owner: object | undefined, name: string, tell: () => void): void {
    wrap(
      owner,
      name,
      (original) =>
        function (...args) {
          tell();
          return original.apply(this, args);
        },
    );
  }

  private buffers(scope: Scope): void {
    const sizes = new WeakMap<object, number>();
    const add = (bytes: number): void => {
      this.gpuBytes += bytes;
      this.peakGpuBytes = Math.max(this.peakGpuBytes, this.gpuBytes);
    };
    wrap(
      scope.GPUDevice?.prototype,
      'createBuffer',
      (original) =>
        function (...args) {
          const buffer = original.apply(this, args) as object;
          const { size } = args[0] as { size: number };
          sizes.set(buffer, size);
          add(size);
          return buffer;
        },
    );
    wrap(
      scope.GPUBuffer?.prototype,
      'destroy',
      (original) =>
        function (...args) {
          add(-(sizes.get(this) ?? 0));
          sizes.delete(this);
          return original.apply(this, args);
        },
    );
  }

  /** What lies between the thread's falling idle and the end of a wait counts as idle. */
  private waits(owner: object | undefined, name: string): void {
    const begin = (): void => {
      this.busy();
      this.whenIdle(() => this.busy());
    };
    const end = (): void => {
      this.idleMs += this.now() - this.lastBusy;
      this.busy();
    };
    wrap(
      owner,
      name,
      (original) =>
        function (...args) {
          begin();
          const waited = original.apply(this, args) as Promise<unknown>;
          waited.then(end, end);
          return waited;
        },
    );
  }

  private busy(): void {
    this.lastBusy = this.now();
  }

  private devices(adapter: object | undefined): void {
    const { queues } = this;
    wrap(
      adapter,
      'requestDevice',
      (original) =>
        async function (...args) {
          const device = (await original.apply(this, args)) as { queue: Queue };
          queues.add(device.queue);
          return device;
        },
    );
  }

  /** Memories that are made by hand and those that a module brings along. */
  private webAssembly(api: Scope['WebAssembly']): void {
    const { memories } = this;
    const found = (result: unknown): void => {
      const instance = (result as { instance?: WebAssembly.Instance }).instance ?? (result as WebAssembly.Instance);
      for (const value of Object.values(instance.exports)) if (value instanceof api.Memory) memories.add(value);
    };
    const made = <T extends object>(original: T, tell: (result: object) => void): T =>
      new Proxy(original, {
        construct(target, args: unknown[]) {
          const result = Reflect.construct(target as new (...args: unknown[]) => object, args);
          tell(result);
          return result;
        },
      });
    api.Memory = made(api.Memory, (memory) => memories.add(memory as WebAssembly.Memory));
    api.Instance = made(api.Instance, found);
    for (const name of ['instantiate', 'instantiateStreaming'])
      wrap(
        api,
        name,
        (original) =>
          async function (...args) {
            const result = await original.apply(this, args);
            found(result);
            return result;
          },
      );
  }
}

/** Calls back as a task of its own, after everything that was waiting to run on this thread. */
export function taskWhenIdle(): (mark: () => void) => void {
  const { port1, port2 } = new MessageChannel();
  let waiting: (() => void)[] = [];
  port1.onmessage = () => {
    const marks = waiting;
    waiting = [];
    marks.forEach((mark) => mark());
  };
  return (mark) => {
    if (waiting.push(mark) === 1) port2.postMessage(null);
  };
}
