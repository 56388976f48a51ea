import type * as tf from '@tensorflow/tfjs-core';
import { checkKernel } from '../../../testing/kernel-check';
import { gelu } from './op';

checkKernel('GELU', [
  { name: 'exact', shapes: [[5, 13]], run: (x) => gelu(x as tf.Tensor2D, 'erf'), numeric: true },
  { name: 'tanh', shapes: [[5, 13]], run: (x) => gelu(x as tf.Tensor2D, 'tanh'), numeric: true },
]);
