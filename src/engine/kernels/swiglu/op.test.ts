import type * as tf from '@tensorflow/tfjs-core';
import { checkKernel, type KernelCase } from '../../../testing/kernel-check';
import { swiglu } from './op';

const run: KernelCase['run'] = (gate, up) => swiglu(gate as tf.Tensor2D, up as tf.Tensor2D);

checkKernel('SwiGLU', [
  {
    name: '3 × 5',
    shapes: [
      [3, 5],
      [3, 5],
    ],
    run,
    numeric: true,
  },
  {
    name: '41 × 77',
    shapes: [
      [41, 77],
      [41, 77],
    ],
    run,
  },
]);
