/** Products with a packed matrix in loops that unpack a row at a time. */
import { must } from '../../../base/assert';
import type * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';
import { dot } from '../dot';
import type { PackedMatrix } from '../packed/matrix';
import { unpackRow } from '../packed/unpack';

/** x [N, in] · w [out, in]ᵀ (+ bias [out]) → [N, out]. */
export function timesTransposed(
  memory: HostMemory,
  x: tf.Tensor2D,
  w: PackedMatrix,
  bias: tf.Tensor1D | null,
): tf.Tensor2D {
  const [rows, inputs] = x.shape;
  const [columns] = w.shape;
  const [out] = allocate(memory, [rows, columns]);
  const [values, words, biases] = [memory.view(x), memory.integers(w.words), bias && memory.view(bias)];
  const row = new Float32Array(inputs);
  for (let j = 0; j < columns; j++) {
    unpackRow(w, words, j, row, 0);
    for (let i = 0; i < rows; i++)
      out.values[i * columns + j] = dot(values, i * inputs, row, 0, inputs) + (biases?.[j] ?? 0);
  }
  return out.tensor;
}

/** x [N, out] · w [out, in] → [N, in]. */
export function times(memory: HostMemory, x: tf.Tensor2D, w: PackedMatrix): tf.Tensor2D {
  const [rows, depth] = x.shape;
  const columns = w.shape[1];
  const [out] = allocate(memory, [rows, columns]);
  const [values, words] = [memory.view(x), memory.integers(w.words)];
  const row = new Float32Array(columns);
  out.values.fill(0);
  for (let k = 0; k < depth; k++) {
    unpackRow(w, words, k, row, 0);
    for (let i = 0; i < rows; i++) {
      const factor = must(values[i * depth + k]);
      for (let j = 0, at = i * columns; j < columns; j++, at++)
        out.values[at] = must(out.values[at]) + factor * must(row[j]);
    }
  }
  return out.tensor;
}
