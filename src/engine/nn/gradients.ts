/**
 * Gradients by walking back over what tfjs has recorded. As its own `gradients`, with the same sums in the same order,
 * but each kept tensor and each gradient of a result inside is let go as soon as it has been used: tfjs holds all of
 * them to the end, which takes several times the memory.
 */
import * as tf from '@tensorflow/tfjs-core';
import { getFilteredNodesXToY, type TapeNode } from '@tensorflow/tfjs-core/dist/tape';
import { must } from '../../base/assert';
import { offering, type Offered } from '../kernels/differentiable';

/** `gradients`: one for each of the inputs, in their order. */
export type ValueAndGradients = { value: tf.Tensor; gradients: tf.Tensor[] };

/**
 * The value of `run` and its gradients, to be disposed by the caller; when it throws nothing is left.
 * @param inputs tensors that `run` uses; each must have a part in its value
 * @param dy the gradient of the value; by default ones
 */
export function valueAndGradients(
  run: () => tf.Tensor,
  inputs: readonly tf.Tensor[],
  dy?: tf.Tensor,
): ValueAndGradients {
  const { state } = tf.engine();
  // tfjs records on one tape; another may be being walked back right now.
  const outer = state.activeTape;
  const tape: TapeNode[] = [];
  try {
    return tf.tidy(() => {
      const value = recorded(run, tape);
      return { value, gradients: tf.tidy(() => walkBack(tape, value, inputs, dy)) };
    });
  } finally {
    for (const { saved } of tape) tf.dispose(saved ?? []);
    state.activeTape = outer;
  }
}

function recorded(run: () => tf.Tensor, tape: TapeNode[]): tf.Tensor {
  const { state } = tf.engine();
  state.activeTape = tape;
  state.gradientDepth++;
  try {
    return tf.tidy(run);
  } finally {
    state.gradientDepth--;
  }
}

function walkBack(
  tape: TapeNode[],
  value: tf.Tensor,
  inputs: readonly tf.Tensor[],
  dy: tf.Tensor | undefined,
): tf.Tensor[] {
  const found = new Map<number, tf.Tensor>([[value.id, dy ?? tf.fill(value.shape, 1)]]);
  for (const node of getFilteredNodesXToY(tape, [...inputs], value).reverse()) {
    const dys = node.outputs.map((output) => found.get(output.id) ?? null) as tf.Tensor[];
    const into = Object.entries(node.inputs);
    const sums: Offered = new Map(
      into.flatMap(([name, { id }]) =>
        found.has(id) && into.filter(([, other]) => other.id === id).length === 1 ? [[name, must(found.get(id))]] : [],
      ),
    );
    const offered = new Set(sums.keys());
    const made = offering(sums, () => must(node.gradient, `gradient of ${node.kernelName}`)(dys));
    const done = [...dys];
    const held = into.map(([name, input]) => {
      const dx = tf.tidy(() => must(made[name], `gradient of ${name}`)());
      const earlier = found.get(input.id);
      const added = offered.has(name) && !sums.has(name);
      const sum = earlier && !added ? tf.add(earlier, dx) : dx;
      found.set(input.id, sum);
      if (earlier) done.push(earlier);
      if (sum !== dx) done.push(dx);
      return sum;
    });
    for (const used of done) if (used !== dy && !held.includes(used)) tf.dispose(used);
    tf.dispose(node.saved ?? []);
  }
  return inputs.map(({ id }) => must(found.get(id), 'gradient'));
}
