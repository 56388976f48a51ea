/** Every matrix product kernel against sums in double precision, in all layouts, with sizes that leave edges in every direction. */
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, it } from 'vitest';
import { must } from '../../../base/assert';
import { SeededRandom } from '../../../base/random';
import { dequantize } from '../../../formats/gguf/dequantize';
import type { BlockType } from '../../../formats/tensor';
import { gpuAdapter } from '../../backend/gpu-device';
import { gpuKernels } from '../../backend/gpu-run';
import { openInNode, whyNotInNode } from '../../node-backends';
import { KERNELS, runsOn } from './choice';
import { packedMatrix } from '../packed/matrix';
import { randomBlocks } from '../packed/testing';
import type { Layout, Sizes } from './layout';
import { multiplyWith } from './webgpu';

const missing = whyNotInNode('webgpu');
const SIZES: readonly Sizes[] = [
  { m: 16, n: 16, k: 4 },
  { m: 20, n: 48, k: 36 },
  { m: 68, n: 80, k: 8 },
  { m: 5, n: 16, k: 12 },
  { m: 3, n: 7, k: 5 },
];

/** Of products with a packed matrix; its rows are whole blocks of 32. */
const PACKED_SIZES: readonly (readonly [BlockType, Layout, Sizes])[] = [
  ['Q8_0', 'NT', { m: 20, n: 48, k: 64 }],
  ['Q4_1', 'NT', { m: 3, n: 7, k: 32 }],
  ['Q4_0', 'NN', { m: 68, n: 96, k: 36 }],
  ['Q8_0', 'NN', { m: 5, n: 32, k: 7 }],
];

const normal = (size: number, name: string): Float32Array => {
  const random = new SeededRandom(3, name);
  return Float32Array.from({ length: size }, () => random.normal());
};

function expected(layout: Layout, a: Float32Array, b: Float32Array, bias: Float32Array | null, { m, n, k }: Sizes): number[] {
  return Array.from({ length: m * n }, (_, at) => {
    const [i, j] = [Math.floor(at / n), at % n];
    let sum = bias?.[j] ?? 0;
    for (let d = 0; d < k; d++) sum += a[layout === 'TN' ? d * m + i : i * k + d]! * b[layout === 'NT' ? j * k + d : d * n + j]!;
    return sum;
  });
}

describe.skipIf(missing !== null)(missing ? `matrix products on webgpu: ${missing}` : 'matrix products on webgpu', () => {
  beforeAll(() => openInNode('webgpu'), 60_000);

  for (const kernel of KERNELS)
    it(kernel.name, async () => {
      const gpu = must(gpuKernels(), 'WebGPU');
      if (!runsOn(kernel, must(gpuAdapter(), 'adapter'))) return;
      for (const layout of ['NT', 'NN', 'TN'] as const)
        for (const sizes of SIZES.filter((sizes) => kernel.fits(layout, sizes))) {
          const { m, n, k } = sizes;
          const [a, b] = [normal(m * k, 'a'), normal(n * k, 'b')];
          const bias = layout === 'NT' ? normal(n, 'bias') : null;
          const tensors = [tf.tensor2d(a, layout === 'TN' ? [k, m] : [m, k]), tf.tensor2d(b, layout === 'NT' ? [n, k] : [k, n]), bias && tf.tensor1d(bias)] as const;
          const product = multiplyWith(kernel, gpu, layout, tensors, sizes);
          const values = await product.data<'float32'>();
          tf.dispose([product, ...tensors.filter((tensor) => tensor !== null)]);
          expected(layout, a, b, bias, sizes).forEach((value, i) =>
            expect(Math.abs(values[i]! - value), `${layout} ${m} × ${n} × ${k} at ${i}: ${values[i]} for ${value}`).toBeLessThan(1e-4),
          );
        }
    }, 120_000);

  for (const kernel of KERNELS)
    it(`${kernel.name}, B packed`, async () => {
      const gpu = must(gpuKernels(), 'WebGPU');
      if (!runsOn(kernel, must(gpuAdapter(), 'adapter'))) return;
      for (const [type, layout, sizes] of PACKED_SIZES.filter(([, layout, sizes]) => kernel.fits(layout, sizes))) {
        const { m, n, k } = sizes;
        const blocks = layout === 'NT' ? randomBlocks(type, n, k) : randomBlocks(type, k, n);
        const [a, bias] = [normal(m * k, 'a'), layout === 'NT' ? normal(n, 'bias') : null];
        const tensors = [tf.tensor2d(a, [m, k]), packedMatrix(blocks, 'b'), bias && tf.tensor1d(bias)] as const;
        const product = multiplyWith(kernel, gpu, layout, tensors, sizes);
        const values = await product.data<'float32'>();
        for (const tensor of [product, ...tensors]) tensor?.dispose();
        expected(layout, a, dequantize(type, blocks.bytes), bias, sizes).forEach((value, i) =>
          expect(Math.abs(values[i]! - value), `${type} ${layout} ${m} × ${n} × ${k} at ${i}: ${values[i]} for ${value}`).toBeLessThan(1e-4),
        );
      }
    }, 120_000);
});
