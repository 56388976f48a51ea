/**
 * Forward passes whose results are read: operation by operation, or on the GPU recorded once for each shape and
 * replayed from then on.
 */
import * as tf from '@tensorflow/tfjs-core';
import { fromGpu } from '../backend/gpu-device';
import { gpuKernels } from '../backend/gpu-run';
import { RecordedWorks, type Work } from '../backend/recorded-works';
import { CannotRecord } from '../backend/recording';

/** One pass over `data`; `run` gives tensors that the caller of it disposes. */
export interface Pass<D extends object> extends Omit<Work<D>, 'run'> {
  run: (data: D) => tf.Tensor[];
}

export class Passes {
  private readonly used: () => readonly tf.Tensor[];
  private works: RecordedWorks<object> | null = null;
  private recordable = true;

  /** @param used every tensor that the passes take from outside, as it is now */
  constructor(used: () => readonly tf.Tensor[]) {
    this.used = used;
  }

  /** How many shapes are recorded. */
  get recorded(): number {
    return this.works?.shapes ?? 0;
  }

  /**
   * The results of a pass, 32 bits each, as floats; on the GPU it is only on its way when this returns.
   * Another may be started before they are there: passes run in the order in which they are started.
   */
  async values<D extends object>(pass: Pass<D>): Promise<Float32Array[]> {
    const gpu = this.recordable ? gpuKernels() : null;
    if (!gpu) return eagerly(pass);
    if (!this.works?.on(gpu)) this.dispose();
    const works = (this.works ??= new RecordedWorks(gpu));
    const known = works.of(pass.shape);
    if (known) return fromGpu(known.replay(pass.data));
    try {
      return await fromGpu(
        works.record({ ...pass, run: (data) => ({ tensors: tf.tidy(() => pass.run(data as D)) }) }, this.used()).values,
      );
    } catch (thrown) {
      if (!(thrown instanceof CannotRecord)) throw thrown;
      this.recordable = false;
      this.dispose();
      return eagerly(pass);
    }
  }

  dispose(): void {
    this.works?.destroy();
    this.works = null;
  }
}

async function eagerly<D extends object>({ run, data }: Pass<D>): Promise<Float32Array[]> {
  const results = tf.tidy(() => run(data));
  try {
    const values = await fromGpu(Promise.all(results.map((result) => result.data())));
    // A view of the backend's own memory would change with it.
    return values.map((found) => new Float32Array(found.slice().buffer));
  } finally {
    tf.dispose(results);
  }
}
