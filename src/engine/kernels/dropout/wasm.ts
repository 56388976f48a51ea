/** Dropout on our WebAssembly kernel; forward and gradient are the same scaling. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WasmKernels } from '../../wasm/kernels';
import { dropThreshold, type DropoutKey } from './mask';

/** Elements of a unit of work; assembly/dropout.ts. */
const UNIT = 1024;

export function scale(kernels: WasmKernels, x: tf.Tensor, { rate, key }: DropoutKey): tf.Tensor {
  const out = kernels.allocate(x.shape);
  kernels.launch('dropout', Math.ceil(x.size / UNIT), [x, out, x.size, key, dropThreshold(rate)], {
    reals: [1 / (1 - rate)],
    grain: 8,
  });
  return out;
}
