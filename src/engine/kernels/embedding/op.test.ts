import type * as tf from '@tensorflow/tfjs-core';
import { checkKernel } from '../kernel-check';
import { embedding } from './op';

const ids = Int32Array.of(3, 0, 3, 3, 1, 6, 0);

checkKernel('embedding', [
  { name: 'repeated ids add up', shapes: [[7, 5]], run: (table) => embedding(table as tf.Tensor2D, ids, null), numeric: true },
  { name: 'the padding row gets no gradient', shapes: [[7, 5]], run: (table) => embedding(table as tf.Tensor2D, ids, 0) },
]);
