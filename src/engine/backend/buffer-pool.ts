/**
 * GPU buffers for tfjs's tensors, in place of its own manager, which never gives a buffer back: what is kept for later
 * use is bounded here.
 */

/** Who hands out buffers and takes them back: the pool, or a recorded step. */
export interface BufferOwner {
  acquire(size: number, usage: GPUBufferUsageFlags): GPUBuffer;
  release(buffer: GPUBuffer): void;
}

/** Free buffers are kept up to this, or up to what is in use. */
const LEAST_KEPT_BYTES = 64 * 2 ** 20;

const keyOf = (size: number, usage: number): string => `${size}_${usage}`;

/** Has the methods that tfjs 4.22 calls on its `BufferManager`. */
export class BufferPool {
  numBytesUsed = 0;
  numBytesAllocated = 0;
  /** While set, buffers come from it. */
  recording: BufferOwner | null = null;
  private readonly device: GPUDevice;
  private readonly used = new Set<GPUBuffer>();
  private readonly freeByKey = new Map<string, GPUBuffer[]>();
  /** The same in the order in which they were given back. */
  private readonly free = new Set<GPUBuffer>();
  private readonly owners = new WeakMap<GPUBuffer, BufferOwner>();

  constructor(device: GPUDevice) {
    this.device = device;
  }

  acquireBuffer(size: number, usage: GPUBufferUsageFlags, mappedAtCreation = false, reuse = true): GPUBuffer {
    if (this.recording && !mappedAtCreation) {
      const buffer = this.recording.acquire(size, usage);
      this.owners.set(buffer, this.recording);
      return buffer;
    }
    const kept = reuse ? this.freeByKey.get(keyOf(size, usage))?.pop() : undefined;
    if (kept) this.free.delete(kept);
    else this.numBytesAllocated += size;
    const buffer = kept ?? this.device.createBuffer({ size, usage, mappedAtCreation });
    this.used.add(buffer);
    this.numBytesUsed += size;
    return buffer;
  }

  /** Called by tfjs once no command that has not been submitted uses the buffer. */
  releaseBuffer(buffer: GPUBuffer, reuse = true): void {
    const owner = this.owners.get(buffer);
    if (owner) {
      owner.release(buffer);
      return;
    }
    if (!this.used.delete(buffer)) return;
    this.numBytesUsed -= buffer.size;
    if (!reuse) {
      this.destroy(buffer);
      return;
    }
    const key = keyOf(buffer.size, buffer.usage);
    const same = this.freeByKey.get(key);
    if (same) same.push(buffer);
    else this.freeByKey.set(key, [buffer]);
    this.free.add(buffer);
    this.forget(Math.max(LEAST_KEPT_BYTES, this.numBytesUsed));
  }

  /** Bytes that a recorded step has taken for itself, or with a minus given back. */
  count(bytes: number): void {
    this.numBytesUsed += bytes;
    this.numBytesAllocated += bytes;
  }

  getNumUsedBuffers(): number {
    return this.used.size;
  }

  getNumFreeBuffers(): number {
    return this.free.size;
  }

  dispose(): void {
    for (const buffer of [...this.used, ...this.free]) buffer.destroy();
    this.used.clear();
    this.free.clear();
    this.freeByKey.clear();
    this.numBytesUsed = 0;
    this.numBytesAllocated = 0;
  }

  /** Destroys the free buffers that have waited longest until no more than `most` bytes are free. */
  private forget(most: number): void {
    for (const oldest of this.free) {
      if (this.numBytesAllocated - this.numBytesUsed <= most) return;
      this.free.delete(oldest);
      const same = this.freeByKey.get(keyOf(oldest.size, oldest.usage));
      same?.splice(same.indexOf(oldest), 1);
      this.destroy(oldest);
    }
  }

  private destroy(buffer: GPUBuffer): void {
    buffer.destroy();
    this.numBytesAllocated -= buffer.size;
  }
}
