/** Layer norm over the last axis with gradients, alone or after dropout and a residual. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import { hostMemory } from '../../backend/host-memory';
import { wasmKernels } from '../../wasm/kernels';
import { differentiable } from '../differentiable';
import type { DropoutKey } from '../dropout/mask';
import { dropout } from '../dropout/op';
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
  return gpu ? webgpu.forward(gpu, x, gamma, beta, epsilon, null) : reference.forward(x, gamma, beta, epsilon);
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
        if (gpu) {
          const { dx, dGamma, dBeta } = webgpu.backward(gpu, dy, [normalized, inverseDeviation, gamma]);
          return [dx, dGamma, dBeta];
        }
        return [
          reference.inputGradient(dy, normalized, inverseDeviation, gamma),
          reference.gammaGradient(dy, normalized),
          reference.betaGradient(dy),
        ];
      },
    };
  });
}

/**
 * layerNorm(dropout(x) + residual), in one pass over the rows where WebGPU is active.
 * @param x [N, H]
 * @param residual [N, H]
 * @param gamma [H]
 * @param beta [H]
 * @returns [N, H]
 */
export function residualLayerNorm(
  x: tf.Tensor2D,
  residual: tf.Tensor2D,
  gamma: tf.Tensor1D,
  beta: tf.Tensor1D,
  epsilon: number,
  drop: DropoutKey,
): tf.Tensor2D {
  const gpu = gpuKernels();
  if (!gpu) return layerNorm(tf.add(dropout(x, drop), residual), gamma, beta, epsilon);
  return differentiable([x, residual, gamma, beta], (x, residual, gamma, beta) => {
    const { y, normalized, inverseDeviation } = webgpu.forward(gpu, x, gamma, beta, epsilon, { residual, drop });
    return {
      value: y,
      saved: [normalized, inverseDeviation, gamma],
      gradient: (dy, saved) => {
        const { dx, dGamma, dBeta, dResidual } = webgpu.backward(
          gpu,
          dy,
          saved as [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D],
          drop,
        );
        // The tape adds to gradients and disposes them one by one: each input needs a handle of its own.
        return [dx, dx === dResidual ? tf.clone(dResidual) : dResidual, dGamma, dBeta];
      },
    };
  });
}
