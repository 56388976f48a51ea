import * as tf from '@tensorflow/tfjs-core';
import { dropoutKey } from '../dropout/mask';
import { checkKernel, type KernelCase } from '../../../testing/kernel-check';
import type { GeluForm } from '../gelu/reference';
import type { Adapter } from '../lora-linear/adapter';
import { feedForward, type Layer } from './op';

const sized = (rows: number, inputs: number, inner: number, form: GeluForm, numeric = false): KernelCase => ({
  name: `${rows} × ${inputs} → ${inner}, ${form}`,
  shapes: [[rows, inputs], [inner, inputs], [inner], [inputs, inner], [inputs]],
  run: (x, w1, b1, w2, b2) =>
    feedForward(
      x as tf.Tensor2D,
      [
        { weight: w1 as tf.Tensor2D, bias: b1 as tf.Tensor1D },
        { weight: w2 as tf.Tensor2D, bias: b2 as tf.Tensor1D },
      ],
      form,
      false,
    ),
  numeric,
});

let layers: [Layer, Layer];
const frozen: KernelCase = {
  name: 'frozen',
  shapes: [[6, 8]],
  prepare: () => {
    const tensor = (shape: number[]): tf.Tensor =>
      tf.tidy(() => tf.mul(tf.reshape(tf.linspace(-1, 1.5, tf.util.sizeFromShape(shape)), shape), 0.5));
    layers = [
      [12, 8],
      [8, 12],
    ].map(([out = 0, inputs = 0]) => ({
      weight: tensor([out, inputs]) as tf.Tensor2D,
      bias: tensor([out]) as tf.Tensor1D,
    })) as [Layer, Layer];
    return { dispose: () => tf.dispose(layers.map(({ weight, bias }) => [weight, bias])) };
  },
  run: (x) => feedForward(x as tf.Tensor2D, layers, 'erf', true),
};

const adapted = (rate: number): KernelCase => ({
  ...frozen,
  name: `adapted${rate ? ', dropout' : ''}`,
  shapes: [
    [6, 8],
    [4, 8],
    [12, 4],
    [4, 12],
    [8, 4],
  ],
  run: (x, a1, b1, a2, b2) => {
    const adapters = [
      [a1, b1],
      [a2, b2],
    ].map(([a, b], at) => ({ a, b, scaling: 0.3, drop: rate ? dropoutKey(rate, 1, 1, at) : { rate: 0, key: 0 } })) as [
      Adapter,
      Adapter,
    ];
    return feedForward(x as tf.Tensor2D, layers, 'erf', true, adapters);
  },
  numeric: rate > 0,
});

checkKernel('feed-forward', [
  frozen,
  adapted(0.2),
  adapted(0),
  sized(3, 5, 7, 'erf', true),
  sized(9, 8, 20, 'tanh'),
  sized(1, 1, 1, 'erf'),
]);
