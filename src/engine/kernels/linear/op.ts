/** Linear layer on Hugging Face's weight layout [out, in], with gradients only for what is trained. */
import * as tf from '@tensorflow/tfjs-core';
import { isSoftwareGpu } from '../../backend/backends';
import { gpuKernels } from '../../backend/gpu-run';
import { hostMemory, wasmMemory } from '../../backend/host-memory';
import { differentiable } from '../differentiable';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

/** What `linear` may be told about its weight. */
export interface LinearOptions {
  /** Weight and bias get no gradient, and none is computed. */
  frozen?: boolean;
  /** The transposed weight [in, out], asked for where the backend multiplies faster with it; made anew each time without this. */
  turned?: () => tf.Tensor2D | undefined;
}

/** The weight transposed, if the active backend multiplies faster with it. */
export function turnedFor(weight: tf.Tensor2D): tf.Tensor2D | null {
  const memory = tf.getBackend() === 'wasm' ? wasmMemory : null;
  return memory && wasm.transposed(memory, weight);
}

function forward(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D | null, turned: LinearOptions['turned']): tf.Tensor2D {
  if (tf.getBackend() === 'wasm') return wasm.forward(x, turned?.() ?? wasm.transposed(wasmMemory, weight), bias);
  const gpu = softwareGpu();
  return gpu ? webgpu.forward(gpu, x, weight, bias) : reference.forward(x, weight, bias);
}

/** On GPUs tfjs's own products, which use workgroup memory; on software adapters ours without barriers. */
const softwareGpu = (): ReturnType<typeof gpuKernels> => (isSoftwareGpu() ? gpuKernels() : null);

function inputGradient(dy: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D {
  const gpu = softwareGpu();
  return gpu ? webgpu.inputGradient(gpu, dy, weight) : reference.inputGradient(dy, weight);
}

function weightGradient(dy: tf.Tensor2D, x: tf.Tensor2D): tf.Tensor2D {
  if (tf.getBackend() === 'wasm') return wasm.weightGradient(wasmMemory, dy, x);
  const gpu = softwareGpu();
  return gpu ? webgpu.weightGradient(gpu, dy, x) : reference.weightGradient(dy, x);
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
 * @returns [N, out]
 */
export function linear(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D | null, { frozen = false, turned }: LinearOptions = {}): tf.Tensor2D {
  if (frozen)
    return differentiable([x], (x) => ({
      value: forward(x, weight, bias, turned),
      saved: [],
      gradient: (dy) => [inputGradient(dy, weight)],
    }));
  type Inputs = [tf.Tensor2D, tf.Tensor2D, tf.Tensor1D?];
  const inputs: Inputs = bias ? [x, weight, bias] : [x, weight];
  return differentiable<Inputs, tf.Tensor2D>(inputs, (x, weight, bias) => ({
    value: forward(x, weight, bias ?? null, turned),
    saved: [x, weight],
    gradient: (dy, saved) => {
      const [x, weight] = saved as [tf.Tensor2D, tf.Tensor2D];
      const grads: tf.Tensor[] = [inputGradient(dy, weight), weightGradient(dy, x)];
      return bias ? [...grads, biasGradient(dy)] : grads;
    },
  }));
}
