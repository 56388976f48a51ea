/** Linear layer on Hugging Face's weight layout [out, in], with gradients only for what is trained. */
import * as tf from '@tensorflow/tfjs-core';
import { isSoftwareGpu } from '../../backend/backends';
import { gpuKernels } from '../../backend/gpu-run';
import { hostMemory } from '../../backend/host-memory';
import { differentiable } from '../differentiable';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

/** The matrix products of this backend: on GPUs tfjs's own, which use workgroup memory; on software adapters ours without barriers. */
function products(): Pick<typeof reference, 'forward' | 'inputGradient' | 'weightGradient'> {
  const gpu = isSoftwareGpu() ? gpuKernels() : null;
  if (gpu)
    return {
      forward: (x, weight, bias) => webgpu.forward(gpu, x, weight, bias),
      inputGradient: (dy, weight) => webgpu.inputGradient(gpu, dy, weight),
      weightGradient: (dy, x) => webgpu.weightGradient(gpu, dy, x),
    };
  return tf.getBackend() === 'wasm' ? { ...wasm, inputGradient: reference.inputGradient } : reference;
}

function biasGradient(dy: tf.Tensor2D): tf.Tensor1D {
  const memory = hostMemory();
  const gpu = gpuKernels();
  return memory ? wasm.biasGradient(memory, dy) : gpu ? webgpu.biasGradient(gpu, dy) : reference.biasGradient(dy);
}

/**
 * y = x·Wᵀ + b, as torch.nn.functional.linear.
 * @param x [N, in]
 * @param weight [out, in]
 * @param bias [out] or null
 * @param frozen weight and bias get no gradient, and none is computed
 * @returns [N, out]
 */
export function linear(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D | null, frozen = false): tf.Tensor2D {
  if (frozen)
    return differentiable([x], (x) => ({
      value: products().forward(x, weight, bias),
      saved: [],
      gradient: (dy) => [products().inputGradient(dy, weight)],
    }));
  type Inputs = [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D?];
  const inputs: Inputs = bias ? [x, weight, bias] : [x, weight];
  return differentiable<Inputs, tf.Tensor2D>(inputs, (x, weight, bias) => ({
    value: products().forward(x, weight, bias ?? null),
    saved: [x, weight],
    gradient: (dy, saved) => {
      const [x, weight] = saved as [tf.Tensor2D, tf.Tensor2D];
      const grads: tf.Tensor[] = [products().inputGradient(dy, weight), products().weightGradient(dy, x)];
      return bias ? [...grads, biasGradient(dy)] : grads;
    },
  }));
}
