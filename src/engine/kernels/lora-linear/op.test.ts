import { must } from '../../../base/assert';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it } from 'vitest';
import type { PackedType } from '../../../formats/tensor';
import { BACKENDS, openInNode, whyNotInNode } from '../../../testing/node-backends';
import { dropoutKey, type DropoutKey } from '../dropout/mask';
import { dropout } from '../dropout/op';
import { checkKernel, type KernelCase } from '../../../testing/kernel-check';
import { applyLayer, linear, type LinearLayer } from '../linear/op';
import { packedMatrix, type PackedMatrix } from '../packed/matrix';
import { randomBlocks } from '../../../testing/random-blocks';
import { loraLinear } from './op';
import type { Adapter } from './adapter';

const NONE: DropoutKey = { rate: 0, key: 0 };
const SCALING = 0.15;

interface Sizes {
  rows: number;
  inputs: number;
  out: number;
  rank: number;
}

/** What of the layer is trained, and how it lies. */
interface Kind {
  drop?: DropoutKey;
  bias?: boolean;
  transposed?: boolean;
  frozen?: boolean;
}

const nameOf = (
  { rows, inputs, out, rank }: Sizes,
  { drop = NONE, bias = true, transposed = false, frozen = false }: Kind,
): string =>
  [
    `${rows} × ${inputs} → ${out}, rank ${rank}`,
    ...(drop.rate ? ['dropout'] : []),
    ...(bias ? [] : ['no bias']),
    ...(transposed ? ['transposed'] : []),
    ...(frozen ? ['frozen'] : []),
  ].join(', ');

/** A layer that is not trained, made on the active backend. */
function frozenLayer({ inputs, out }: Sizes, transposed: boolean): LinearLayer & { dispose(): void } {
  const values = (size: number): Float32Array => Float32Array.from({ length: size }, (_, i) => Math.sin(3 * i));
  const [weight, bias] = [
    tf.tensor2d(values(inputs * out), transposed ? [inputs, out] : [out, inputs]),
    tf.tensor1d(values(out)),
  ];
  return { weight, bias, transposed, frozen: true, dispose: () => tf.dispose([weight, bias]) };
}

function sized(sizes: Sizes, kind: Kind = {}, numeric = false): KernelCase {
  const { rows, inputs, out, rank } = sizes;
  const { drop = NONE, bias = true, transposed = false, frozen = false } = kind;
  let fixed: ReturnType<typeof frozenLayer>;
  return {
    name: nameOf(sizes, kind),
    shapes: [
      [rows, inputs],
      [rank, inputs],
      [out, rank],
      ...(frozen ? [] : [transposed ? [inputs, out] : [out, inputs], ...(bias ? [[out]] : [])]),
    ],
    ...(frozen ? { prepare: () => (fixed = frozenLayer(sizes, transposed)) } : {}),
    run: (x, a, b, weight, given?: tf.Tensor) =>
      loraLinear(
        x as tf.Tensor2D,
        frozen
          ? fixed
          : { weight: weight as tf.Tensor2D, bias: (given ?? null) as tf.Tensor1D | null, transposed, frozen: false },
        { a: a as tf.Tensor2D, b: b as tf.Tensor2D, scaling: SCALING, drop },
      ),
    numeric,
  };
}

function packed(type: PackedType, sizes: Sizes, drop: DropoutKey): KernelCase {
  const { rows, inputs, out, rank } = sizes;
  let weight: PackedMatrix;
  return {
    name: `${type}, ${nameOf(sizes, { drop })}`,
    shapes: [
      [rows, inputs],
      [rank, inputs],
      [out, rank],
    ],
    prepare: () => (weight = packedMatrix(randomBlocks(type, out, inputs), 'w')),
    run: (x, a, b) =>
      loraLinear(
        x as tf.Tensor2D,
        { weight, bias: null, transposed: true, frozen: true },
        { a: a as tf.Tensor2D, b: b as tf.Tensor2D, scaling: SCALING, drop },
      ),
  };
}

const drop = dropoutKey(0.3, 5, 2, 1);

checkKernel('LoRA', [
  sized({ rows: 3, inputs: 5, out: 4, rank: 2 }, { drop }, true),
  sized({ rows: 1, inputs: 1, out: 1, rank: 1 }),
  sized({ rows: 33, inputs: 30, out: 50, rank: 5 }, { drop, bias: false }),
  sized({ rows: 36, inputs: 32, out: 48, rank: 8 }, { drop, frozen: true }),
  sized({ rows: 20, inputs: 16, out: 24, rank: 4 }, { frozen: true }),
  sized({ rows: 6, inputs: 7, out: 9, rank: 3 }, { drop, transposed: true }),
  sized({ rows: 9, inputs: 8, out: 12, rank: 4 }, { drop, transposed: true, frozen: true }),
  packed('Q4_0', { rows: 5, inputs: 64, out: 12, rank: 4 }, drop),
  packed('F16', { rows: 3, inputs: 32, out: 7, rank: 2 }, drop),
]);

/** As operations of their own: what the one must equal, the mask included. */
const apart = (x: tf.Tensor2D, layer: LinearLayer, { a, b, scaling, drop }: Adapter): tf.Tensor2D =>
  tf.add(applyLayer(x, layer), linear(tf.mul(linear(dropout(x, drop), a, null), scaling), b, null));

for (const backend of BACKENDS) {
  const missing = whyNotInNode(backend);
  it.skipIf(missing !== null)(
    `LoRA on ${backend} is dropout, products and sum as operations of their own`,
    async () => {
      await openInNode(backend);
      const sizes = { rows: 24, inputs: 20, out: 28, rank: 4 };
      const layer = frozenLayer(sizes, false);
      const [x, a, b] = (
        [
          [24, 20],
          [4, 20],
          [28, 4],
        ] as [number, number][]
      ).map((shape, i) => tf.randomNormal(shape, 0, 1, 'float32', i)) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
      const read = async (op: typeof loraLinear): Promise<Float32Array[]> => {
        const { value, grads } = tf
          .engine()
          .gradients(() => tf.sum(tf.square(op(x, layer, { a, b, scaling: SCALING, drop }))), [x, a, b]);
        const values = await Promise.all(
          [value, ...grads].map(async (tensor) => (await tensor.data<'float32'>()).slice()),
        );
        tf.dispose([value, ...grads]);
        return values;
      };
      const [one, several] = [await read(loraLinear), await read(apart)];
      layer.dispose();
      tf.dispose([x, a, b]);
      several.forEach((values, which) => {
        values.forEach((value, i) => {
          expect(
            Math.abs(must(must(one[which])[i]) - value),
            `${which} at ${i}: ${must(one[which])[i]} for ${value}`,
          ).toBeLessThan(1e-4 + 1e-4 * Math.abs(value));
        });
      });
    },
  );
}
