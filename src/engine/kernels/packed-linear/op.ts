/**
 * Products with packed frozen weights: a linear layer's forward pass and its input gradient; there is no other
 * gradient.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import { hostMemory } from '../../backend/host-memory';
import { wasmKernels } from '../../wasm/kernels';
import { multiply, multiplyTransposed } from '../matmul/webgpu';
import type { PackedMatrix } from '../packed/matrix';
import * as host from './host';
import * as reference from './reference';
import * as wasm from './wasm';

/**
 * x·Wᵀ + b without a gradient.
 * @param x [N, in]
 * @param w [out, in]
 * @param bias [out] or null
 * @returns [N, out]
 */
export function packedTimesTransposed(x: tf.Tensor2D, w: PackedMatrix, bias: tf.Tensor1D | null): tf.Tensor2D {
  const kernels = wasmKernels();
  if (kernels) return wasm.timesTransposed(kernels, x, w, bias);
  const memory = hostMemory();
  if (memory) return host.timesTransposed(memory, x, w, bias);
  const gpu = gpuKernels();
  return gpu ? multiplyTransposed(gpu, x, w, bias) : reference.timesTransposed(x, w, bias);
}

/**
 * x·W without a gradient.
 * @param x [N, out]
 * @param w [out, in]
 * @returns [N, in]
 */
export function packedTimes(x: tf.Tensor2D, w: PackedMatrix): tf.Tensor2D {
  const kernels = wasmKernels();
  if (kernels) return wasm.times(kernels, x, w);
  const memory = hostMemory();
  if (memory) return host.times(memory, x, w);
  const gpu = gpuKernels();
  return gpu ? multiply(gpu, x, w, null) : reference.times(x, w);
}
