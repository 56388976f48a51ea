import type * as tf from '@tensorflow/tfjs-core';
import { binaryCrossEntropy } from './binary-cross-entropy/op';
import { checkKernel } from '../../testing/kernel-check';
import { meanSquaredError } from './mean-squared-error/op';

checkKernel('binary cross-entropy', [
  {
    name: '3 × 4',
    shapes: [[3, 4]],
    run: (x) =>
      binaryCrossEntropy(x as tf.Tensor2D, Float32Array.of(1, 0, 0, 1, 0, 0, 0, 0, 1, 1, 1, 1), { denominator: 12 }),
    numeric: true,
  },
]);

checkKernel('mean squared error', [
  {
    name: '4 rows',
    shapes: [[4, 1]],
    run: (x) => meanSquaredError(x as tf.Tensor2D, Float32Array.of(0.5, -1, 2, 0), { denominator: 4 }),
    numeric: true,
  },
]);
