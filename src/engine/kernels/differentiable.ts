/** One typed way to give an operation a gradient of its own, over tfjs's `customGrad`. */
import * as tf from '@tensorflow/tfjs-core';

/** What an operation yields: its value, the tensors its gradient needs, and the gradient of each input in order. */
export interface Differentiable<O extends tf.Tensor> {
  value: O;
  saved: tf.Tensor[];
  /** `take(i)`: see `offering`. */
  gradient: (dy: O, saved: tf.Tensor[], take: (input: number) => tf.Tensor | null) => tf.Tensor[];
}

/** Gradients of inputs by their names on the tape. */
export type Offered = Map<string, tf.Tensor>;

let offered: Offered | null = null;

/**
 * While `run` runs, gradients of an operation may take sums out of `sums`: what an input's gradient has come to from other operations. The
 * gradient that is given for that input then has it added, which a product does for nothing.
 */
export function offering<T>(sums: Offered, run: () => T): T {
  const outer = offered;
  offered = sums;
  try {
    return run();
  } finally {
    offered = outer;
  }
}

function take(input: number): tf.Tensor | null {
  const sum = offered?.get(String(input)) ?? null;
  offered?.delete(String(input));
  return sum;
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
    return { value, gradFunc: (dy: tf.Tensor, kept: tf.Tensor[]) => tf.tidy(() => gradient(dy as O, kept, take)) };
  });
  return operation(...(inputs as tf.Tensor[]));
}
