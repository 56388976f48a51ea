import { must } from '../../../base/assert';
import * as tf from '@tensorflow/tfjs-core';
import { dropoutKey, type DropoutKey } from '../dropout/mask';
import { checkKernel, type KernelCase } from '../../../testing/kernel-check';
import type { LinearLayer } from '../linear/op';
import { packedMatrix } from '../packed/matrix';
import { randomBlocks } from '../../../testing/random-blocks';
import { linearPair, type AdaptedLayer } from './op';

const values = (size: number, first: number): Float32Array =>
  Float32Array.from({ length: size }, (_, i) => 0.5 * Math.sin(first + 3 * i));

/** One result in which both count, each differently. */
function joined(x: tf.Tensor, pair: readonly [AdaptedLayer, AdaptedLayer]): tf.Tensor {
  const [first, second] = linearPair(x as tf.Tensor2D, pair);
  return tf.concat([first, tf.tanh(second)], 1);
}

/** Trained layers of those widths. */
function trained(
  rows: number,
  inputs: number,
  outs: readonly [number, number],
  biases: readonly [boolean, boolean],
  numeric = false,
): KernelCase {
  return {
    name: `${rows} × ${inputs} to ${outs.join(' and ')}, biases ${biases.join(' and ')}`,
    shapes: [[rows, inputs], ...outs.flatMap((out, i) => [[out, inputs], ...(biases[i] ? [[out]] : [])])],
    run: (x, ...tensors) => {
      const layer = (at: number, bias: boolean): AdaptedLayer => ({
        layer: {
          weight: tensors[at] as tf.Tensor2D,
          bias: bias ? (tensors[at + 1] as tf.Tensor1D) : null,
          transposed: false,
          frozen: false,
        },
        adapter: null,
      });
      return joined(x, [layer(0, biases[0]), layer(biases[0] ? 2 : 1, biases[1])]);
    },
    numeric,
  };
}

/** Frozen layers that all have biases, those of the ranks with adapters. */
function frozen(
  rows: number,
  inputs: number,
  out: number,
  ranks: readonly [number | null, number | null],
  drop?: DropoutKey,
): KernelCase {
  let layers: LinearLayer[];
  return {
    name: `${rows} × ${inputs} to ${out}, frozen, ranks ${ranks.join(' and ')}${drop ? ', with dropout' : ''}`,
    shapes: [
      [rows, inputs],
      ...ranks.flatMap((rank) =>
        rank
          ? [
              [rank, inputs],
              [out, rank],
            ]
          : [],
      ),
    ],
    prepare: () => {
      layers = [0, 1].map((i) => ({
        weight: tf.tensor2d(values(out * inputs, i), [out, inputs]),
        bias: tf.tensor1d(values(out, i)),
        transposed: false,
        frozen: true,
      }));
      return {
        dispose: () => tf.dispose(layers.flatMap(({ weight, bias }) => [weight as tf.Tensor, bias as tf.Tensor])),
      };
    },
    run: (x, ...matrices) => {
      const [first, second] = ranks.map((rank, i): AdaptedLayer => {
        const at = i === 0 || !ranks[0] ? 0 : 2;
        const adapter = rank
          ? {
              a: matrices[at] as tf.Tensor2D,
              b: matrices[at + 1] as tf.Tensor2D,
              scaling: 0.4,
              drop: drop ? dropoutKey(drop.rate, 3, 2, i) : { rate: 0, key: 0 },
            }
          : null;
        return { layer: must(layers[i]), adapter };
      });
      return joined(x, [must(first), must(second)]);
    },
  };
}

function packed(rows: number, inputs: number, out: number): KernelCase {
  let layers: LinearLayer[];
  return {
    name: 'packed',
    shapes: [[rows, inputs]],
    prepare: () => {
      const weights = [0, 1].map((i) => packedMatrix(randomBlocks('Q8_0', out, inputs), `w${i}`));
      layers = weights.map((weight) => ({ weight, bias: null, transposed: false, frozen: true }));
      return { dispose: () => weights.forEach((weight) => weight.dispose()) };
    },
    run: (x) =>
      joined(x, [
        { layer: must(layers[0]), adapter: null },
        { layer: must(layers[1]), adapter: null },
      ]),
  };
}

checkKernel('two linear layers of one input', [
  trained(3, 5, [4, 4], [false, false], true),
  trained(9, 8, [12, 12], [true, true]),
  trained(33, 30, [50, 50], [false, false]),
  trained(4, 6, [5, 5], [true, false]),
  trained(4, 6, [5, 7], [false, false]),
  frozen(9, 8, 12, [null, null]),
  frozen(9, 8, 12, [4, 4]),
  frozen(10, 7, 9, [3, 3], dropoutKey(0.3, 1, 1, 1)),
  frozen(9, 8, 12, [4, null]),
  frozen(9, 8, 12, [4, 2]),
  packed(5, 32, 6),
]);
