/**
 * Every matrix product kernel against sums in double precision, in all layouts, with sizes that leave edges in every
 * direction.
 */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../../base/assert';
import { SeededRandom } from '../../../base/random';
import { dequantize } from '../../../formats/gguf/dequantize';
import type { PackedType } from '../../../formats/tensor';
import { gpuAdapter } from '../../backend/gpu-device';
import { gpuKernels } from '../../backend/gpu-run';
import { openInNode, whyNotInNode } from '../../../testing/node-backends';
import { blockKernel } from './blocks';
import { KERNELS, runsOn } from './choice';
import { fewRowsKernel } from './few-rows';
import { dropoutFactors, dropoutKey, type DropoutKey } from '../dropout/mask';
import { packedMatrix } from '../packed/matrix';
import { randomBlocks } from '../../../testing/random-blocks';
import type { Kernel, Layout, Sizes } from './layout';
import { multiplyWith, type Product } from './webgpu';

const missing = whyNotInNode('webgpu');
const SIZES: readonly Sizes[] = [
  { m: 16, n: 16, k: 4 },
  { m: 20, n: 48, k: 36 },
  { m: 68, n: 80, k: 8 },
  { m: 5, n: 16, k: 12 },
  { m: 3, n: 7, k: 5 },
  // Deep enough for pieces, and for lanes to take several turns.
  { m: 4, n: 12, k: 148 },
  { m: 1, n: 8, k: 68 },
];

/**
 * Those without barriers, and of the generators with barriers kernels that are small enough for a software adapter to
 * compile, which use all of their parts.
 */
const TESTED: readonly Kernel[] = [
  ...KERNELS.filter(({ barrierFree }) => barrierFree),
  blockKernel({ rows: 32, columns: 16, depth: 8, tile: [8, 4], ahead: true, pieces: 1 }),
  blockKernel({ rows: 16, columns: 32, depth: 16, tile: [4, 8], ahead: false, pieces: 2 }),
  fewRowsKernel({ rows: 1 }),
  fewRowsKernel({ rows: 8 }),
];

/** One of each way to write a kernel: compiling is what takes the time. */
const EACH_KIND = TESTED.filter(({ name }) => name !== 'registers 16 × 16' && name !== 'one row');

/** Those that compile soon. */
const SMALL = EACH_KIND.filter(({ name }) => name !== 'registers 16 × 16, loads shared');

/** Of products with a packed matrix; its rows are whole blocks of 32. */
const PACKED_SIZES: readonly (readonly [PackedType, Layout, Sizes])[] = [
  ['Q8_0', 'NT', { m: 20, n: 48, k: 64 }],
  ['Q4_1', 'NT', { m: 3, n: 7, k: 32 }],
  ['Q4_0', 'NN', { m: 68, n: 96, k: 36 }],
  ['Q8_0', 'NN', { m: 5, n: 32, k: 7 }],
  ['Q4_0', 'NT', { m: 1, n: 12, k: 160 }],
  ['Q8_0', 'NN', { m: 1, n: 32, k: 132 }],
  ['F16', 'NT', { m: 20, n: 48, k: 64 }],
  ['F16', 'NN', { m: 68, n: 96, k: 36 }],
  ['F16', 'NT', { m: 1, n: 12, k: 160 }],
];

const normal = (size: number, name: string): Float32Array => {
  const random = new SeededRandom(3, name);
  return Float32Array.from({ length: size }, () => random.normal());
};

function expected(
  layout: Layout,
  a: Float32Array,
  b: Float32Array,
  bias: Float32Array | null,
  { m, n, k }: Sizes,
): number[] {
  return Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = bias?.[j] ?? 0;
    for (let d = 0; d < k; d++)
      sum += must(a[layout === 'TN' ? d * m + i : i * k + d]) * must(b[layout === 'NT' ? j * k + d : d * n + j]);
    return sum;
  });
}

/** Planes of that shape as one tensor. */
const stacked = (planes: readonly Float32Array[], shape: readonly number[]): tf.Tensor2D =>
  tf.tensor<tf.Rank>(
    planes.flatMap((plane) => [...plane]),
    [planes.length, ...shape],
  ) as tf.Tensor2D;

const dropped = (values: Float32Array | readonly number[], key: DropoutKey): Float32Array =>
  dropoutFactors(key, values.length).map((factor, i) => factor * must(values[i]));
const KEYS = [dropoutKey(0.4, 1, 2, 3), dropoutKey(0.4, 1, 2, 4)];

