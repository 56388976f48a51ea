/** Work on the GPU with its results, recorded in its first run. */
import * as tf from '@tensorflow/tfjs-core';
import { assert } from '../../base/assert';
import type { GpuBackend } from './gpu-backend';
import { resultReader } from './read-results';
import { overwrite, type Arena, type Recording, type Result } from './recording';

/** What is read after each run: buffers of others, then tensors, which are kept until the work is destroyed. */
export interface Outputs {
  buffers?: Result[];
  tensors: tf.Tensor[];
}

/** @typeParam D what differs between runs; given other values in place */
export class Replayable<D extends object> {
  readonly recording: Recording;
  private readonly gpu: GpuBackend;
  private readonly data: D;
  private readonly results: Result[];
  private readonly kept: tf.Tensor[];
  private readonly used: readonly tf.Tensor[];

  private constructor(
    gpu: GpuBackend,
    used: readonly tf.Tensor[],
    data: D,
    recording: Recording,
    { buffers = [], tensors }: Outputs,
  ) {
    this.gpu = gpu;
    this.used = used;
    this.data = data;
    this.recording = recording;
    this.results = [...buffers, ...tensors.map((tensor) => ({ buffer: gpu.bufferOf(tensor), size: 4 * tensor.size }))];
    this.kept = tensors;
  }

  /**
   * Runs `work` for the first time.
   * @param used every tensor that comes from outside: what is uploaded during the recording would be uploaded again in
   * every replay
   * @throws CannotRecord; nothing is left then
   */
  static record<D extends object>(
    gpu: GpuBackend,
    arena: Arena,
    used: readonly tf.Tensor[],
    data: D,
    work: (data: D) => Outputs,
  ): { work: Replayable<D>; values: Promise<Float32Array[]> } {
    for (const tensor of used) gpu.bufferOf(tensor);
    const { recording, result } = gpu.record(arena, () => work(data));
    const made = new Replayable(gpu, used, data, recording, result);
    const reader = resultReader(gpu.device, made.results);
    const encoder = gpu.device.createCommandEncoder();
    reader.copy(encoder);
    gpu.queue.submit([encoder.finish()]);
    return { work: made, values: reader.read() };
  }

  /** Whether every tensor that it takes from outside is still there. */
  get usable(): boolean {
    return !this.used.some(({ isDisposed }) => isDisposed);
  }

  /**
   * Runs the work for other data; on its way when this returns.
   * @param parts submissions over which it is spread
   */
  replay(next: D, parts = 1): Promise<Float32Array[]> {
    assert(
      this.usable,
      'recorded work uses a tensor that has been disposed: its buffer may hold something else by now',
    );
    overwrite(this.data, next);
    const reader = resultReader(this.gpu.device, this.results);
    this.recording.replay(parts, reader.copy);
    return reader.read();
  }

  destroy(): void {
    tf.dispose(this.kept);
    this.recording.destroy();
  }
}
