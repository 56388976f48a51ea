/** Rows of a packed matrix on our WebAssembly kernel. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WasmKernels } from '../../wasm/kernels';
import { BLOCK, type PackedMatrix } from '../packed/matrix';

/** ids [N] → [N, columns]. */
export function rows(
  kernels: WasmKernels,
  { words, shape, bits, scalesAt }: PackedMatrix,
  ids: Int32Array,
): tf.Tensor2D {
  const columns = shape[1];
  const out = kernels.allocate([ids.length, columns]);
  kernels.launch('packedRows', ids.length, [words, ids, out, scalesAt, bits, columns / BLOCK], { grain: 64 });
  return out;
}
