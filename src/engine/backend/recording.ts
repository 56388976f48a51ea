/**
 * One step of GPU work, recorded while it runs for the first time and run again for later data without any of the
 * JavaScript that made it. Storage buffers come from an arena that only recorded steps use, so that nothing else lives
 * in them; uniforms and whatever changes from step to step have buffers of their own, written before each replay.
 */
import { must } from '../../base/assert';
import type { BufferOwner } from './buffer-pool';

/** Work that cannot be recorded; the message says why. */
export class CannotRecord extends Error {}

/** Buffers for what lives within a step. Recorded steps run one after the other, so all of them share one arena. */
export class Arena {
  bytes = 0;
  private readonly free: GPUBuffer[] = [];
  private readonly all: GPUBuffer[] = [];
  private readonly device: GPUDevice;
  private readonly count: (bytes: number) => void;

  /** @param count told of bytes taken and, with a minus, given back */
  constructor(device: GPUDevice, count: (bytes: number) => void) {
    this.device = device;
    this.count = count;
  }

  /** The smallest free buffer of at least `size` bytes, else a new one. */
  acquire(size: number, usage: GPUBufferUsageFlags): GPUBuffer {
    let best = -1;
    this.free.forEach((buffer, i) => {
      if (buffer.usage === usage && buffer.size >= size && (best < 0 || buffer.size < must(this.free[best]).size))
        best = i;
    });
    if (best >= 0) return must(this.free.splice(best, 1)[0]);
    const buffer = this.device.createBuffer({ size, usage });
    this.all.push(buffer);
    this.bytes += buffer.size;
    this.count(buffer.size);
    return buffer;
  }

  release(buffer: GPUBuffer): void {
    this.free.push(buffer);
  }

  destroy(): void {
    for (const buffer of this.all) buffer.destroy();
    this.count(-this.bytes);
    this.bytes = 0;
    this.all.length = 0;
    this.free.length = 0;
  }
}

/** A dispatch or a copy. */
export type Command =
  | { pipeline: GPUComputePipeline; group: GPUBindGroup; workgroups: [number, number, number] }
  | { from: GPUBuffer; fromOffset: number; to: GPUBuffer; toOffset: number; size: number };

/** A piece of a buffer to be read after a replay. */
export interface Result {
  buffer: GPUBuffer;
  size: number;
}

/** The recording that is being made. */
let now: Recording | null = null;

/** While `run` runs, `live` belongs to the recording. */
export function whileRecording<T>(recording: Recording, run: () => T): T {
  now = recording;
  try {
    return run();
  } finally {
    now = null;
  }
}

export class Recording implements BufferOwner {
  private readonly device: GPUDevice;
  private readonly arena: Arena;
  private readonly count: (bytes: number) => void;
  /** In the order in which they run. */
  readonly commands: Command[] = [];
  /** Pinned buffers by what their values are made of. */
  readonly fed = new Map<object, GPUBuffer>();
  private readonly pinned = new Set<GPUBuffer>();
  private readonly updates: (() => void)[] = [];
  private readonly feeds: (() => void)[] = [];

  constructor(device: GPUDevice, arena: Arena, count: (bytes: number) => void) {
    this.device = device;
    this.arena = arena;
    this.count = count;
  }

  get dispatches(): number {
    return this.commands.filter((command) => 'pipeline' in command).length;
  }

  /** Bytes beside the arena's. */
  get bytes(): number {
    return [...this.pinned].reduce((sum, { size }) => sum + size, 0);
  }

  acquire(size: number, usage: GPUBufferUsageFlags): GPUBuffer {
    return usage & GPUBufferUsage.UNIFORM ? this.pin(size, usage) : this.arena.acquire(size, usage);
  }

  release(buffer: GPUBuffer): void {
    if (!this.pinned.has(buffer)) this.arena.release(buffer);
  }

  /** A buffer that keeps its values from replay to replay. */
  pin(size: number, usage: GPUBufferUsageFlags): GPUBuffer {
    const buffer = this.device.createBuffer({ size, usage });
    this.pinned.add(buffer);
    this.count(buffer.size);
    return buffer;
  }

  /** Runs before the feeds of each replay, in the order given. */
  onReplay(update: () => void): void {
    this.updates.push(update);
  }