const added = (rows: readonly (readonly number[])[]): number[] =>
  rows.reduce<number[]>((sums, row) => row.map((value, i) => value + (sums[i] ?? 0)), []);

/** Φ by its series, and its density: enough for the values that are met here. */
function gelu(x: number): { value: number; slope: number } {
  let [term, sum] = [x, x];
  for (let i = 1; i < 200; i++) sum += (term *= (-x * x) / (2 * i)) / (2 * i + 1);
  const distribution = Math.abs(x) > 6 ? Number(x > 0) : 0.5 + sum / Math.sqrt(2 * Math.PI);
  return { value: x * distribution, slope: distribution + (x * Math.exp((-x * x) / 2)) / Math.sqrt(2 * Math.PI) };
}

/** A product with more than the sums: its tensors' values, and all that should come of it. */
interface Finished {
  name: string;
  layout: Layout;
  make: (sizes: Sizes) => { product: Product; values: number[][] };
}

const FINISHED: readonly Finished[] = [
  {
    name: 'gelu after a bias and what is added',
    layout: 'NT',
    make(sizes) {
      const { m, n, k } = sizes;
      const [a, b, bias] = [
        normal(m * k, 'a'),
        normal(n * k, 'b').map((value) => value / Math.sqrt(k)),
        normal(n, 'bias'),
      ];
      const plus = normal(m * n, 'plus');
      const both = expected('NT', a, b, bias, sizes).map((value, i) => gelu(value + must(plus[i])));
      return {
        product: {
          layout: 'NT',
          sizes,
          a: tf.tensor2d(a, [m, k]),
          b: [tf.tensor2d(b, [n, k])],
          bias: [tf.tensor1d(bias)],
          plus: [tf.tensor2d(plus, [m, n])],
          gelu: 'erf',
        },
        values: [both.map(({ value }) => value), both.map(({ slope }) => slope)],
      };
    },
  },
  {
    name: 'three layers of one input',
    layout: 'NT',
    make(sizes) {
      const { m, n, k } = sizes;
      const a = normal(m * k, 'a');
      const layers = [0, 1, 2].map((p) => ({ b: normal(n * k, `b${p}`), bias: normal(n, `bias${p}`) }));
      return {
        product: {
          layout: 'NT',
          sizes,
          a: tf.tensor2d(a, [m, k]),
          b: layers.map(({ b }) => tf.tensor2d(b, [n, k])),
          parts: 3,
          bias: layers.map(({ bias }) => tf.tensor1d(bias)),
        },
        values: [layers.flatMap(({ b, bias }) => expected('NT', a, b, bias, sizes))],
      };
    },
  },
  {
    name: 'multiplied and added to',
    layout: 'NN',
    make(sizes) {
      const { m, n, k } = sizes;
      const [a, b, times, plus] = [
        normal(m * k, 'a'),
        normal(n * k, 'b'),
        normal(m * n, 'times'),
        normal(m * n, 'plus'),
      ];
      return {
        product: {
          layout: 'NN',
          sizes,
          a: tf.tensor2d(a, [m, k]),
          b: [tf.tensor2d(b, [k, n])],
          times: tf.tensor2d(times, [m, n]),
          plus: [tf.tensor2d(plus, [m, n])],
        },
        values: [expected('NN', a, b, null, sizes).map((value, i) => value * must(times[i]) + must(plus[i]))],
      };
    },
  },
  {
    name: 'the input gradient of three layers',
    layout: 'NN',
    make(sizes) {
      const { m, n, k } = sizes;
      const planes = [0, 1, 2].map((p) => normal(m * k, `a${p}`));
      const matrices = [0, 1, 2].map((p) => normal(n * k, `b${p}`));
      const [plus, more] = [normal(m * n, 'plus'), [0, 1].map((p) => normal(m * n, `more ${p}`))];
      const a = tf.tensor(
        planes.flatMap((plane) => [...plane]),
        [3, m, k],
      );
      return {
        product: {
          layout: 'NN',
          sizes,
          a,
          b: matrices.map((b) => tf.tensor2d(b, [k, n])),
          parts: 3,
          plus: [tf.tensor2d(plus, [m, n]), stacked(more, [m, n])],
        },
        values: [
          added([
            [...plus],
            ...more.map((plane) => [...plane]),
            ...matrices.map((b, p) => expected('NN', must(planes[p]), b, null, sizes)),
          ]),
        ],
      };
    },
  },
  {
    name: 'the weight and bias gradients of three layers',
    layout: 'TN',
    make(sizes) {
      const { m, n, k } = sizes;
      const planes = [0, 1, 2].map((p) => normal(m * k, `a${p}`));
      const b = normal(n * k, 'b');
      const sums = planes.map((plane) =>
        Array.from({ length: m }, (_, i) => plane.reduce((sum, value, at) => (at % m === i ? sum + value : sum), 0)),
      );
      return {
        product: {
          layout: 'TN',
          sizes,
          a: tf.tensor(
            planes.flatMap((plane) => [...plane]),
            [3, k, m],
          ),
          b: [tf.tensor2d(b, [k, n])],
          parts: 3,
          columnSums: true,
        },
        values: [...planes.map((plane) => expected('TN', plane, b, null, sizes)), ...sums],
      };
    },
  },
];

