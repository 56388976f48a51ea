import type * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { checkKernel } from '../../../testing/kernel-check';
import { crossEntropy } from './op';
import { IGNORE, totalWeight } from './targets';

const labels = Int32Array.of(2, 0, IGNORE, 1, 2);
const weights = Float32Array.of(0.5, 1, 2.5);

checkKernel('cross-entropy', [
  {
    name: 'plain, one row ignored',
    shapes: [[5, 3]],
    run: (x) => crossEntropy(x as tf.Tensor2D, labels, { weights: null, smoothing: 0 }, { denominator: 4 }),
    numeric: true,
  },
  {
    name: 'weighted and smoothed',
    shapes: [[5, 3]],
    run: (x) => crossEntropy(x as tf.Tensor2D, labels, { weights, smoothing: 0.1 }, { denominator: 6.5 }),
    numeric: true,
  },
]);

it('divides by the weights of the labels that count', () => {
  expect(totalWeight(labels, null)).toBe(4);
  expect(totalWeight(labels, weights)).toBe(6.5);
});
