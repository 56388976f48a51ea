/** GELU with a gradient, exact and approximate. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import { hostMemory } from '../../backend/host-memory';
import { wasmKernels } from '../../wasm/kernels';
import { differentiable } from '../differentiable';
import * as host from './host';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

function forward(x: tf.Tensor2D, form: reference.GeluForm): { y: tf.Tensor2D; derivative: tf.Tensor2D } {
  const kernels = wasmKernels();
  if (kernels) return wasm.forward(kernels, x, form);
  const memory = hostMemory();
  if (memory) return host.forward(memory, x, form);
  const gpu = gpuKernels();
  return gpu ? webgpu.forward(gpu, x, form) : reference.forward(x, form);
}

/** x·Φ(x) over x [N, H], or its tanh approximation, as torch.nn.functional.gelu. */
export function gelu(x: tf.Tensor2D, form: reference.GeluForm = 'erf'): tf.Tensor2D {
  return differentiable([x], (x) => {
    const { y, derivative } = forward(x, form);
    return { value: y, saved: [derivative], gradient: (dy, saved) => [tf.mul(dy, saved[0] as tf.Tensor)] };
  });
}
