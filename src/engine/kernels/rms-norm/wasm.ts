/** RMS norm and its gradients on our WebAssembly kernels. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WasmKernels } from '../../wasm/kernels';
import type { RmsNormalized } from './reference';

/** x [N, H], gamma [H]. */
export function forward(kernels: WasmKernels, x: tf.Tensor2D, gamma: tf.Tensor1D, epsilon: number): RmsNormalized {
  const [rows, width] = x.shape;
  const y = kernels.allocate(x.shape);
  const inverse = kernels.allocate([rows, 1]);
  kernels.launch('rmsNorm', rows, [x, gamma, y, inverse, width], { reals: [epsilon], grain: 16 });
  return { y: y as tf.Tensor2D, inverse: inverse as tf.Tensor2D };
}

export function inputGradient(kernels: WasmKernels, dy: tf.Tensor2D, x: tf.Tensor2D, inverse: tf.Tensor2D, gamma: tf.Tensor1D): tf.Tensor2D {
  const [rows, width] = dy.shape;
  const dx = kernels.allocate(dy.shape);
  kernels.launch('rmsNormGradient', rows, [dy, x, inverse, gamma, dx, width], { grain: 16 });
  return dx as tf.Tensor2D;
}

export function gammaGradient(kernels: WasmKernels, dy: tf.Tensor2D, x: tf.Tensor2D, inverse: tf.Tensor2D): tf.Tensor1D {
  const [rows, width] = dy.shape;
  const out = kernels.allocate([width]);
  kernels.launch('rmsNormSums', Math.ceil(width / 4), [dy, x, inverse, out, rows, width], { grain: 16 });
  return out as tf.Tensor1D;
}
