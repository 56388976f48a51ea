/** What kernels do on real GPUs (workgroup memory, other tiles), run on the software adapter as if it were one. */
import type * as tf from '@tensorflow/tfjs-core';
import { vi } from 'vitest';
import { attention } from './attention/op';
import { dropoutKey } from './dropout/mask';
import { checkKernel } from './kernel-check';
import { layerNorm, residualLayerNorm } from './layer-norm/op';
import { linear } from './linear/op';

vi.mock(import('../backend/gpu-device'), async (original) => {
  const real = await original();
  return {
    ...real,
    gpuAdapter: () => {
      const adapter = real.gpuAdapter();
      return adapter && { ...adapter, software: false };
    },
  };
});

const drop = dropoutKey(0.2, 5, 1, 1);
const shape = { batch: 2, length: 7, heads: 2, headSize: 8 };
const mask = Int32Array.of(1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1);

checkKernel('as on a GPU', [
  { name: 'linear', shapes: [[40, 36], [72, 36], [72]], run: (x, w, b) => linear(x as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D) },
  { name: 'layer norm', shapes: [[5, 130], [130], [130]], run: (x, gamma, beta) => layerNorm(x as tf.Tensor2D, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-5) },
  {
    name: 'layer norm after dropout and a residual',
    shapes: [[5, 70], [5, 70], [70], [70]],
    run: (x, residual, gamma, beta) => residualLayerNorm(x as tf.Tensor2D, residual as tf.Tensor2D, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-5, drop),
  },
  {
    name: 'attention',
    shapes: [[14, 16], [14, 16], [14, 16]],
    run: (q, k, v) => attention(q as tf.Tensor2D, k as tf.Tensor2D, v as tf.Tensor2D, mask, shape, drop),
  },
]);
