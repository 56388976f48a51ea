/** One typed way to give an operation a gradient of its own, over tfjs's `customGrad`. */
import * as tf from '@tensorflow/tfjs-core';

/** What an operation yields: its value, the tensors its gradient needs, and the gradient of each input in order. */
export interface Differentiable<O extends tf.Tensor> {
  value: O;
  saved: tf.Tensor[];
  gradient: (dy: O, saved: tf.Tensor[]) => tf.Tensor[];
}

/**
 * Runs `forward` as one differentiable operation of `inputs`. Tensors that `forward` closes over count as constants: nothing is
 * computed for their gradient.
 */
export function differentiable<I extends (tf.Tensor | undefined)[], O extends tf.Tensor>(inputs: [...I], forward: (...inputs: I) => Differentiable<O>): O {
  const operation = tf.customGrad((...given: (tf.Tensor | tf.GradSaveFunc)[]) => {
    const save = given.pop() as tf.GradSaveFunc;
    const { value, saved, gradient } = forward(...(given as I));
    save(saved);
    return { value, gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) => tf.tidy(() => gradient(dy as O, kept)) };
  });
  return operation(...(inputs as tf.Tensor[]));
}
