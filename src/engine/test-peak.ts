/** For tests: the most bytes that tensors hold while something runs. */
import * as tf from '@tensorflow/tfjs-core';

/** Where tfjs's engine notes that there is a tensor, and that nobody uses its memory any more. Its own count of bytes counts shared memory twice. */
interface Notes {
  trackTensor: (tensor: tf.Tensor, backend: unknown) => void;
  removeDataId: (dataId: object, backend: unknown) => void;
}

/** Bytes beyond those that were held before, at the highest. */
export async function peakBytes(run: () => Promise<unknown>): Promise<number> {
  const notes = tf.engine() as unknown as Notes;
  const { trackTensor, removeDataId } = notes;
  const sizes = new Map<object, number>();
  let [now, most] = [0, 0];
  notes.trackTensor = (tensor, backend) => {
    if (!sizes.has(tensor.dataId)) {
      sizes.set(tensor.dataId, 4 * tensor.size);
      now += 4 * tensor.size;
      most = Math.max(most, now);
    }
    trackTensor.call(notes, tensor, backend);
  };
  notes.removeDataId = (dataId, backend) => {
    now -= sizes.get(dataId) ?? 0;
    sizes.delete(dataId);
    removeDataId.call(notes, dataId, backend);
  };
  try {
    await run();
  } finally {
    Object.assign(notes, { trackTensor, removeDataId });
  }
  return most;
}
