import * as tf from '@tensorflow/tfjs-core';
import { checkKernel, type KernelCase } from '../kernel-check';
import type { GeluForm } from '../gelu/reference';
import { feedForward, type Layer } from './op';

const sized = (rows: number, inputs: number, inner: number, form: GeluForm, numeric = false): KernelCase => ({
  name: `${rows} × ${inputs} → ${inner}, ${form}`,
  shapes: [[rows, inputs], [inner, inputs], [inner], [inputs, inner], [inputs]],
  run: (x, w1, b1, w2, b2) =>
    feedForward(x as tf.Tensor2D, [{ weight: w1 as tf.Tensor2D, bias: b1 as tf.Tensor1D }, { weight: w2 as tf.Tensor2D, bias: b2 as tf.Tensor1D }], form, false),
  numeric,
});

let layers: [Layer, Layer];
const frozen: KernelCase = {
  name: 'frozen',
  shapes: [[6, 8]],
  prepare: () => {
    const tensor = (shape: number[]): tf.Tensor => tf.tidy(() => tf.mul(tf.reshape(tf.linspace(-1, 1.5, tf.util.sizeFromShape(shape)), shape), 0.5));
    layers = [[12, 8], [8, 12]].map(([out = 0, inputs = 0]) => ({ weight: tensor([out, inputs]) as tf.Tensor2D, bias: tensor([out]) as tf.Tensor1D })) as [Layer, Layer];
    return { dispose: () => tf.dispose(layers.map(({ weight, bias }) => [weight, bias])) };
  },
  run: (x) => feedForward(x as tf.Tensor2D, layers, 'erf', true),
};

checkKernel('feed-forward', [frozen, sized(3, 5, 7, 'erf', true), sized(9, 8, 20, 'tanh'), sized(1, 1, 1, 'erf')]);
