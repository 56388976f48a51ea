/**
 * Embedding lookup in a packed table, and the way from a packed matrix to its values. No gradient: packed weights are
 * frozen.
 */
import type * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import { wasmKernels } from '../../wasm/kernels';
import type { PackedMatrix } from '../packed/matrix';
import * as reference from './reference';
import * as wasm from './wasm';
import * as webgpu from './webgpu';

/**
 * Rows of a packed table.
 * @param ids N integers in [0, rows)
 * @returns [N, columns]
 */
export function packedRows(matrix: PackedMatrix, ids: Int32Array): tf.Tensor2D {
  const kernels = wasmKernels();
  if (kernels) return wasm.rows(kernels, matrix, ids);
  const gpu = gpuKernels();
  return gpu ? webgpu.rows(gpu, matrix, ids) : reference.rows(matrix, ids);
}

/** All values [rows, columns]. */
export const unpacked = (matrix: PackedMatrix): tf.Tensor2D =>
  packedRows(
    matrix,
    Int32Array.from({ length: matrix.shape[0] }, (_, row) => row),
  );
