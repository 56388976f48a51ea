/** Layer norm over the last axis with gradients, alone or after dropout and a residual. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import { differentiable, withGradient } from '../differentiable';
import type { DropoutKey } from '../dropout/mask';
import { dropout } from '../dropout/op';
import { onBackend } from '../on-backend';
import * as host from './host';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

const forward = onBackend({
  wasm: wasm.forward,
  host: host.forward,
  webgpu: (gpu, x, gamma, beta, epsilon) => webgpu.forward(gpu, x, gamma, beta, epsilon, null),
  reference: reference.forward,
});

/** Of x, gamma and beta. */
type Gradients = [tf.Tensor, tf.Tensor, tf.Tensor];

const backward = onBackend({
  wasm: wasm.backward,
  host: host.backward,
  webgpu: (gpu, dy, normalized, inverseDeviation, gamma): Gradients => {
    const { dx, dGamma, dBeta } = webgpu.backward(gpu, dy, [normalized, inverseDeviation, gamma]);
    return [dx, dGamma, dBeta];
  },
  reference: (dy, normalized, inverseDeviation, gamma): Gradients => [
    reference.inputGradient(dy, normalized, inverseDeviation, gamma),
    reference.gammaGradient(dy, normalized),
    reference.betaGradient(dy),
  ],
});

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
    return withGradient(y, [normalized, inverseDeviation, gamma], (dy, saved) => backward(dy, ...saved));
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
    return withGradient(y, [normalized, inverseDeviation, gamma], (dy, saved) => {
      const { dx, dGamma, dBeta, dResidual } = webgpu.backward(gpu, dy, saved, drop);
      // The tape adds to gradients and disposes them one by one: each input needs a handle of its own.
      return [dx, dx === dResidual ? tf.clone(dResidual) : dResidual, dGamma, dBeta];
    });
  });
}
