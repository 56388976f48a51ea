/** Rotary position embedding: heads are turned by their position; the gradient is turned back. */
import type * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import { hostMemory } from '../../backend/host-memory';
import { wasmKernels } from '../../wasm/kernels';
import { differentiable } from '../differentiable';
import * as host from './host';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

export type { Angles } from './reference';

/** Angles of rows at these positions: position · frequency, for headSize / 2 frequencies. */
export function anglesAt(positions: Int32Array, frequencies: Float32Array): reference.Angles {
  const half = frequencies.length;
  const cos = new Float32Array(positions.length * half);
  const sin = new Float32Array(positions.length * half);
  positions.forEach((position, i) => {
    for (let d = 0; d < half; d++) {
      // The product is rounded to float32 as PyTorch's is, or far positions would differ.
      const angle = Math.fround(position * (frequencies[d] ?? 0));
      cos[i * half + d] = Math.cos(angle);
      sin[i * half + d] = Math.sin(angle);
    }
  });
  return { cos, sin };
}

function rotate(x: tf.Tensor2D, angles: reference.Angles, headSize: number, direction: 1 | -1): tf.Tensor2D {
  const kernels = wasmKernels();
  if (kernels) return wasm.rotate(kernels, x, angles, headSize, direction);
  const memory = hostMemory();
  if (memory) return host.rotate(memory, x, angles, headSize, direction);
  const gpu = gpuKernels();
  return gpu ? webgpu.rotate(gpu, x, angles, headSize, direction) : reference.rotate(x, angles, headSize, direction);
}

/**
 * Turns each head of x [N, heads·headSize] by its row's angles, as transformers' apply_rotary_pos_emb.
 * @returns [N, heads·headSize]
 */
export function rope(x: tf.Tensor2D, angles: reference.Angles, headSize: number): tf.Tensor2D {
  return differentiable([x], (x) => ({
    value: rotate(x, angles, headSize, 1),
    saved: [],
    gradient: (dy) => [rotate(dy, angles, headSize, -1)],
  }));
}
