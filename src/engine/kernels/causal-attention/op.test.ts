import type * as tf from '@tensorflow/tfjs-core';
import { checkKernel, type KernelCase } from '../../../testing/kernel-check';
import { dropoutKey } from '../dropout/mask';
import { causalAttention, causalLayout } from './op';

function sized(
  lengths: number[],
  heads: number,
  keyValueHeads: number,
  headSize: number,
  { past = 0, rate = 0, numeric = false } = {},
): KernelCase {
  const layout = causalLayout(lengths, { heads, keyValueHeads, headSize }, past);
  const keyShape = [layout.keys, keyValueHeads * headSize];
  return {
    name:
      `${lengths.join(' + ')} rows, ${heads} heads of ${headSize} on ` +
      `${keyValueHeads}${past ? `, ${past} earlier keys` : ''}${rate ? `, dropout ${rate}` : ''}`,
    shapes: [[layout.queries, heads * headSize], keyShape, keyShape],
    run: (q, k, v) =>
      causalAttention(
        q as tf.Tensor2D,
        k as tf.Tensor2D,
        v as tf.Tensor2D,
        layout,
        rate ? dropoutKey(rate, 3, 1, 0) : { rate: 0, key: 0 },
      ),
    numeric,
  };
}

checkKernel('causal attention', [
  sized([3, 2], 2, 1, 4, { numeric: true }),
  sized([1], 1, 1, 1),
  sized([7, 1, 4], 6, 2, 10),
  sized([5, 9], 2, 2, 8, { rate: 0.2 }),
  sized([70, 3, 131], 2, 1, 6, { rate: 0.1 }),
  sized([2], 4, 2, 6, { past: 5 }),
  sized([1], 3, 1, 4, { past: 12 }),
]);