/** What adapters ask for. */
const ADAPTING: readonly Finished[] = [
  {
    name: 'two layers of one input, dropped for each by itself, scaled',
    layout: 'NT',
    make(sizes) {
      const { m, n, k } = sizes;
      const [a, matrices] = [normal(m * k, 'a'), [0, 1].map((p) => normal(n * k, `b${p}`))];
      return {
        product: {
          layout: 'NT',
          sizes,
          a: tf.tensor2d(a, [m, k]),
          b: matrices.map((b) => tf.tensor2d(b, [n, k])),
          parts: 2,
          scale: 0.5,
          drop: { of: 'a', keys: KEYS },
        },
        values: [
          matrices.flatMap((b, p) =>
            expected('NT', dropped(a, must(KEYS[p])), b, null, sizes).map((value) => 0.5 * value),
          ),
        ],
      };
    },
  },
  {
    name: 'two products apart, added to',
    layout: 'NT',
    make(sizes) {
      const { m, n, k } = sizes;
      const [planes, matrices, plus] = [
        [0, 1].map((p) => normal(m * k, `a${p}`)),
        [0, 1].map((p) => normal(n * k, `b${p}`)),
        [0, 1].map((p) => normal(m * n, `plus${p}`)),
      ];
      return {
        product: {
          layout: 'NT',
          sizes,
          a: stacked(planes, [m, k]),
          b: matrices.map((b) => tf.tensor2d(b, [n, k])),
          parts: 2,
          apart: true,
          plus: [stacked(plus, [m, n])],
        },
        values: [
          planes.flatMap((plane, p) =>
            expected('NT', plane, must(matrices[p]), null, sizes).map((value, i) => value + must(must(plus[p])[i])),
          ),
        ],
      };
    },
  },
  {
    name: 'two products apart, dropped',
    layout: 'NN',
    make(sizes) {
      const { m, n, k } = sizes;
      const [planes, matrices] = [[0, 1].map((p) => normal(m * k, `a${p}`)), [0, 1].map((p) => normal(n * k, `b${p}`))];
      return {
        product: {
          layout: 'NN',
          sizes,
          a: stacked(planes, [m, k]),
          b: matrices.map((b) => tf.tensor2d(b, [k, n])),
          parts: 2,
          apart: true,
          drop: { of: 'sums', keys: KEYS },
        },
        values: [
          planes.flatMap((plane, p) => [
            ...dropped(expected('NN', plane, must(matrices[p]), null, sizes), must(KEYS[p])),
          ]),
        ],
      };
    },
  },
  {
    name: 'two products apart',
    layout: 'TN',
    make(sizes) {
      const { m, n, k } = sizes;
      const [left, right] = [[0, 1].map((p) => normal(m * k, `a${p}`)), [0, 1].map((p) => normal(n * k, `b${p}`))];
      return {
        product: { layout: 'TN', sizes, a: stacked(left, [k, m]), b: [stacked(right, [k, n])], parts: 2, apart: true },
        values: left.map((plane, p) => expected('TN', plane, must(right[p]), null, sizes)),
      };
    },
  },
  {
    name: 'two weight gradients of one input, dropped for each by itself',
    layout: 'TN',
    make(sizes) {
      const { m, n, k } = sizes;
      const [planes, b] = [[0, 1].map((p) => normal(m * k, `a${p}`)), normal(n * k, 'b')];
      return {
        product: {
          layout: 'TN',
          sizes,
          a: stacked(planes, [k, m]),
          b: [tf.tensor2d(b, [k, n])],
          parts: 2,
          drop: { of: 'b', keys: KEYS },
        },
        values: planes.map((plane, p) => expected('TN', plane, dropped(b, must(KEYS[p])), null, sizes)),
      };
    },
  },
];

