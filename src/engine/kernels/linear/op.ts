/** Linear layers on Hugging Face's weight layouts, with gradients only for what is trained. */
import * as tf from '@tensorflow/tfjs-core';
import { assert } from '../../../base/assert';
import { gpuKernels } from '../../backend/gpu-run';
import { differentiable, withGradient } from '../differentiable';
import { layerGradients, multiply, multiplyTransposed, transposedMultiply } from '../matmul/webgpu';
import { PackedMatrix, type Matrix } from '../packed/matrix';
import { packedTimes, packedTimesTransposed } from '../packed-linear/op';
import { onBackend } from '../on-backend';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

const forwardFloats = onBackend({ wasm: wasm.forward, webgpu: multiplyTransposed, reference: reference.forward });

function forward(x: tf.Tensor2D, weight: Matrix, bias: tf.Tensor1D | null): tf.Tensor2D {
  if (weight instanceof PackedMatrix) return packedTimesTransposed(x, weight, bias);
  return forwardFloats(x, weight, bias);
}

const productFloats = onBackend({
  wasm: wasm.inputGradient,
  webgpu: (gpu, a, b) => multiply(gpu, a, b, null),
  reference: reference.inputGradient,
});

/**
 * a·b without a gradient. Weights must not go through tfjs's own product on wasm: it keeps packed copies by tensor, and
 * they are updated in place.
 * @param a [M, K]
 * @param b [K, N]
 */
export function product(a: tf.Tensor2D, b: Matrix): tf.Tensor2D {
  if (b instanceof PackedMatrix) return packedTimes(a, b);
  return productFloats(a, b);
}

const weightGradient = onBackend({
  wasm: wasm.weightGradient,
  webgpu: transposedMultiply,
  reference: reference.weightGradient,
});

/** Column sums of dy [N, out] → [out], a bias's gradient. */
const biasGradient = onBackend({
  wasm: wasm.biasGradient,
  webgpu: webgpu.biasGradient,
  reference: reference.biasGradient,
});

/**
 * A linear layer: x·Wᵀ + b on Hugging Face's weight layout [out, in], or where `transposed` x·W + b on [in, out], as
 * transformers' Conv1D.
 */
export interface LinearLayer {
  weight: Matrix;
  bias: tf.Tensor1D | null;
  transposed: boolean;
  /**
   * Weight and bias get no gradient, and none is computed. A packed weight must be frozen; it always lies [out, in].
   */
  frozen: boolean;
}

/** The trained tensors of a layer, in the order of `layerGradientsOf`. */
export function trainedOf({ weight, bias, frozen }: LinearLayer): tf.Tensor[] {
  if (frozen) return [];
  assert(!(weight instanceof PackedMatrix), 'packed weights are frozen');
  return bias ? [weight, bias] : [weight];
}

/** The layer's value without a gradient: x [N, in] → [N, out]. */
export function layerValue(x: tf.Tensor2D, { weight, bias, transposed }: LinearLayer): tf.Tensor2D {
  if (!transposed || weight instanceof PackedMatrix) return forward(x, weight, bias);
  const gpu = gpuKernels();
  if (gpu) return multiply(gpu, x, weight, bias);
  return bias ? tf.add(product(x, weight), bias) : product(x, weight);
}

/** Its gradient of x from dy [N, out], on the GPU with what that gradient has come to elsewhere. */
export function layerInputGradient(
  dy: tf.Tensor2D,
  { weight, transposed }: LinearLayer,
  elsewhere: () => tf.Tensor | null,
): tf.Tensor2D {
  const gpu = gpuKernels();
  const asItLies = transposed && !(weight instanceof PackedMatrix);
  if (gpu)
    return asItLies
      ? multiplyTransposed(gpu, dy, weight, null, { plus: elsewhere() })
      : multiply(gpu, dy, weight, null, { plus: elsewhere() });
  return asItLies ? productTransposed(dy, weight) : product(dy, weight);
}

/** The gradients of `trainedOf` from dy [N, out] and x [N, in]. */
export function layerGradientsOf(
  { bias, transposed, frozen }: LinearLayer,
  dy: tf.Tensor2D,
  x: tf.Tensor2D,
): tf.Tensor[] {
  if (frozen) return [];
  const gpu = gpuKernels();
  if (gpu && bias && !transposed) return layerGradients(gpu, dy, x);
  const dWeight = transposed ? weightGradient(x, dy) : weightGradient(dy, x);
  return bias ? [dWeight, biasGradient(dy)] : [dWeight];
}

/** The layer with its gradient: x [N, in] → [N, out]. */
export function applyLayer(x: tf.Tensor2D, layer: LinearLayer): tf.Tensor2D {
  const trained = trainedOf(layer);
  return differentiable([x, ...trained], (...inputs) =>
    withGradient(layerValue(inputs[0], layer), layer.frozen ? [] : inputs.slice(0, 2), (dy, [x, weight], take) => [
      layerInputGradient(dy, layer.frozen ? layer : { ...layer, weight: weight as tf.Tensor2D }, () => take(0)),
      ...layerGradientsOf(layer, dy, x as tf.Tensor2D),
    ]),
  );
}

/** What `linear` may be told about its weight. */
export type LinearOptions = Partial<Pick<LinearLayer, 'frozen'>>;

/**
 * y = x·Wᵀ + b, as torch.nn.functional.linear.
 * @param x [N, in]
 * @param weight [out, in]
 * @param bias [out] or null
 * @returns [N, out]
 */
export const linear = (
  x: tf.Tensor2D,
  weight: Matrix,
  bias: tf.Tensor1D | null,
  { frozen = false }: LinearOptions = {},
): tf.Tensor2D => applyLayer(x, { weight, bias, transposed: false, frozen });

/** a·bᵀ without a gradient: a [M, K], b [N, K]. */
export const productTransposed = (a: tf.Tensor2D, b: Matrix): tf.Tensor2D => forward(a, b, null);

/** aᵀ·b without a gradient: a [K, M], b [K, N]. */
export const transposedProduct = (a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D => weightGradient(a, b);
