/** RMS norm and its gradients on our WebAssembly kernels. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WasmKernels } from '../../wasm/kernels';
import type { RmsGradients, RmsNormalized } from './reference';

/** The address that stands for no tensor. */
const NONE = 0;

/** x and branch [N, H], gamma [H]. */
export function forward(
  kernels: WasmKernels,
  x: tf.Tensor2D,
  branch: tf.Tensor2D | null,
  gamma: tf.Tensor1D,
  epsilon: number,
): RmsNormalized {
  const [rows, width] = x.shape;
  const y = kernels.allocate(x.shape);
  const inverse = kernels.allocate([rows, 1]);
  const states = branch ? kernels.allocate(x.shape) : x;
  kernels.launch('rmsNorm', rows, [x, branch ?? NONE, gamma, states, y, inverse, width], {
    reals: [epsilon],
    grain: 16,
  });
  return { y, states, inverse };
}

/** @param plus is added to the gradient of the states */
export function backward(
  kernels: WasmKernels,
  dy: tf.Tensor2D,
  states: tf.Tensor2D,
  inverse: tf.Tensor2D,
  gamma: tf.Tensor1D,
  plus: tf.Tensor2D | null,
  trained: boolean,
): RmsGradients {
  const [rows, width] = dy.shape;
  const dStates = kernels.allocate(dy.shape);
  kernels.launch('rmsNormGradient', rows, [dy, states, inverse, gamma, plus ?? NONE, dStates, width], { grain: 16 });
  if (!trained) return { dStates, dGamma: null };
  const dGamma = kernels.allocate([width]);
  kernels.launch('rmsNormSums', Math.ceil(width / 4), [dy, states, inverse, dGamma, rows, width], { grain: 16 });
  return { dStates, dGamma };
}