  /** Writes a pinned buffer before each replay. */
  feed(write: () => void): void {
    this.feeds.push(write);
  }

  /** An encoder that records what tfjs and our kernels encode, and passes it on. */
  watch(encoder: GPUCommandEncoder): GPUCommandEncoder {
    const { commands } = this;
    const watched = {
      beginComputePass(descriptor?: GPUComputePassDescriptor) {
        const pass = encoder.beginComputePass(descriptor);
        let pipeline: GPUComputePipeline | null = null;
        let group: GPUBindGroup | null = null;
        return {
          setPipeline(given: GPUComputePipeline) {
            pipeline = given;
            pass.setPipeline(given);
          },
          setBindGroup(index: number, given: GPUBindGroup) {
            group = given;
            pass.setBindGroup(index, given);
          },
          dispatchWorkgroups(x: number, y = 1, z = 1) {
            if (pipeline && group) commands.push({ pipeline, group, workgroups: [x, y, z] });
            pass.dispatchWorkgroups(x, y, z);
          },
          end: () => {
            pass.end();
          },
        };
      },
      copyBufferToBuffer(from: GPUBuffer, fromOffset: number, to: GPUBuffer, toOffset: number, size: number) {
        commands.push({ from, fromOffset, to, toOffset, size });
        encoder.copyBufferToBuffer(from, fromOffset, to, toOffset, size);
      },
      finish: () => encoder.finish(),
    };
    return watched as unknown as GPUCommandEncoder;
  }

  /**
   * Runs the step again for what `live` and `feed` give now.
   * @param parts submissions over which the commands are spread
   * @param tail what is encoded after them
   */
  replay(parts: number, tail: (encoder: GPUCommandEncoder) => void): void {
    for (const update of this.updates) update();
    for (const write of this.feeds) write();
    const each = Math.ceil(this.commands.length / parts);
    for (let at = 0; at < this.commands.length; at += each) {
      const encoder = this.device.createCommandEncoder();
      this.encode(encoder, at, Math.min(this.commands.length, at + each));
      if (at + each >= this.commands.length) tail(encoder);
      this.device.queue.submit([encoder.finish()]);
    }
  }

  /**
   * A tensor that is disposed later gives its buffer back all the same: pinned ones stay known, so that none gets into
   * the arena.
   */
  destroy(): void {
    this.count(-this.bytes);
    for (const buffer of this.pinned) buffer.destroy();
  }

  private encode(encoder: GPUCommandEncoder, from: number, to: number): void {
    let pass: GPUComputePassEncoder | null = null;
    let set: GPUComputePipeline | null = null;
    for (let i = from; i < to; i++) {
      const command = must(this.commands[i]);
      if ('pipeline' in command) {
        if (!pass) {
          pass = encoder.beginComputePass();
          set = null;
        }
        if (set !== command.pipeline) pass.setPipeline(command.pipeline);
        set = command.pipeline;
        pass.setBindGroup(0, command.group);
        pass.dispatchWorkgroups(command.workgroups[0], command.workgroups[1], command.workgroups[2]);
      } else {
        pass?.end();
        pass = null;
        encoder.copyBufferToBuffer(command.from, command.fromOffset, command.to, command.toOffset, command.size);
      }
    }
    pass?.end();
  }
}

/**
 * Puts `next` into `kept` where they differ in values alone: arrays keep their identity, numbers in objects are
 * replaced.
 */
export function overwrite(kept: object, next: object): void {
  if (ArrayBuffer.isView(kept)) {
    const [to, from] = [kept as Int32Array, next as Int32Array];
    if (to.length !== from.length) throw new RangeError(`${from.length} values for ${to.length}`);
    to.set(from);
    return;
  }
  if (Array.isArray(kept)) kept.length = (next as unknown[]).length;
  const [to, from] = [kept as Record<string, unknown>, next as Record<string, unknown>];
  for (const [key, value] of Object.entries(from)) {
    const old = to[key];
    if (typeof old === 'object' && old !== null && typeof value === 'object' && value !== null) overwrite(old, value);
    else to[key] = value;
  }
}

/** What `of` gives: computed now and, in a recorded step, again in place before each replay. */
export function live<T extends object>(of: () => T): T {
  const value = of();
  now?.onReplay(() => {
    overwrite(value, of());
  });
  return value;
}
