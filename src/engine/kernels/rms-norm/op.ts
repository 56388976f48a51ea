/** RMS norm over the last axis with gradients. */
import type * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import { hostMemory } from '../../backend/host-memory';
import { wasmKernels } from '../../wasm/kernels';
import { differentiable } from '../differentiable';
import * as host from './host';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

function forward(x: tf.Tensor2D, gamma: tf.Tensor1D, epsilon: number): reference.RmsNormalized {
  const kernels = wasmKernels();
  if (kernels) return wasm.forward(kernels, x, gamma, epsilon);
  const memory = hostMemory();
  if (memory) return host.forward(memory, x, gamma, epsilon);
  const gpu = gpuKernels();
  return gpu ? webgpu.forward(gpu, x, gamma, epsilon) : reference.forward(x, gamma, epsilon);
}

function inputGradient(dy: tf.Tensor2D, x: tf.Tensor2D, inverse: tf.Tensor2D, gamma: tf.Tensor1D): tf.Tensor2D {
  const kernels = wasmKernels();
  if (kernels) return wasm.inputGradient(kernels, dy, x, inverse, gamma);
  const memory = hostMemory();
  if (memory) return host.inputGradient(memory, dy, x, inverse, gamma);
  const gpu = gpuKernels();
  return gpu ? webgpu.inputGradient(gpu, dy, x, inverse, gamma) : reference.inputGradient(dy, x, inverse, gamma);
}

function gammaGradient(dy: tf.Tensor2D, x: tf.Tensor2D, inverse: tf.Tensor2D): tf.Tensor1D {
  const kernels = wasmKernels();
  if (kernels) return wasm.gammaGradient(kernels, dy, x, inverse);
  const memory = hostMemory();
  if (memory) return host.gammaGradient(memory, dy, x, inverse);
  const gpu = gpuKernels();
  return gpu ? webgpu.gammaGradient(gpu, dy, x, inverse) : reference.gammaGradient(dy, x, inverse);
}

/**
 * x / sqrt(mean(x²) + ε) · gamma over rows, as torch.nn.functional.rms_norm and transformers' LlamaRMSNorm.
 * @param x [N, H]
 * @param gamma [H]; without a gradient when `frozen`
 * @returns [N, H]
 */
export function rmsNorm(x: tf.Tensor2D, gamma: tf.Tensor1D, epsilon: number, frozen = false): tf.Tensor2D {
  if (frozen)
    return differentiable([x], (x) => {
      const { y, inverse } = forward(x, gamma, epsilon);
      return { value: y, saved: [x, inverse], gradient: (dy, saved) => [inputGradient(dy, saved[0] as tf.Tensor2D, saved[1] as tf.Tensor2D, gamma)] };
    });
  return differentiable([x, gamma], (x, gamma) => {
    const { y, inverse } = forward(x, gamma, epsilon);
    return {
      value: y,
      saved: [x, inverse, gamma],
      gradient: (dy, saved) => {
        const [x, inverse, gamma] = saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D];
        return [inputGradient(dy, x, inverse, gamma), gammaGradient(dy, x, inverse)];
      },
    };
  });
}
