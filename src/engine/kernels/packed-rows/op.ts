/**
 * Embedding lookup in a packed table, and the way from a packed matrix to its values. No gradient: packed weights are
 * frozen.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { PackedMatrix } from '../packed/matrix';
import { onBackend } from '../on-backend';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

/**
 * Rows of a packed table.
 * @param ids N integers in [0, rows)
 * @returns [N, columns]
 */
export const packedRows = onBackend<[matrix: PackedMatrix, ids: Int32Array], tf.Tensor2D>({
  wasm: wasm.rows,
  webgpu: webgpu.rows,
  reference: reference.rows,
});

/** All values [rows, columns]. */
export const unpacked = (matrix: PackedMatrix): tf.Tensor2D =>
  packedRows(
    matrix,
    Int32Array.from({ length: matrix.shape[0] }, (_, row) => row),
  );
