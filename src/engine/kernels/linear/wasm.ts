/**
 * y = x·Wᵀ + b for tfjs-wasm, whose matmul is fast (XNNPACK) only without transposes: the small operand is transposed first.
 */
import * as tf from '@tensorflow/tfjs-core';
import { allocate, type HostMemory } from '../../backend/host-memory';

/** x [N, in], weight [out, in], bias [out] or null → [N, out]. */
export function forward(x: tf.Tensor2D, weight: tf.Tensor2D, bias: tf.Tensor1D | null): tf.Tensor2D {
  const transposed = tf.transpose(weight);
  return bias ? (tf.fused.matMul({ a: x, b: transposed, transposeA: false, transposeB: false, bias }) as tf.Tensor2D) : tf.matMul(x, transposed);
}

export const weightGradient = (dy: tf.Tensor2D, x: tf.Tensor2D): tf.Tensor2D => tf.matMul(tf.transpose(dy), x);

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
