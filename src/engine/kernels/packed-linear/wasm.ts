/** Products with a packed matrix on our WebAssembly kernel, which unpacks a tile at a time. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WasmKernels } from '../../wasm/kernels';
import { grainOf } from '../../wasm/launcher';
import { BLOCK, type PackedMatrix } from '../packed/matrix';

/** Columns of the product in a unit of work; assembly/packed.ts. */
const UNIT = 32;

/** Unpacking a weight takes about as long as multiplying so many rows with it. */
const FEW_ROWS = 8;

/** x·W, or x·Wᵀ where `transposed`. Threads share the columns, so that each block is unpacked by one of them. */
function product(
  kernels: WasmKernels,
  x: tf.Tensor2D,
  { words, shape, bits, scalesAt }: PackedMatrix,
  bias: tf.Tensor1D | null,
  transposed: boolean,
): tf.Tensor2D {
  const [rows, depth] = x.shape;
  const columns = shape[transposed ? 0 : 1];
  const out = kernels.allocate([rows, columns]);
  const grain = grainOf(2 * depth * UNIT * Math.max(FEW_ROWS, rows));
  kernels.launch(
    'packedGemm',
    Math.ceil(columns / UNIT),
    [x, words, out, bias ?? 0, rows, columns, depth, Number(transposed), scalesAt, bits, shape[1] / BLOCK],
    { grain, pieces: 2 },
  );
  return out;
}

/** x [N, in] · w [out, in]ᵀ (+ bias [out]) → [N, out]. */
export const timesTransposed = (
  kernels: WasmKernels,
  x: tf.Tensor2D,
  w: PackedMatrix,
  bias: tf.Tensor1D | null,
): tf.Tensor2D => product(kernels, x, w, bias, true);

/** x [N, out] · w [out, in] → [N, in]. */
export const times = (kernels: WasmKernels, x: tf.Tensor2D, w: PackedMatrix): tf.Tensor2D =>
  product(kernels, x, w, null, false);
