/** For tests: the most bytes that tensors hold while something runs, and their shapes. */
import * as tf from '@tensorflow/tfjs-core';

/**
 * Where tfjs's engine notes that there is a tensor, and that nobody uses its memory any more. Its own count of bytes
 * counts shared memory twice.
 */
interface Notes {
  trackTensor: (tensor: tf.Tensor, backend: unknown) => void;
  removeDataId: (dataId: object, backend: unknown) => void;
}

/** Tells of each tensor that is made while `run` runs and of the memory that nobody uses any more. */
async function noting(
  run: () => Promise<unknown>,
  made: (tensor: tf.Tensor) => void,
  freed: (dataId: object) => void,
): Promise<void> {
  const notes = tf.engine() as unknown as Notes;
  const { trackTensor, removeDataId } = notes;
  notes.trackTensor = (tensor, backend) => {
    made(tensor);
    trackTensor.call(notes, tensor, backend);
  };
  notes.removeDataId = (dataId, backend) => {
    freed(dataId);
    removeDataId.call(notes, dataId, backend);
  };
  try {
    await run();
  } finally {
    Object.assign(notes, { trackTensor, removeDataId });
  }
}

/** Bytes beyond those that were held before, at the highest. */
export async function peakBytes(run: () => Promise<unknown>): Promise<number> {
  const sizes = new Map<object, number>();
  let [now, most] = [0, 0];
  const made = ({ dataId, size }: tf.Tensor): void => {
    if (sizes.has(dataId)) return;
    sizes.set(dataId, 4 * size);
    now += 4 * size;
    most = Math.max(most, now);
  };
  const freed = (dataId: object): void => {
    now -= sizes.get(dataId) ?? 0;
    sizes.delete(dataId);
  };
  await noting(run, made, freed);
  return most;
}

/** The shapes of all tensors that are made, as `2,3`. */
export async function shapesMade(run: () => Promise<unknown>): Promise<Set<string>> {
  const shapes = new Set<string>();
  await noting(
    run,
    ({ shape }) => shapes.add(shape.join()),
    () => undefined,
  );
  return shapes;
}

/** How many tensors of a shape (as `2,3`) with memory of their own there are at once, at the most; of those made. */
export async function mostAtOnce(shape: string, run: () => Promise<unknown>): Promise<number> {
  const alive = new Set<object>();
  let most = 0;
  const made = (tensor: tf.Tensor): void => {
    if (tensor.shape.join() !== shape) return;
    alive.add(tensor.dataId);
    most = Math.max(most, alive.size);
  };
  await noting(run, made, (dataId) => alive.delete(dataId));
  return most;
}
