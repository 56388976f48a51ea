/** Matrix products on WebGPU: the kernel that suits adapter and sizes, run among tfjs's own work. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { gpuRun, u32 } from '../../backend/gpu-run';
import { chooseKernel } from './choice';
import type { Kernel, Layout, Sizes } from './layout';

/** C[m, n] = A·B (+ bias[n]) with the operands laid out as `layout` says, by a kernel that fits. */
export function multiplyWith(
  kernel: Kernel,
  gpu: WebGPUBackend,
  layout: Layout,
  [a, b, bias]: readonly [tf.Tensor2D, tf.Tensor2D, (tf.Tensor1D | null)?],
  sizes: Sizes,
): tf.Tensor2D {
  const [out] = gpuRun(gpu, {
    code: kernel.code(layout, Boolean(bias)),
    inputs: bias ? [a, b, bias] : [a, b],
    outputs: [[sizes.m, sizes.n]],
    uniforms: [sizes.m, sizes.n, sizes.k].map(u32),
    workgroups: kernel.workgroups(sizes),
  });
  return out as tf.Tensor2D;
}

/** x [m, k] · w [n, k]ᵀ (+ bias [n]) → [m, n]. */
export function multiplyTransposed(gpu: WebGPUBackend, x: tf.Tensor2D, w: tf.Tensor2D, bias: tf.Tensor1D | null): tf.Tensor2D {
  const sizes = { m: x.shape[0], n: w.shape[0], k: x.shape[1] };
  return multiplyWith(chooseKernel('NT', sizes), gpu, 'NT', [x, w, bias], sizes);
}

/** a [m, k] · b [k, n] → [m, n]. */
export function multiply(gpu: WebGPUBackend, a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  const sizes = { m: a.shape[0], n: b.shape[1], k: a.shape[1] };
  return multiplyWith(chooseKernel('NN', sizes), gpu, 'NN', [a, b], sizes);
}

/** a [k, m]ᵀ · b [k, n] → [m, n]. */
export function transposedMultiply(gpu: WebGPUBackend, a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  const sizes = { m: a.shape[1], n: b.shape[1], k: a.shape[0] };
  return multiplyWith(chooseKernel('TN', sizes), gpu, 'TN', [a, b], sizes);
}
