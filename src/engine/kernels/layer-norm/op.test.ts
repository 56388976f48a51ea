import type * as tf from '@tensorflow/tfjs-core';
import { checkKernel } from '../../../testing/kernel-check';
import { dropoutKey } from '../dropout/mask';
import { layerNorm, residualLayerNorm } from './op';

const run = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
  layerNorm(x as tf.Tensor2D, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-5);
const sized = (rows: number, width: number, numeric = false): Parameters<typeof checkKernel>[1][number] => ({
  name: `${rows} × ${width}`,
  shapes: [[rows, width], [width], [width]],
  run,
  numeric,
});

checkKernel('layer norm', [sized(3, 5, true), sized(1, 2), sized(70, 31), sized(9, 384)]);

const added = (rate: number): Parameters<typeof checkKernel>[1][number] => ({
  name: `after a residual${rate ? ` and dropout ${rate}` : ''}`,
  shapes: [[9, 12], [9, 12], [12], [12]],
  run: (x, residual, gamma, beta) =>
    residualLayerNorm(
      x as tf.Tensor2D,
      residual as tf.Tensor2D,
      gamma as tf.Tensor1D,
      beta as tf.Tensor1D,
      1e-5,
      rate ? dropoutKey(rate, 2, 4, 6) : { rate: 0, key: 0 },
    ),
});

checkKernel('layer norm with what comes before it', [added(0), added(0.3)]);
