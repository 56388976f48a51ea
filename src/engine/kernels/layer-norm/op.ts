/** Layer norm over the last axis with gradients. */
import type * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import { hostMemory } from '../../backend/host-memory';
import { wasmKernels } from '../../wasm/kernels';
import { differentiable } from '../differentiable';
import * as host from './host';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

function forward(x: tf.Tensor2D, gamma: tf.Tensor1D, beta: tf.Tensor1D, epsilon: number): reference.Normalized {
  const kernels = wasmKernels();
  if (kernels) return wasm.forward(kernels, x, gamma, beta, epsilon);
  const memory = hostMemory();
  if (memory) return host.forward(memory, x, gamma, beta, epsilon);
  const gpu = gpuKernels();
  return gpu ? webgpu.forward(gpu, x, gamma, beta, epsilon) : reference.forward(x, gamma, beta, epsilon);
}

/**
 * (x − mean) / sqrt(var + ε) · gamma + beta over rows, as torch.nn.functional.layer_norm.
 * @param x [N, H]
 * @param gamma [H]
 * @param beta [H]
 * @returns [N, H]
 */
export function layerNorm(x: tf.Tensor2D, gamma: tf.Tensor1D, beta: tf.Tensor1D, epsilon: number): tf.Tensor2D {
  return differentiable([x, gamma, beta], (x, gamma, beta) => {
    const { y, normalized, inverseDeviation } = forward(x, gamma, beta, epsilon);
    return {
      value: y,
      saved: [normalized, inverseDeviation, gamma],
      gradient: (dy, saved) => {
        const [normalized, inverseDeviation, gamma] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
        const kernels = wasmKernels();
        if (kernels) return wasm.backward(kernels, dy, normalized, inverseDeviation, gamma);
        const memory = hostMemory();
        if (memory) return host.backward(memory, dy, normalized, inverseDeviation, gamma);
        const gpu = gpuKernels();
        if (gpu) return webgpu.backward(gpu, dy, normalized, inverseDeviation, gamma);
        return [
          reference.inputGradient(dy, normalized, inverseDeviation, gamma),
          reference.gammaGradient(dy, normalized),
          reference.betaGradient(dy),
        ];
      },
    };
  });
}
