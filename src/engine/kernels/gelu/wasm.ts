/** GELU and its derivative on our WebAssembly kernel. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WasmKernels } from '../../wasm/kernels';
import type { GeluForm } from './reference';

/** Elements of a unit of work; assembly/gelu.ts. */
const UNIT = 1024;

export function forward(
  kernels: WasmKernels,
  x: tf.Tensor2D,
  form: GeluForm,
): { y: tf.Tensor2D; derivative: tf.Tensor2D } {
  const y = kernels.allocate(x.shape);
  const derivative = kernels.allocate(x.shape);
  kernels.launch('gelu', Math.ceil(x.size / UNIT), [x, y, derivative, x.size, form === 'erf' ? 0 : 1], { grain: 8 });
  return { y: y, derivative: derivative };
}
