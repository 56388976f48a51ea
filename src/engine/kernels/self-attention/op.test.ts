import * as tf from '@tensorflow/tfjs-core';
import { dropoutKey } from '../dropout/mask';
import { checkKernel, type KernelCase } from '../../../testing/kernel-check';
import { selfAttention, type ProjectionAdapters, type Projections } from './op';

const maskOf = (lengths: number[], length: number): Int32Array =>
  Int32Array.from(lengths.flatMap((real) => Array.from({ length }, (_, i) => (i < real ? 1 : 0))));

/** Row b of the batch has as many real tokens as `lengths` says. */
function sized(
  lengths: number[],
  length: number,
  heads: number,
  headSize: number,
  rate = 0,
  numeric = false,
): KernelCase {
  const batch = lengths.length;
  const mask = maskOf(lengths, length);
  const hidden = heads * headSize;
  const layer = [[hidden, hidden], [hidden]];
  return {
    name: `${batch} × ${length}, ${heads} heads of ${headSize}${rate ? `, dropout ${rate}` : ''}`,
    shapes: [[batch * length, hidden], ...layer, ...layer, ...layer],
    run: (x, ...tensors) => {
      const layers = [0, 2, 4].map((at) => ({
        weight: tensors[at] as tf.Tensor2D,
        bias: tensors[at + 1] as tf.Tensor1D,
      })) as unknown as Projections;
      return selfAttention(
        x as tf.Tensor2D,
        layers,
        mask,
        { batch, length, heads, headSize },
        rate ? dropoutKey(rate, 3, 1, 0) : { rate: 0, key: 0 },
        false,
      );
    },
    numeric,
  };
}

/** With adapters of rank 2 on layers that are not trained. */
function adapted(lengths: number[], length: number, heads: number, headSize: number, rate: number): KernelCase {
  const plain = sized(lengths, length, heads, headSize, rate);
  const hidden = heads * headSize;
  const values = (size: number, first: number): Float32Array =>
    Float32Array.from({ length: size }, (_, i) => 0.5 * Math.sin(first + 3 * i));
  let layers: Projections;
  return {
    name: `${plain.name}, adapted`,
    shapes: [
      [lengths.length * length, hidden],
      ...[0, 1, 2].flatMap(() => [
        [2, hidden],
        [hidden, 2],
      ]),
    ],
    prepare: () => {
      layers = [0, 1, 2].map((at) => ({
        weight: tf.tensor2d(values(hidden * hidden, at), [hidden, hidden]),
        bias: tf.tensor1d(values(hidden, at)),
      })) as unknown as Projections;
      return { dispose: () => tf.dispose(layers.map(({ weight, bias }) => [weight, bias])) };
    },
    run: (x, ...tensors) => {
      const adapters = [0, 1, 2].map((at) => ({
        a: tensors[2 * at],
        b: tensors[2 * at + 1],
        scaling: 0.2,
        drop: rate ? dropoutKey(rate, 3, 2, at) : { rate: 0, key: 0 },
      })) as unknown as ProjectionAdapters;
      return selfAttention(
        x as tf.Tensor2D,
        layers,
        maskOf(lengths, length),
        { batch: lengths.length, length, heads, headSize },
        rate ? dropoutKey(rate, 3, 1, 0) : { rate: 0, key: 0 },
        true,
        adapters,
      );
    },
  };
}

checkKernel('self-attention', [
  sized([3, 2], 3, 2, 2, 0, true),
  sized([1], 1, 1, 1),
  sized([4, 1], 5, 3, 2),
  sized([5, 3], 5, 2, 4, 0.2),
  adapted([4, 2], 5, 2, 4, 0.2),
  adapted([3, 2], 3, 3, 2, 0),
]);
