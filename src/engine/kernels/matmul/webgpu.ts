/** Matrix products on WebGPU: the kernel that suits adapter and sizes, run among tfjs's own work. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { gpuRun, u32 } from '../../backend/gpu-run';
import { chooseKernel } from './choice';
import { PackedMatrix, type Matrix } from '../packed/matrix';
import type { Kernel, Layout, Sizes } from './layout';

/** C[m, n] = A·B (+ bias[n]) with the operands laid out as `layout` says, by a kernel that fits. */
export function multiplyWith(
  kernel: Kernel,
  gpu: WebGPUBackend,
  layout: Layout,
  [a, b, bias]: readonly [tf.Tensor2D, Matrix, (tf.Tensor1D | null)?],
  sizes: Sizes,
): tf.Tensor2D {
  const packed = b instanceof PackedMatrix ? b : null;
  const right = b instanceof PackedMatrix ? b.words : b;
  const [out] = gpuRun(gpu, {
    code: kernel.code(layout, { bias: Boolean(bias), packed: packed?.bits ?? null }),
    inputs: bias ? [a, right, bias] : [a, right],
    outputs: [[sizes.m, sizes.n]],
    uniforms: [sizes.m, sizes.n, sizes.k, ...(packed ? [packed.scalesAt] : [])].map(u32),
    workgroups: kernel.workgroups(sizes),
  });
  return out as tf.Tensor2D;
}

/** x [m, k] · w [n, k]ᵀ (+ bias [n]) → [m, n]. */
export function multiplyTransposed(gpu: WebGPUBackend, x: tf.Tensor2D, w: Matrix, bias: tf.Tensor1D | null): tf.Tensor2D {
  const sizes = { m: x.shape[0], n: w.shape[0], k: x.shape[1] };
  return multiplyWith(chooseKernel('NT', sizes), gpu, 'NT', [x, w, bias], sizes);
}

/** a [m, k] · b [k, n] → [m, n]. */
export function multiply(gpu: WebGPUBackend, a: tf.Tensor2D, b: Matrix): tf.Tensor2D {
  const sizes = { m: a.shape[0], n: b.shape[1], k: a.shape[1] };
  return multiplyWith(chooseKernel('NN', sizes), gpu, 'NN', [a, b], sizes);
}

/** a [k, m]ᵀ · b [k, n] → [m, n]. */
export function transposedMultiply(gpu: WebGPUBackend, a: tf.Tensor2D, b: tf.Tensor2D): tf.Tensor2D {
  const sizes = { m: a.shape[1], n: b.shape[1], k: a.shape[0] };
  return multiplyWith(chooseKernel('TN', sizes), gpu, 'TN', [a, b], sizes);
}
