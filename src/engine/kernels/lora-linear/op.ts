/**
 * A linear layer with its adapter (LoRA: Hu et al., arXiv:2106.09685) as one operation; W + s·BA is never built, and of
 * dropout nothing is kept.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import { differentiable, withGradient } from '../differentiable';
import { layerGradientsOf, trainedOf, type LinearLayer } from '../linear/op';
import type { Adapter } from './adapter';
import * as composed from './composed';
import * as webgpu from './webgpu';

/** Every A, then every B: what is learned. */
export const matricesOf = (adapters: readonly Adapter[]): tf.Tensor2D[] => [
  ...adapters.map(({ a }) => a),
  ...adapters.map(({ b }) => b),
];

/** The adapters with such matrices, as a gradient has them kept. */
export const withMatrices = <T extends readonly Adapter[]>(adapters: T, matrices: readonly tf.Tensor[]): T =>
  adapters.map((adapter, i) => ({
    ...adapter,
    a: matrices[i],
    b: matrices[adapters.length + i],
  })) as readonly Adapter[] as T;

/**
 * y = x·Wᵀ + b + s·(dropout(x)·Aᵀ)·Bᵀ.
 * @param x [N, in]
 * @returns [N, out]
 */
export function loraLinear(x: tf.Tensor2D, layer: LinearLayer, adapter: Adapter): tf.Tensor2D {
  const gpu = gpuKernels();
  return differentiable([x, ...matricesOf([adapter]), ...trainedOf(layer)], (...inputs) => {
    const [x, a, b, weight] = inputs as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D?];
    const { y, low } = gpu ? webgpu.forward(gpu, x, layer, adapter) : composed.forward(x, layer, adapter);
    return withGradient(y, [x, low, a, b, ...(weight ? [weight] : [])], (dy, saved, take) => {
      const [x, low, a, b, weight] = saved;
      const [base, kept] = [weight ? { ...layer, weight } : layer, { ...adapter, a, b }];
      const { dx, dA, dB } = gpu
        ? webgpu.backward(gpu, dy, x, low, base, kept, () => take(0))
        : composed.backward(dy, x, low, base, kept);
      return [dx, dA, dB, ...layerGradientsOf(layer, dy, x)];
    });
  });
}
