/** Layer norm and its gradients on our WebAssembly kernels. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WasmKernels } from '../../wasm/kernels';
import type { Normalized } from './reference';

/** x [N, H], gamma [H], beta [H]. */
export function forward(
  kernels: WasmKernels,
  x: tf.Tensor2D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
): Normalized {
  const [rows, width] = x.shape;
  const y = kernels.allocate(x.shape);
  const normalized = kernels.allocate(x.shape);
  const inverseDeviation = kernels.allocate([rows, 1]);
  kernels.launch('layerNorm', rows, [x, gamma, beta, y, normalized, inverseDeviation, width], {
    reals: [epsilon],
    grain: 16,
  });
  return { y: y, normalized: normalized, inverseDeviation: inverseDeviation };
}

/** Gradients of x, gamma and beta. */
export function backward(
  kernels: WasmKernels,
  dy: tf.Tensor2D,
  normalized: tf.Tensor2D,
  inverseDeviation: tf.Tensor2D,
  gamma: tf.Tensor1D,
): [tf.Tensor, tf.Tensor, tf.Tensor] {
  const [rows, width] = dy.shape;
  const dx = kernels.allocate(dy.shape);
  const dGamma = kernels.allocate([width]);
  const dBeta = kernels.allocate([width]);
  kernels.launch('layerNormGradient', rows, [dy, normalized, inverseDeviation, gamma, dx, width], { grain: 16 });
  kernels.launch('layerNormSums', Math.ceil(width / 4), [dy, normalized, dGamma, dBeta, rows, width], { grain: 16 });
  return [dx, dGamma, dBeta];
}
