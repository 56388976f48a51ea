/** The gated activation of Llama-like feed-forward layers, with gradients. */
import type * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import { hostMemory } from '../../backend/host-memory';
import { differentiable } from '../differentiable';
import * as host from './host';
import * as reference from './reference';
import * as webgpu from './webgpu';

/** silu(gate) · up, all [N, F]. */
export function swiglu(gate: tf.Tensor2D, up: tf.Tensor2D): tf.Tensor2D {
  return differentiable([gate, up], (gate, up) => {
    const memory = hostMemory();
    const gpu = gpuKernels();
    return {
      value: memory ? host.forward(memory, gate, up) : gpu ? webgpu.forward(gpu, gate, up) : reference.forward(gate, up),
      saved: [gate, up],
      gradient: (dy, saved) => {
        const [gate, up] = saved as [tf.Tensor2D, tf.Tensor2D];
        const memory = hostMemory();
        if (memory) return host.backward(memory, dy, gate, up);
        const gpu = gpuKernels();
        return gpu ? webgpu.backward(gpu, dy, gate, up) : reference.backward(dy, gate, up);
      },
    };
  });
}
