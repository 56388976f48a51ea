/** Activation functions under the names that `config.json` uses. */
import * as tf from '@tensorflow/tfjs-core';
import { TabtuneError } from '../../base/errors';
import { differentiable, withGradient } from '../kernels/differentiable';
import { gelu } from '../kernels/gelu/op';
import type { GeluForm } from '../kernels/gelu/reference';

export type Activation = (x: tf.Tensor2D) => tf.Tensor2D;

// tfjs's own gradients of these two make constants on this side in every step.

export const tanh: Activation = (x) =>
  differentiable([x], (x) => {
    const y = tf.tanh(x);
    return withGradient(y, [y], (dy, [kept]) => [tf.sub(dy, tf.mul(dy, tf.square(kept)))]);
  });

/** x·σ(x); its slope is σ + y·(1 − σ). */
const silu: Activation = (x) =>
  differentiable([x], (x) =>
    withGradient(tf.mul(x, tf.sigmoid(x)), [x], (dy, [kept]) => {
      const x = kept;
      const s = tf.sigmoid(x);
      const y = tf.mul(x, s);
      return [tf.mul(dy, tf.add(s, tf.sub(y, tf.mul(y, s))))];
    }),
  );

const ACTIVATIONS: Record<string, Activation> = {
  gelu: (x) => gelu(x, 'erf'),
  gelu_new: (x) => gelu(x, 'tanh'),
  gelu_pytorch_tanh: (x) => gelu(x, 'tanh'),
  relu: (x) => tf.relu(x),
  silu,
  swish: silu,
  tanh,
};

/** The form of GELU that a name stands for; null when it is another function. */
export const geluNamed = (name: string): GeluForm | null =>
  name === 'gelu' ? 'erf' : name === 'gelu_new' || name === 'gelu_pytorch_tanh' ? 'tanh' : null;

/** Throws `unsupported` naming the function and those that are known. */
export function activationNamed(name: string): Activation {
  const activation = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (!activation)
    throw new TabtuneError(
      'unsupported',
      `The activation "${name}" of this model is not supported; ${Object.keys(ACTIVATIONS).join(', ')} are.`,
      { place: { file: 'config.json' } },
    );
  return activation;
}
