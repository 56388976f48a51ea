import type * as tf from '@tensorflow/tfjs-core';
import { checkKernel } from '../../../testing/kernel-check';
import { preferenceLoss } from './op';

checkKernel('preference loss', [
  {
    name: '3 pairs',
    shapes: [[6]],
    run: (rewards) => preferenceLoss(rewards as tf.Tensor1D, 0, { denominator: 3 }),
    numeric: true,
  },
  {
    name: 'one pair, smoothed',
    shapes: [[2]],
    run: (rewards) => preferenceLoss(rewards as tf.Tensor1D, 0.1, { denominator: 1 }),
    numeric: true,
  },
]);
