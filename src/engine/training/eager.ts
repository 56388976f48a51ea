/** Runs a step operation by operation. */
import * as tf from '@tensorflow/tfjs-core';
import { fromGpu } from '../backend/gpu-device';
import type { PreparedStep } from './prepared-step';

/** The values of a step; its gradients are to be disposed by the caller. */
export async function runEagerly(
  step: PreparedStep,
): Promise<{ loss: number; gradients: tf.Tensor[]; values: Float32Array[] }> {
  const { loss, gradients, values } = step.run();
  try {
    const [value, ...found] = await fromGpu(Promise.all([loss, ...values].map((tensor) => tensor.data<'float32'>())));
    return { loss: value?.[0] ?? NaN, gradients, values: found };
  } catch (thrown) {
    tf.dispose(gradients);
    throw thrown;
  } finally {
    tf.dispose([loss, ...values]);
  }
}
