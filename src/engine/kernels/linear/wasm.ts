/**
 * y = x·Wᵀ + b for tfjs-wasm, whose matmul is fast (XNNPACK) only without transposes: the small operand is transposed first.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';

/** Side of the blocks that a transposition works in, so that reads and writes stay within the cache. */
const BLOCK = 16;

/** [rows, columns] → [columns, rows]; tfjs's own goes through memory column by column. */
export function transposed(memory: HostMemory, matrix: tf.Tensor2D): tf.Tensor2D {
  const [rows, columns] = matrix.shape;
  const [out] = allocate(memory, [columns, rows]);
  const values = memory.view(matrix);
  for (let top = 0; top < rows; top += BLOCK)
    for (let left = 0; left < columns; left += BLOCK) {
      const bottom = Math.min(top + BLOCK, rows);
      const right = Math.min(left + BLOCK, columns);
      for (let j = left; j < right; j++) for (let i = top; i < bottom; i++) out.values[j * rows + i] = values[i * columns + j]!;
    }
  return out.tensor as tf.Tensor2D;
}

/** x [N, in], turned [in, out] (the transposed weight), bias [out] or null → [N, out]. */
export const forward = (x: tf.Tensor2D, turned: tf.Tensor2D, bias: tf.Tensor1D | null): tf.Tensor2D =>
  bias ? (tf.fused.matMul({ a: x, b: turned, transposeA: false, transposeB: false, bias }) as tf.Tensor2D) : tf.matMul(x, turned);

export const weightGradient = (memory: HostMemory, dy: tf.Tensor2D, x: tf.Tensor2D): tf.Tensor2D => tf.matMul(transposed(memory, dy), x);

/** Column sums of dy [N, out] → [out]. */
export function biasGradient(memory: HostMemory, dy: tf.Tensor2D): tf.Tensor1D {
  const [rows, columns] = dy.shape;
  const [out] = allocate(memory, [columns]);
  const values = memory.view(dy);
  const sums = new Float64Array(columns);
  for (let i = 0, at = 0; i < rows; i++) for (let j = 0; j < columns; j++, at++) sums[j]! += values[at]!;
  out.values.set(sums);
  return out.tensor as tf.Tensor1D;
}
