import type * as tf from '@tensorflow/tfjs-core';
import { dropoutKey } from '../dropout/mask';
import { checkKernel, type KernelCase } from '../kernel-check';
import { selfAttention, type Projections } from './op';

/** Row b of the batch has as many real tokens as `lengths` says. */
function sized(lengths: number[], length: number, heads: number, headSize: number, rate = 0, numeric = false): KernelCase {
  const batch = lengths.length;
  const mask = Int32Array.from(lengths.flatMap((real) => Array.from({ length }, (_, i) => (i < real ? 1 : 0))));
  const hidden = heads * headSize;
  const layer = [[hidden, hidden], [hidden]];
  return {
    name: `${batch} × ${length}, ${heads} heads of ${headSize}${rate ? `, dropout ${rate}` : ''}`,
    shapes: [[batch * length, hidden], ...layer, ...layer, ...layer],
    run: (x, ...tensors) => {
      const layers = [0, 2, 4].map((at) => ({ weight: tensors[at] as tf.Tensor2D, bias: tensors[at + 1] as tf.Tensor1D })) as unknown as Projections;
      return selfAttention(x as tf.Tensor2D, layers, mask, { batch, length, heads, headSize }, rate ? dropoutKey(rate, 3, 1, 0) : { rate: 0, key: 0 }, false);
    },
    numeric,
  };
}

checkKernel('self-attention', [sized([3, 2], 3, 2, 2, 0, true), sized([1], 1, 1, 1), sized([4, 1], 5, 3, 2), sized([5, 3], 5, 2, 4, 0.2)]);
