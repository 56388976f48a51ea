/** GELU with a gradient, exact and approximate. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import { hostMemory } from '../../backend/host-memory';
import { differentiable } from '../differentiable';
import * as host from './host';
import * as reference from './reference';
import * as webgpu from './webgpu';

/** x·Φ(x) over x [N, H], or its tanh approximation, as torch.nn.functional.gelu. */
export function gelu(x: tf.Tensor2D, form: reference.GeluForm = 'erf'): tf.Tensor2D {
  return differentiable([x], (x) => {
    const memory = hostMemory();
    const gpu = gpuKernels();
    const { y, derivative } = memory ? host.forward(memory, x, form) : gpu ? webgpu.forward(gpu, x, form) : reference.forward(x, form);
    return { value: y, saved: [derivative], gradient: (dy, saved) => [tf.mul(dy, saved[0] as tf.Tensor)] };
  });
}
