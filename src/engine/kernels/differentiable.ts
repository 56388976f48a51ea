/** One typed way to give an operation of one or several values a gradient of its own. */
import * as tf from '@tensorflow/tfjs-core';
import { assert } from '../../base/assert';

/**
 * What an operation of several values yields: these, the tensors its gradient needs, and the gradient of each input in
 * order.
 */
export interface DifferentiableTogether<O extends readonly tf.Tensor[]> {
  values: O;
  saved: tf.Tensor[];
  /** `dys`: of the values, in order. `take(i)`: see `offering`. */
  gradient: (dys: O, saved: tf.Tensor[], take: (input: number) => tf.Tensor | null) => tf.Tensor[];
}

/** The same of an operation of one value. */
export interface Differentiable<O extends tf.Tensor> {
  value: O;
  saved: tf.Tensor[];
  gradient: (dy: O, saved: tf.Tensor[], take: (input: number) => tf.Tensor | null) => tf.Tensor[];
}

/** Gradients of inputs by their names on the tape. */
export type Offered = Map<string, tf.Tensor>;

let offered: Offered | null = null;

/**
 * While `run` runs, gradients of an operation may take sums out of `sums`: what an input's gradient has come to from
 * other operations. The gradient that is given for that input then has it added, which a product does for nothing.
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
 * tfjs's way to run an operation under a gradient of its own; its `customGrad` is this for one value, and its types
 * hide it.
 */
interface CustomOperation {
  forwardFunc: (backend: unknown, save: (tensors: tf.Tensor[]) => void) => tf.Tensor[];
  /** A single gradient comes without a list around it. */
  backwardsFunc: (dys: tf.Tensor | tf.Tensor[], saved: tf.Tensor[]) => Record<string, () => tf.Tensor>;
  inputs: Record<string, tf.Tensor>;
}
type Engine = { runKernelFunc(operation: CustomOperation): tf.Tensor[] };

/**
 * Runs `forward` as one differentiable operation of `inputs` with several values. Tensors that `forward` closes over
 * count as constants: nothing is computed for their gradient. Every value must have a part in what gradients are taken
 * of: for one that has none tfjs uploads zeros, which recorded work does not allow.
 */
export function differentiableTogether<I extends (tf.Tensor | undefined)[], O extends readonly tf.Tensor[]>(
  inputs: [...I],
  forward: (...inputs: I) => DifferentiableTogether<O>,
): O {
  let gradientOf: DifferentiableTogether<O>['gradient'];
  const outputs = (tf.engine() as unknown as Engine).runKernelFunc({
    forwardFunc(_backend, save) {
      const { values, saved, gradient } = forward(...inputs);
      gradientOf = gradient;
      save(saved);
      return [...values];
    },
    backwardsFunc(dys, saved) {
      const gradients = tf.tidy(() =>
        gradientOf((Array.isArray(dys) ? dys : [dys]) as readonly tf.Tensor[] as O, saved, take),
      );
      assert(gradients.length === inputs.length, `${gradients.length} gradients of ${inputs.length} inputs`);
      return Object.fromEntries(gradients.map((gradient, i) => [i, () => gradient]));
    },
    inputs: Object.fromEntries((inputs as tf.Tensor[]).map((input, i) => [i, input])),
  });
  return outputs as readonly tf.Tensor[] as O;
}

/** `differentiableTogether` of one value. */
export function differentiable<I extends (tf.Tensor | undefined)[], O extends tf.Tensor>(
  inputs: [...I],
  forward: (...inputs: I) => Differentiable<O>,
): O {
  const [value] = differentiableTogether<I, [O]>(inputs, (...given) => {
    const { value, saved, gradient } = forward(...given);
    return { values: [value], saved, gradient: ([dy], kept, take) => gradient(dy, kept, take) };
  });
  return value;
}
