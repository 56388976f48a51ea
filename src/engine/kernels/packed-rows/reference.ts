/** Rows of a packed matrix in plain JavaScript. */
import * as tf from '@tensorflow/tfjs-core';
import { gpuBackend } from '../../backend/gpu-backend';
import type { PackedMatrix } from '../packed/matrix';
import { unpackRow } from '../packed/unpack';
import * as webgpu from './webgpu';

/**
 * ids [N] → [N, columns]. WebGPU tells no values at once, and tfjs has no integer arithmetic there: the shader serves
 * as the reference as well.
 */
export function rows(matrix: PackedMatrix, ids: Int32Array): tf.Tensor2D {
  const gpu = gpuBackend();
  if (gpu) return webgpu.rows(gpu, matrix, ids);
  const columns = matrix.shape[1];
  const words = matrix.words.dataSync<'int32'>();
  const values = new Float32Array(ids.length * columns);
  ids.forEach((id, i) => unpackRow(matrix, words, id, values, i * columns));
  return tf.tensor2d(values, [ids.length, columns]);
}
