import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import { must } from '../../../base/assert';
import { BACKENDS, openInNode, whyNotInNode } from '../../../testing/node-backends';
import { valueAndGradients } from '../../nn/gradients';
import { checkKernel, type KernelCase } from '../../../testing/kernel-check';
import { residualRmsNorm, rmsNorm } from './op';

const run: KernelCase['run'] = (x, gamma) => rmsNorm(x as tf.Tensor2D, null, gamma as tf.Tensor1D, 1e-6);

checkKernel('RMS norm', [
  { name: '5 × 7', shapes: [[5, 7], [7]], run, numeric: true },
  { name: '1 × 1', shapes: [[1, 1], [1]], run },
  { name: '33 × 130', shapes: [[33, 130], [130]], run },
  // The sum gives gamma a gradient, which must be the sum's alone.
  {
    name: 'frozen',
    shapes: [[6, 10], [10]],
    run: (x, gamma) => tf.add(rmsNorm(x as tf.Tensor2D, null, gamma as tf.Tensor1D, 1e-5, true), gamma),
  },
]);

const ofSum: KernelCase['run'] = (x, branch, gamma) =>
  rmsNorm(x as tf.Tensor2D, branch as tf.Tensor2D, gamma as tf.Tensor1D, 1e-6);

/** The sum and its norm, both of which count. */
const both =
  (frozen: boolean): KernelCase['run'] =>
  (x, branch, gamma) => {
    const [sum, normed] = residualRmsNorm(x as tf.Tensor2D, branch as tf.Tensor2D, gamma as tf.Tensor1D, 1e-6, frozen);
    return tf.add(tf.mul(tf.tanh(sum), normed), gamma);
  };

checkKernel('RMS norm of a sum', [
  { name: '5 × 7', shapes: [[5, 7], [5, 7], [7]], run: ofSum, numeric: true },
  { name: '65 × 66', shapes: [[65, 66], [65, 66], [66]], run: ofSum },
  {
    name: 'frozen',
    shapes: [[6, 10], [6, 10], [10]],
    run: (x, branch, gamma) =>
      tf.add(rmsNorm(x as tf.Tensor2D, branch as tf.Tensor2D, gamma as tf.Tensor1D, 1e-5, true), gamma),
  },
  { name: 'with the sum, 3 × 5', shapes: [[3, 5], [3, 5], [5]], run: both(false), numeric: true },
  { name: 'with the sum, 1 × 1', shapes: [[1, 1], [1, 1], [1]], run: both(false) },
  { name: 'with the sum, 33 × 130', shapes: [[33, 130], [33, 130], [130]], run: both(false) },
  { name: 'with the sum, frozen', shapes: [[6, 10], [6, 10], [10]], run: both(true) },
]);

/**
 * Two blocks as decoders have them, their norms and sums in one operation each or in several; each block's inside is a
 * product.
 */
function stream(x: tf.Tensor2D, weights: readonly tf.Tensor2D[], gamma: tf.Tensor1D, fused: boolean): tf.Tensor {
  const normed = (x: tf.Tensor2D): tf.Tensor2D =>
    tf.mul(tf.mul(x, tf.rsqrt(tf.add(tf.mean(tf.square(x), 1, true), tf.tensor1d([1e-6])))), gamma);
  const [first, second] = weights.map(
    (weight) =>
      (y: tf.Tensor2D): tf.Tensor2D =>
        tf.matMul(y, weight),
  );
  const [one, two] = [must(first, 'product'), must(second, 'product')];
  if (!fused) {
    const sum = tf.add<tf.Tensor2D>(x, one(normed(x)));
    return normed(tf.add(sum, two(normed(sum))));
  }
  const [sum, ready] = residualRmsNorm(x, one(rmsNorm(x, null, gamma, 1e-6)), gamma, 1e-6);
  return rmsNorm(sum, two(ready), gamma, 1e-6);
}

for (const backend of BACKENDS) {
  const missing = whyNotInNode(backend);
  it.skipIf(missing !== null)(
    `norms on ${backend} take along what their input's gradient has come to elsewhere`,
    async () => {
      await openInNode(backend);
      const before = tf.memory().numTensors;
      const drawn = (rows: number, seed: number): tf.Tensor2D => tf.randomNormal([rows, 6], 0, 1, 'float32', seed);
      const [x, one, two, gamma] = [
        drawn(9, 0),
        drawn(6, 1),
        drawn(6, 2),
        tf.randomNormal<tf.Rank.R1>([6], 0, 1, 'float32', 3),
      ];
      const read = async (fused: boolean): Promise<Float32Array[]> => {
        const { value, gradients } = valueAndGradients(
          () => tf.sum(tf.square(tf.tanh(stream(x, [one, two], gamma, fused)))),
          [x, one, two, gamma],
        );
        const values = await Promise.all(
          [value, ...gradients].map(async (tensor) => (await tensor.data<'float32'>()).slice()),
        );
        tf.dispose([value, ...gradients]);
        return values;
      };
      const [fused, apart] = [await read(true), await read(false)];
      tf.dispose([x, one, two, gamma]);
      expect(tf.memory().numTensors).toBe(before);
      apart.forEach((values, which) => {
        values.forEach((value, i) => {
          expect(
            Math.abs(must(must(fused[which])[i]) - value),
            `${which} at ${i}: ${must(fused[which])[i]} for ${value}`,
          ).toBeLessThan(1e-5 + 1e-4 * Math.abs(value));
        });
      });
    },
  );
}
