import type * as tf from '@tensorflow/tfjs-core';
import { checkKernel } from '../../../testing/kernel-check';
import { linear, applyLayer } from './op';

const run = (x: tf.Tensor, w: tf.Tensor, b?: tf.Tensor): tf.Tensor =>
  linear(x as tf.Tensor2D, w as tf.Tensor2D, (b ?? null) as tf.Tensor1D | null);
const sized = (
  rows: number,
  inputs: number,
  out: number,
  numeric = false,
): Parameters<typeof checkKernel>[1][number] => ({
  name: `${rows} × ${inputs} → ${out}`,
  shapes: [[rows, inputs], [out, inputs], [out]],
  run,
  numeric,
});

checkKernel('linear', [
  sized(5, 7, 3, true),
  sized(1, 1, 1),
  sized(33, 30, 50),
  sized(64, 32, 96),
  {
    name: 'without bias',
    shapes: [
      [6, 5],
      [9, 5],
    ],
    run,
  },
]);

const transposed = (
  rows: number,
  inputs: number,
  out: number,
  numeric = false,
): Parameters<typeof checkKernel>[1][number] => ({
  name: `${rows} × ${inputs} → ${out}`,
  shapes: [[rows, inputs], [inputs, out], [out]],
  run: (x, w, b) =>
    applyLayer(x as tf.Tensor2D, { weight: w as tf.Tensor2D, bias: b as tf.Tensor1D, transposed: true, frozen: false }),
  numeric,
});

checkKernel('Conv1D', [transposed(5, 7, 3, true), transposed(33, 30, 50)]);