/** With a tensor for each part where others have planes. */
const SPLIT: readonly Finished[] = [
  {
    name: 'two layers of one input, split',
    layout: 'NT',
    make(sizes) {
      const { m, n, k } = sizes;
      const a = normal(m * k, 'a');
      const layers = [0, 1].map((p) => ({ b: normal(n * k, `b${p}`), bias: normal(n, `bias${p}`) }));
      return {
        product: {
          layout: 'NT',
          sizes,
          a: tf.tensor2d(a, [m, k]),
          b: layers.map(({ b }) => tf.tensor2d(b, [n, k])),
          parts: 2,
          bias: layers.map(({ bias }) => tf.tensor1d(bias)),
          splitC: true,
        },
        values: layers.map(({ b, bias }) => expected('NT', a, b, bias, sizes)),
      };
    },
  },
  {
    name: 'two products apart, split and added to',
    layout: 'NT',
    make(sizes) {
      const { m, n, k } = sizes;
      const [planes, matrices, plus] = [
        [0, 1].map((p) => normal(m * k, `a${p}`)),
        [0, 1].map((p) => normal(n * k, `b${p}`)),
        [0, 1].map((p) => normal(m * n, `plus${p}`)),
      ];
      return {
        product: {
          layout: 'NT',
          sizes,
          a: stacked(planes, [m, k]),
          b: matrices.map((b) => tf.tensor2d(b, [n, k])),
          parts: 2,
          apart: true,
          plus: plus.map((each) => tf.tensor2d(each, [m, n])),
          splitC: true,
        },
        values: planes.map((plane, p) =>
          expected('NT', plane, must(matrices[p]), null, sizes).map((value, i) => value + must(must(plus[p])[i])),
        ),
      };
    },
  },
  {
    name: 'the input gradient of two layers, split',
    layout: 'NN',
    make(sizes) {
      const { m, n, k } = sizes;
      const [planes, matrices, plus] = [
        [0, 1].map((p) => normal(m * k, `a${p}`)),
        [0, 1].map((p) => normal(n * k, `b${p}`)),
        normal(m * n, 'plus'),
      ];
      return {
        product: {
          layout: 'NN',
          sizes,
          a: planes.map((plane) => tf.tensor2d(plane, [m, k])),
          b: matrices.map((b) => tf.tensor2d(b, [k, n])),
          parts: 2,
          plus: [tf.tensor2d(plus, [m, n])],
        },
        values: [added([[...plus], ...matrices.map((b, p) => expected('NN', must(planes[p]), b, null, sizes))])],
      };
    },
  },
  {
    name: 'two products apart, A split',
    layout: 'NN',
    make(sizes) {
      const { m, n, k } = sizes;
      const [planes, matrices] = [[0, 1].map((p) => normal(m * k, `a${p}`)), [0, 1].map((p) => normal(n * k, `b${p}`))];
      return {
        product: {
          layout: 'NN',
          sizes,
          a: planes.map((plane) => tf.tensor2d(plane, [m, k])),
          b: matrices.map((b) => tf.tensor2d(b, [k, n])),
          parts: 2,
          apart: true,
        },
        values: [matrices.flatMap((b, p) => expected('NN', must(planes[p]), b, null, sizes))],
      };
    },
  },
  {
    name: 'the weight and bias gradients of two layers, split',
    layout: 'TN',
    make(sizes) {
      const { m, n, k } = sizes;
      const [planes, b] = [[0, 1].map((p) => normal(m * k, `a${p}`)), normal(n * k, 'b')];
      const sums = planes.map((plane) =>
        Array.from({ length: m }, (_, i) => plane.reduce((sum, value, at) => (at % m === i ? sum + value : sum), 0)),
      );
      return {
        product: {
          layout: 'TN',
          sizes,
          a: planes.map((plane) => tf.tensor2d(plane, [k, m])),
          b: [tf.tensor2d(b, [k, n])],
          parts: 2,
          columnSums: true,
        },
        values: [...planes.map((plane) => expected('TN', plane, b, null, sizes)), ...sums],
      };
    },
  },
];

