/**
 * Works of one kind, each recorded in its first run and replayed for other data of the same shape. All use the buffers
 * of one arena.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { GpuBackend } from './gpu-backend';
import type { Arena } from './recording';
import { Replayable, type Outputs } from './replayable';

/** One work that is to be run. */
export interface Work<D extends object> {
  /** Equal for works that run the same kernels over the same sizes. */
  shape: string;
  /** About how many values it computes: tells which of two works needs more memory. */
  size: number;
  /** All that differs between works of one shape. */
  data: D;
  /** Called in the first run of a shape, with its data; it reads from them whenever values are needed. */
  run: (data: D) => Outputs;
}

/** More shapes than this are not kept. */
const MOST_KEPT = 48;

export class RecordedWorks<D extends object> {
  private readonly gpu: GpuBackend;
  private readonly arena: Arena;
  private readonly kept = new Map<string, Replayable<D>>();
  /** `size` of the largest work so far. */
  private largest = 0;

  constructor(gpu: GpuBackend) {
    this.gpu = gpu;
    this.arena = gpu.newArena();
  }

  get shapes(): number {
    return this.kept.size;
  }

  get bytes(): number {
    return [...this.kept.values()].reduce((sum, { recording }) => sum + recording.bytes, this.arena.bytes);
  }

  /** Whether it runs on this backend's device. */
  on(gpu: GpuBackend): boolean {
    return this.gpu === gpu;
  }

  /** What was recorded for a shape, unless a tensor that it uses is gone. */
  of(shape: string): Replayable<D> | undefined {
    const known = this.kept.get(shape);
    if (known?.usable !== false) return known;
    known.destroy();
    this.kept.delete(shape);
    return undefined;
  }

  /**
   * Runs a work for the first time.
   * @param used every tensor that it takes from outside
   * @throws CannotRecord; nothing of it is left then
   */
  record(
    { shape, size, data, run }: Work<D>,
    used: readonly tf.Tensor[],
  ): { work: Replayable<D>; values: Promise<Float32Array[]> } {
    this.makeRoomFor(size);
    const recorded = Replayable.record(this.gpu, this.arena, used, data, run);
    const [oldest] = this.kept;
    if (oldest && this.kept.size >= MOST_KEPT) {
      oldest[1].destroy();
      this.kept.delete(oldest[0]);
    }
    this.kept.set(shape, recorded.work);
    return recorded;
  }

  destroy(): void {
    for (const work of this.kept.values()) work.destroy();
    this.kept.clear();
    this.arena.destroy();
  }

  /**
   * A work that is larger than all before finds no buffer large enough; smaller ones recorded after it find theirs. So
   * all begin anew with it.
   */
  private makeRoomFor(size: number): void {
    if (size <= this.largest) return;
    this.destroy();
    this.largest = size;
  }
}
