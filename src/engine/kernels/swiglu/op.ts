/** The gated activation of Llama-like feed-forward layers, with gradients. */
import type * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import { hostMemory } from '../../backend/host-memory';
import { wasmKernels } from '../../wasm/kernels';
import { differentiable } from '../differentiable';
import * as host from './host';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

function forward(gate: tf.Tensor2D, up: tf.Tensor2D): tf.Tensor2D {
  const kernels = wasmKernels();
  if (kernels) return wasm.forward(kernels, gate, up);
  const memory = hostMemory();
  if (memory) return host.forward(memory, gate, up);
  const gpu = gpuKernels();
  return gpu ? webgpu.forward(gpu, gate, up) : reference.forward(gate, up);
}

function backward(dy: tf.Tensor2D, gate: tf.Tensor2D, up: tf.Tensor2D): [tf.Tensor2D, tf.Tensor2D] {
  const kernels = wasmKernels();
  if (kernels) return wasm.backward(kernels, dy, gate, up);
  const memory = hostMemory();
  if (memory) return host.backward(memory, dy, gate, up);
  const gpu = gpuKernels();
  return gpu ? webgpu.backward(gpu, dy, gate, up) : reference.backward(dy, gate, up);
}

/** silu(gate) · up, all [N, F]. */
export function swiglu(gate: tf.Tensor2D, up: tf.Tensor2D): tf.Tensor2D {
  return differentiable([gate, up], (gate, up) => ({
    value: forward(gate, up),
    saved: [gate, up],
    gradient: (dy, saved) => backward(dy, saved[0] as tf.Tensor2D, saved[1] as tf.Tensor2D),
  }));
}
