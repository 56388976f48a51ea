/** Linear layer on Hugging Face's weight layout [out, in], with gradients only for what is trained. */
import * as tf from '@tensorflow/tfjs-core';
import { assert } from '../../../base/assert';
import { gpuKernels } from '../../backend/gpu-run';
import { wasmKernels } from '../../wasm/kernels';
import { differentiable } from '../differentiable';
import { layerGradients, multiply, multiplyTransposed, transposedMultiply } from '../matmul/webgpu';
import { PackedMatrix, type Matrix } from '../packed/matrix';
import { packedTimes, packedTimesTransposed } from '../packed-linear/op';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

/** What `linear` may be told about its weight. */
export interface LinearOptions {
  /** Weight and bias get no gradient, and none is computed. A packed weight must be frozen. */
  frozen?: boolean;
}

/** x, weight and bias as a layer in training takes them. */
type Inputs = [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D?];

function forward(x: tf.Tensor2D, weight: Matrix, bias: tf.Tensor1D | null): tf.Tensor2D {
  if (weight instanceof PackedMatrix) return packedTimesTransposed(x, weight, bias);
  const kernels = wasmKernels();
  if (kernels) return wasm.forward(kernels, x, weight, bias);
  const gpu = gpuKernels();
  return gpu ? multiplyTransposed(gpu, x, weight, bias) : reference.forward(x, weight, bias);
}

/**
 * a·b without a gradient. Weights must not go through tfjs's own product on wasm: it keeps packed copies by tensor, and they are updated in place.
 * @param a [M, K]
 * @param b [K, N]
 */
export function product(a: tf.Tensor2D, b: Matrix): tf.Tensor2D {
  if (b instanceof PackedMatrix) return packedTimes(a, b);
  const kernels = wasmKernels();
  if (kernels) return wasm.inputGradient(kernels, a, b);
  const gpu = gpuKernels();
  return gpu ? multiply(gpu, a, b, null) : reference.inputGradient(a, b);
}

/** dy·W, with what the gradient of x has come to elsewhere. */
function inputGradient(dy: tf.Tensor2D, weight: Matrix, take: (input: number) => tf.Tensor | null): tf.Tensor2D {
  const gpu = gpuKernels();
  return gpu ? multiply(gpu, dy, weight, null, { plus: take(0) }) : product(dy, weight);
}

function weightGradient(dy: tf.Tensor2D, x: tf.Tensor2D): tf.Tensor2D {
  const kernels = wasmKernels();
  if (kernels) return wasm.weightGradient(kernels, dy, x);
  const gpu = gpuKernels();
  return gpu ? transposedMultiply(gpu, dy, x) : reference.weightGradient(dy, x);
}

/** Column sums of dy [N, out] → [out], a bias's gradient. */
function biasGradient(dy: tf.Tensor2D): tf.Tensor1D {
  const kernels = wasmKernels();
  if (kernels) return wasm.biasGradient(kernels, dy);
  const gpu = gpuKernels();
  return gpu ? webgpu.biasGradient(gpu, dy) : reference.biasGradient(dy);
}

/** Gradients of a layer's weight [out, in] and, if it has one, bias [out] from dy [N, out] and x [N, in]. */
function weightGradients(dy: tf.Tensor2D, x: tf.Tensor2D, withBias: boolean): tf.Tensor[] {
  if (!withBias) return [weightGradient(dy, x)];
  const gpu = gpuKernels();
  return gpu ? layerGradients(gpu, dy, x) : [weightGradient(dy, x), biasGradient(dy)];
}

/**
 * y = x·Wᵀ + b, as torch.nn.functional.linear.
 * @param x [N, in]
 * @param weight [out, in]
 * @param bias [out] or null
 * @returns [N, out]
 */
export function linear(x: tf.Tensor2D, weight: Matrix, bias: tf.Tensor1D | null, { frozen = false }: LinearOptions = {}): tf.Tensor2D {
  if (frozen)
    return differentiable([x], (x) => ({
      value: forward(x, weight, bias),
      saved: [],
      gradient: (dy, _, take) => [inputGradient(dy, weight, take)],
    }));
  assert(!(weight instanceof PackedMatrix), 'packed weights are frozen');
  return differentiable<Inputs, tf.Tensor2D>(bias ? [x, weight, bias] : [x, weight], (x, weight, bias) => ({
    value: forward(x, weight, bias ?? null),
    saved: [x, weight],
    gradient: (dy, saved, take) => {
      const [x, weight] = saved as [tf.Tensor2D, tf.Tensor2D];
      return [inputGradient(dy, weight, take), ...weightGradients(dy, x, bias !== undefined)];
    },
  }));
}

/** a·bᵀ without a gradient: a [M, K], b [N, K]. */
export const productTransposed = (a: tf.Tensor2D, b: Matrix): tf.Tensor2D => forward(a, b, null);

/** aᵀ·b without a gradient: a [K, M], b [K, N]. */
export const transposedProduct = (a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D => weightGradient(a, b);

/**
 * y = x·W + b on GPT-2's weight layout, as transformers' Conv1D.
 * @param x [N, in]
 * @param weight [in, out]
 * @param bias [out] or null
 * @returns [N, out]
 */
export function conv1d(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D | null, frozen = false): tf.Tensor2D {
  const gpu = gpuKernels();
  const value = (x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D | null): tf.Tensor2D => {
    if (gpu) return multiply(gpu, x, weight, bias);
    return bias ? tf.add(product(x, weight), bias) : product(x, weight);
  };
  const backward = (dy: tf.Tensor2D, weight: tf.Tensor2D, take: (input: number) => tf.Tensor | null): tf.Tensor2D =>
    gpu ? multiplyTransposed(gpu, dy, weight, null, { plus: take(0) }) : productTransposed(dy, weight);
  if (frozen) return differentiable([x], (x) => ({ value: value(x, weight, bias), saved: [], gradient: (dy, _, take) => [backward(dy, weight, take)] }));
  return differentiable<Inputs, tf.Tensor2D>(bias ? [x, weight, bias] : [x, weight], (x, weight, bias) => ({
    value: value(x, weight, bias ?? null),
    saved: [x, weight],
    gradient: (dy, saved, take) => {
      const [x, weight] = saved as [tf.Tensor2D, tf.Tensor2D];
      const grads = [backward(dy, weight, take), transposedProduct(x, dy)];
      return bias ? [...grads, biasGradient(dy)] : grads;
    },
  }));
}
