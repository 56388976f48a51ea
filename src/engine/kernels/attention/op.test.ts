import type * as tf from '@tensorflow/tfjs-core';
import { checkKernel, type KernelCase } from '../../../testing/kernel-check';
import { dropoutKey } from '../dropout/mask';
import { attention } from './op';

/** Row b of the batch has as many real keys as `lengths` says. */
function sized(
  lengths: number[],
  length: number,
  heads: number,
  headSize: number,
  rate = 0,
  numeric = false,
): KernelCase {
  const batch = lengths.length;
  const mask = Int32Array.from(lengths.flatMap((real) => Array.from({ length }, (_, i) => (i < real ? 1 : 0))));
  const shape = { batch, length, heads, headSize };
  const rows = [batch * length, heads * headSize];
  return {
    name: `${batch} × ${length}, ${heads} heads of ${headSize}${rate ? `, dropout ${rate}` : ''}`,
    shapes: [rows, rows, rows],
    run: (q, k, v) =>
      attention(
        q as tf.Tensor2D,
        k as tf.Tensor2D,
        v as tf.Tensor2D,
        mask,
        shape,
        rate ? dropoutKey(rate, 3, 1, 0) : { rate: 0, key: 0 },
      ),
    numeric,
  };
}

checkKernel('attention', [
  sized([3, 2], 3, 2, 4, 0, true),
  sized([1], 1, 1, 1),
  sized([7, 1, 4], 7, 3, 10),
  sized([5, 9], 9, 2, 8, 0.2),
]);
