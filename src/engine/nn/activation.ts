/** Activation functions under the names that `config.json` uses. */
import * as tf from '@tensorflow/tfjs-core';
import { TabtuneError } from '../../base/errors';
import { gelu } from '../kernels/gelu/op';

export type Activation = (x: tf.Tensor2D) => tf.Tensor2D;

const ACTIVATIONS: Record<string, Activation> = {
  gelu: (x) => gelu(x, 'erf'),
  gelu_new: (x) => gelu(x, 'tanh'),
  gelu_pytorch_tanh: (x) => gelu(x, 'tanh'),
  relu: (x) => tf.relu(x),
  silu: (x) => tf.mul(x, tf.sigmoid(x)),
  swish: (x) => tf.mul(x, tf.sigmoid(x)),
  tanh: (x) => tf.tanh(x),
};

/** Throws `unsupported` naming the function and those that are known. */
export function activationNamed(name: string): Activation {
  const activation = Object.hasOwn(ACTIVATIONS, name) ? ACTIVATIONS[name] : undefined;
  if (!activation)
    throw new TabtuneError('unsupported', `The activation "${name}" of this model is not supported; ${Object.keys(ACTIVATIONS).join(', ')} are.`, {
      place: { file: 'config.json' },
    });
  return activation;
}