describe.skipIf(missing !== null)(
  missing ? `matrix products on webgpu: ${missing}` : 'matrix products on webgpu',
  () => {
    beforeAll(() => openInNode('webgpu'), 60_000);

    for (const kernel of TESTED)
      it(
        kernel.name,
        async () => {
          const gpu = must(gpuKernels(), 'WebGPU');
          if (!runsOn(kernel, must(gpuAdapter(), 'adapter'))) return;
          for (const layout of ['NT', 'NN', 'TN'] as const)
            for (const sizes of SIZES.filter((sizes) => kernel.fits(layout, sizes))) {
              const { m, n, k } = sizes;
              const [a, b] = [normal(m * k, 'a'), normal(n * k, 'b')];
              const bias = layout === 'NT' ? normal(n, 'bias') : null;
              const tensors = [
                tf.tensor2d(a, layout === 'TN' ? [k, m] : [m, k]),
                tf.tensor2d(b, layout === 'NT' ? [n, k] : [k, n]),
                bias && tf.tensor1d(bias),
              ] as const;
              const [product] = multiplyWith(kernel, gpu, {
                layout,
                sizes,
                a: tensors[0],
                b: [tensors[1]],
                bias: bias ? [must(tensors[2])] : [],
              }) as [tf.Tensor];
              const values = await product.data<'float32'>();
              tf.dispose([product, ...tensors.filter((tensor) => tensor !== null)]);
              expected(layout, a, b, bias, sizes).forEach((value, i) =>
                expect(
                  Math.abs(must(values[i]) - value),
                  `${layout} ${m} × ${n} × ${k} at ${i}: ${values[i]} for ${value}`,
                ).toBeLessThan(1e-4),
              );
            }
        },
        120_000,
      );

    for (const kernel of TESTED)
      for (const { name, layout, make } of [
        ...FINISHED,
        ...(EACH_KIND.includes(kernel) ? ADAPTING : []),
        ...(SMALL.includes(kernel) ? SPLIT : []),
      ])
        it(`${kernel.name}: ${name}`, async () => {
          const gpu = must(gpuKernels(), 'WebGPU');
          if (!runsOn(kernel, must(gpuAdapter(), 'adapter'))) return;
          for (const sizes of SIZES.filter((sizes) => kernel.fits(layout, sizes))) {
            const { product, values } = make(sizes);
            const results = multiplyWith(kernel, gpu, product);
            expect(results.length).toBe(values.length);
            for (const [at, wanted] of values.entries()) {
              const found = await must(results[at]).data<'float32'>();
              expect(found.length).toBe(wanted.length);
              wanted.forEach((value, i) =>
                expect(
                  Math.abs(must(found[i]) - value),
                  `${JSON.stringify(sizes)}, result ${at} at ${i}: ${found[i]} for ${value}`,
                ).toBeLessThan(1e-4),
              );
            }
            tf.dispose([
              ...results,
              ...[product.a].flat(),
              ...(product.b as tf.Tensor[]),
              ...(product.bias ?? []),
              ...(product.times ? [product.times] : []),
              ...(product.plus ?? []),
            ]);
          }
        }, 120_000);

    for (const kernel of TESTED)
      it(`${kernel.name}, B packed`, async () => {
        const gpu = must(gpuKernels(), 'WebGPU');
        if (!runsOn(kernel, must(gpuAdapter(), 'adapter'))) return;
        for (const [type, layout, sizes] of PACKED_SIZES.filter(([, layout, sizes]) => kernel.fits(layout, sizes))) {
          const { m, n, k } = sizes;
          const blocks = layout === 'NT' ? randomBlocks(type, n, k) : randomBlocks(type, k, n);
          const [a, bias] = [normal(m * k, 'a'), layout === 'NT' ? normal(n, 'bias') : null];
          const tensors = [tf.tensor2d(a, [m, k]), packedMatrix(blocks, 'b'), bias && tf.tensor1d(bias)] as const;
          const [product] = multiplyWith(kernel, gpu, {
            layout,
            sizes,
            a: tensors[0],
            b: [tensors[1]],
            bias: tensors[2] ? [tensors[2]] : [],
          }) as [tf.Tensor];
          const values = await product.data<'float32'>();
          for (const tensor of [product, ...tensors]) tensor?.dispose();
          expected(layout, a, dequantize(type, blocks.bytes), bias, sizes).forEach((value, i) =>
            expect(
              Math.abs(must(values[i]) - value),
              `${type} ${layout} ${m} × ${n} × ${k} at ${i}: ${values[i]} for ${value}`,
            ).toBeLessThan(1e-4),
          );
        }
      }, 120_000);
  },
);
