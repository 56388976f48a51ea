/** A layer norm by the name of its module. */
import type * as tf from '@tensorflow/tfjs-core';
import { layerNorm } from '../kernels/layer-norm/op';
import type { ForwardContext } from './context';

export function normWeights({ parameters }: ForwardContext, name: string): { gamma: tf.Tensor1D; beta: tf.Tensor1D } {
  return { gamma: parameters.get(`${name}.weight`).vector, beta: parameters.get(`${name}.bias`).vector };
}

export function normOf(context: ForwardContext, x: tf.Tensor2D, name: string, epsilon: number): tf.Tensor2D {
  const { gamma, beta } = normWeights(context, name);
  return layerNorm(x, gamma, beta, epsilon);
}
