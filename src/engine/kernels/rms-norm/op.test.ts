import * as tf from '@tensorflow/tfjs-core';
import { checkKernel, type KernelCase } from '../kernel-check';
import { rmsNorm } from './op';

const run: KernelCase['run'] = (x, gamma) => rmsNorm(x as tf.Tensor2D, gamma as tf.Tensor1D, 1e-6);

checkKernel('RMS norm', [
  { name: '5 × 7', shapes: [[5, 7], [7]], run, numeric: true },
  { name: '1 × 1', shapes: [[1, 1], [1]], run },
  { name: '33 × 130', shapes: [[33, 130], [130]], run },
  // The sum gives gamma a gradient, which must be the sum's alone.
  { name: 'frozen', shapes: [[6, 10], [10]], run: (x, gamma) => tf.add(rmsNorm(x as tf.Tensor2D, gamma as tf.Tensor1D, 1e-5, true), gamma) },
]);
