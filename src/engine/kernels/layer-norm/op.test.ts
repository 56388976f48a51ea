import type * as tf from '@tensorflow/tfjs-core';
import { checkKernel } from '../kernel-check';
import { layerNorm } from './op';

const run = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor => layerNorm(x as tf.Tensor2D, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-5);
const sized = (rows: number, width: number, numeric = false): Parameters<typeof checkKernel>[1][number] => ({ name: `${rows} × ${width}`, shapes: [[rows, width], [width], [width]], run, numeric });

checkKernel('layer norm', [sized(3, 5, true), sized(1, 2), sized(70, 31), sized(9, 384)]);
