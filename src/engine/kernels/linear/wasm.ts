/** y = x·Wᵀ + b and its gradients on our own matrix product, which reads either operand as it lies. */
import type * as tf from '@tensorflow/tfjs-core';
import type { WasmKernels } from '../../wasm/kernels';
import { grainOf } from '../../wasm/launcher';

/** Rows and columns of a tile of the product; assembly/gemm.ts. */
const TILE = { rows: 4, columns: 8 };

/** Reading a weight from memory takes as long as multiplying so many rows with it. */
const FEW_ROWS = 8;

/** How the operands of A·B lie in memory: as [M, K] and [K, N], or transposed. */
interface Layout {
  transposedA?: boolean;
  transposedB?: boolean;
}

/** A·B (+ bias a column) → [M, N]. The larger side of the result is what threads share out. */
function product(
  kernels: WasmKernels,
  a: tf.Tensor2D,
  b: tf.Tensor2D,
  bias: tf.Tensor1D | null,
  { transposedA = false, transposedB = false }: Layout,
): tf.Tensor2D {
  const [rows, depth] = transposedA ? [a.shape[1], a.shape[0]] : a.shape;
  const columns = transposedB ? b.shape[0] : b.shape[1];
  const out = kernels.allocate([rows, columns]);
  const byRows = rows > columns;
  const units = byRows ? Math.ceil(rows / TILE.rows) : Math.ceil(columns / TILE.columns);
  const grain = grainOf(2 * depth * (byRows ? TILE.rows * columns : TILE.columns * Math.max(FEW_ROWS, rows)));
  // Each piece packs the whole of the smaller operand anew: few pieces.
  kernels.launch(
    'gemm',
    units,
    [a, b, out, bias ?? 0, rows, columns, depth, Number(transposedA), Number(transposedB), Number(byRows)],
    { grain, pieces: 2 },
  );
  return out;
}

/** x [N, in], weight [out, in], bias [out] or null → [N, out]. */
export const forward = (
  kernels: WasmKernels,
  x: tf.Tensor2D,
  weight: tf.Tensor2D,
  bias: tf.Tensor1D | null,
): tf.Tensor2D => product(kernels, x, weight, bias, { transposedB: true });

export const inputGradient = (kernels: WasmKernels, dy: tf.Tensor2D, weight: tf.Tensor2D): tf.Tensor2D =>
  product(kernels, dy, weight, null, {});

export const weightGradient = (kernels: WasmKernels, dy: tf.Tensor2D, x: tf.Tensor2D): tf.Tensor2D =>
  product(kernels, dy, x, null, { transposedA: true });

/** Column sums of dy [N, out] → [out]. */
export function biasGradient(kernels: WasmKernels, dy: tf.Tensor2D): tf.Tensor1D {
  const [rows, columns] = dy.shape;
  const out = kernels.allocate([columns]);
  kernels.launch('columnSums', Math.ceil(columns / 4), [dy, out, rows, columns], { grain: 32 });
  return out;
}
