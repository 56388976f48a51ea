import type * as tf from '@tensorflow/tfjs-core';
import { checkKernel } from '../../../testing/kernel-check';
import { RowShards } from '../shards';
import { embedding, embeddingSum } from './op';

const ids = Int32Array.of(3, 0, 3, 3, 1, 6, 0);

checkKernel('embedding', [
  {
    name: 'repeated ids add up',
    shapes: [[7, 5]],
    run: (table) => embedding(table as tf.Tensor2D, ids, null),
    numeric: true,
  },
  {
    name: 'sums of rows of three tables',
    shapes: [
      [7, 5],
      [4, 5],
      [1, 5],
    ],
    run: (...tables) =>
      embeddingSum(
        [ids, Int32Array.of(0, 1, 2, 3, 3, 0, 2), new Int32Array(7)].map((ids, t) => ({
          table: tables[t] as tf.Tensor2D,
          ids,
          paddingId: t === 0 ? 3 : null,
          frozen: false,
        })),
      ),
  },
  {
    name: 'a table in three shards, of which one has none of the rows, beside a whole one',
    shapes: [
      [3, 5],
      [2, 5],
      [2, 5],
      [2, 5],
    ],
    run: (...tables) => {
      const [a, b, c, types] = tables as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
      return embeddingSum([
        { table: new RowShards([a, b, c]), ids: Int32Array.of(2, 6, 6, 0, 1, 2, 0), paddingId: 6, frozen: false },
        { table: types, ids: Int32Array.of(0, 1, 1, 1, 0, 0, 1), paddingId: null, frozen: false },
      ]);
    },
  },
  {
    name: 'the padding row gets no gradient',
    shapes: [[7, 5]],
    run: (table) => embedding(table as tf.Tensor2D, ids, 0),
  },
]);
