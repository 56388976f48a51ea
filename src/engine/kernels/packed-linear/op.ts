/**
 * Products with packed frozen weights: a linear layer's forward pass and its input gradient; there is no other
 * gradient.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { multiply, multiplyTransposed } from '../matmul/webgpu';
import type { PackedMatrix } from '../packed/matrix';
import { onBackend } from '../on-backend';
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
export const packedTimesTransposed = onBackend<
  [x: tf.Tensor2D, w: PackedMatrix, bias: tf.Tensor1D | null],
  tf.Tensor2D
>({
  wasm: wasm.timesTransposed,
  host: host.timesTransposed,
  webgpu: multiplyTransposed,
  reference: reference.timesTransposed,
});

/**
 * x·W without a gradient.
 * @param x [N, out]
 * @param w [out, in]
 * @returns [N, in]
 */
export const packedTimes = onBackend<[x: tf.Tensor2D, w: PackedMatrix], tf.Tensor2D>({
  wasm: wasm.times,
  host: host.times,
  webgpu: (gpu, x, w) => multiply(gpu, x, w, null),
  reference: reference.times,
});
