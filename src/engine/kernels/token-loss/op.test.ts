import type * as tf from '@tensorflow/tfjs-core';
import { checkKernel, type KernelCase } from '../../../testing/kernel-check';
import { RowShards } from '../shards';
import { tokenLogProbabilities } from './op';

function sized(rows: number, width: number, vocabulary: number, numeric = false, chunkValues = 2 ** 20): KernelCase {
  const labels = Int32Array.from({ length: rows }, (_, i) => (i * 7 + 1) % vocabulary);
  return {
    name: `${rows} rows of ${width}, vocabulary of ${vocabulary}`,
    shapes: [
      [rows, width],
      [vocabulary, width],
    ],
    run: (x, weight) =>
      tokenLogProbabilities(x as tf.Tensor2D, { weight: weight as tf.Tensor2D, frozen: false, chunkValues }, labels),
    numeric,
  };
}

/** The vocabulary of 20 in three shards; two chunks of rows. */
const inShards: KernelCase = {
  name: 'a vocabulary in three shards',
  shapes: [
    [9, 6],
    [8, 6],
    [8, 6],
    [4, 6],
  ],
  run: (x, ...shards) =>
    tokenLogProbabilities(
      x as tf.Tensor2D,
      { weight: new RowShards(shards as tf.Tensor2D[]), frozen: false, chunkValues: 100 },
      Int32Array.of(0, 7, 8, 15, 16, 19, 3, 3, 18),
    ),
  numeric: true,
};

checkKernel('log-probabilities of tokens', [
  sized(5, 4, 11, true),
  sized(1, 1, 2),
  // Four chunks of 8 rows and one of 2.
  sized(34, 6, 20, false, 160),
  inShards,
]);
