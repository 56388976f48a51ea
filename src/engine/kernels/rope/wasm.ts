/** Rotary position embedding on our WebAssembly kernel. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WasmKernels } from '../../wasm/kernels';
import type { Angles } from './reference';

export function rotate(
  kernels: WasmKernels,
  x: tf.Tensor2D,
  { cos, sin }: Angles,
  headSize: number,
  direction: 1 | -1,
): tf.Tensor2D {
  const [rows, width] = x.shape;
  const out = kernels.allocate(x.shape);
  kernels.launch('rope', rows, [x, cos, sin, out, width, headSize / 2], {
    reals: [direction],
    grain: Math.ceil(2 ** 15 / width),
  });
  return out;
}
