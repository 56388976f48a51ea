/** One typed way to give an operation of one or several values a gradient of its own. */
import * as tf from '@tensorflow/tfjs-core';
import { assert } from '../../base/assert';

/**
 * What an operation of several values yields: these, the tensors its gradient needs, and the gradient of each input in
 * order.
 */
export interface DifferentiableTogether<O extends readonly tf.Tensor[], S extends readonly tf.Tensor[]> {
  values: readonly [...O];
  saved: readonly [...S];
  /** `dys`: of the values, in order. `take(i)`: see `offering`. */
  gradient: (dys: NoInfer<O>, saved: NoInfer<S>, take: (input: number) => tf.Tensor | null) => tf.Tensor[];
}

/** The same of an operation of one value. */
export interface Differentiable<O extends tf.Tensor, S extends readonly tf.Tensor[]> {
  value: O;
  saved: readonly [...S];
  gradient: (dy: NoInfer<O>, saved: NoInfer<S>, take: (input: number) => tf.Tensor | null) => tf.Tensor[];
}

/** What an operation of one value yields; a call, so that the types of what is kept follow from `saved`. */
export const withGradient = <O extends tf.Tensor, const S extends readonly tf.Tensor[]>(
  value: O,
  saved: readonly [...S],
  gradient: Differentiable<O, S>['gradient'],
): Differentiable<O, S> => ({ value, saved, gradient });

/** The same of several values. */
export const allWithGradient = <const O extends readonly tf.Tensor[], const S extends readonly tf.Tensor[]>(
  values: readonly [...O],
  saved: readonly [...S],
  gradient: DifferentiableTogether<O, S>['gradient'],
): DifferentiableTogether<O, S> => ({ values, saved, gradient });

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
interface CustomOperation<O extends readonly tf.Tensor[], S extends readonly tf.Tensor[]> {
  forwardFunc: (backend: unknown, save: (tensors: readonly [...S]) => void) => readonly [...O];
  /** A single gradient comes without a list around it. */
  backwardsFunc: (dys: O[0] | O, saved: S) => Record<string, () => tf.Tensor>;
  inputs: Record<string, tf.Tensor>;
}
type Engine = {
  runKernelFunc<O extends readonly tf.Tensor[], S extends readonly tf.Tensor[]>(operation: CustomOperation<O, S>): O;
};

const listed = <O extends readonly tf.Tensor[]>(dys: O[0] | O): O => (Array.isArray(dys) ? dys : [dys]) as O;

/**
 * Runs `forward` as one differentiable operation of `inputs` with several values. Tensors that `forward` closes over
 * count as constants: nothing is computed for their gradient. Every value must have a part in what gradients are taken
 * of: for one that has none tfjs uploads zeros, which recorded work does not allow.
 */
export function differentiableTogether<
  I extends readonly tf.Tensor[],
  O extends readonly tf.Tensor[],
  S extends readonly tf.Tensor[],
>(inputs: readonly [...I], forward: (...inputs: NoInfer<I>) => DifferentiableTogether<O, S>): O {
  let gradientOf: DifferentiableTogether<O, S>['gradient'];
  return (tf.engine() as unknown as Engine).runKernelFunc<O, S>({
    forwardFunc(_backend, save) {
      const { values, saved, gradient } = forward(...inputs);
      gradientOf = gradient;
      save(saved);
      return values;
    },
    backwardsFunc(dys, saved) {
      const gradients = tf.tidy(() => gradientOf(listed(dys), saved, take));
      assert(gradients.length === inputs.length, `${gradients.length} gradients of ${inputs.length} inputs`);
      return Object.fromEntries(gradients.map((gradient, i) => [i, () => gradient]));
    },
    inputs: Object.fromEntries(inputs.map((input, i) => [i, input])),
  });
}

/** `differentiableTogether` of one value. */
export function differentiable<I extends readonly tf.Tensor[], O extends tf.Tensor, S extends readonly tf.Tensor[]>(
  inputs: readonly [...I],
  forward: (...inputs: NoInfer<I>) => Differentiable<O, S>,
): O {
  const [value] = differentiableTogether<I, [O], S>(inputs, (...given) => {
    const { value, saved, gradient } = forward(...given);
    return { values: [value], saved, gradient: ([dy], kept, take) => gradient(dy, kept, take) };
  });
  return value;
}
