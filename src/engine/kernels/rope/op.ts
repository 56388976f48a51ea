/** Rotary position embedding: heads are turned by their position; the gradient is turned back. */
import type * as tf from '@tensorflow/tfjs-core';
import { differentiable, withGradient } from '../differentiable';
import { onBackend } from '../on-backend';
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

const rotate = onBackend({ wasm: wasm.rotate, host: host.rotate, webgpu: webgpu.rotate, reference: reference.rotate });

/**
 * Turns each head of x [N, heads·headSize] by its row's angles, as transformers' apply_rotary_pos_emb.
 * @returns [N, heads·headSize]
 */
export function rope(x: tf.Tensor2D, angles: reference.Angles, headSize: number): tf.Tensor2D {
  return differentiable([x], (x) =>
    withGradient(rotate(x, angles, headSize, 1), [], (dy) => [rotate(dy, angles, headSize, -1)]),
  );
}
