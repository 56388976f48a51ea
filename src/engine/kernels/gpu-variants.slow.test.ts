/** What kernels do on real GPUs (workgroup memory, other tiles), run on the software adapter as if it were one. */
import { must } from '../../base/assert';
import * as tf from '@tensorflow/tfjs-core';
import { expect, it, vi } from 'vitest';
import { openInNode, whyNotInNode } from '../../testing/node-backends';
import { attention } from './attention/op';
import { dropoutKey } from './dropout/mask';
import { feedForward } from './feed-forward/op';
import { checkKernel } from '../../testing/kernel-check';
import { layerNorm, residualLayerNorm } from './layer-norm/op';
import { linear } from './linear/op';
import { linearPair, type AdaptedLayer } from './linear-pair/op';
import { loraLinear } from './lora-linear/op';
import { normLayout } from './norm-rows';
import { residualRmsNorm, rmsNorm } from './rms-norm/op';
import { selfAttention, type Projections } from './self-attention/op';

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

const missing = whyNotInNode('webgpu');

it.skipIf(missing !== null)('kernels take the adapter for a real one', async () => {
  await openInNode('webgpu');
  expect(normLayout(1).kind).toBe('shared');
});

const drop = dropoutKey(0.2, 5, 1, 1);
const shape = { batch: 2, length: 7, heads: 2, headSize: 8 };
const mask = Int32Array.of(1, 1, 1, 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1);

checkKernel('as on a GPU', [
  {
    name: 'linear',
    shapes: [[40, 36], [72, 36], [72]],
    run: (x, w, b) => linear(x as tf.Tensor2D, w as tf.Tensor2D, b as tf.Tensor1D),
  },
  {
    name: 'layer norm',
    shapes: [[5, 130], [130], [130]],
    run: (x, gamma, beta) => layerNorm(x as tf.Tensor2D, gamma as tf.Tensor1D, beta as tf.Tensor1D, 1e-5),
  },
  {
    name: 'layer norm after dropout and a residual',
    shapes: [[5, 70], [5, 70], [70], [70]],
    run: (x, residual, gamma, beta) =>
      residualLayerNorm(
        x as tf.Tensor2D,
        residual as tf.Tensor2D,
        gamma as tf.Tensor1D,
        beta as tf.Tensor1D,
        1e-5,
        drop,
      ),
  },
  {
    name: 'RMS norm',
    shapes: [[5, 130], [130]],
    run: (x, gamma) => rmsNorm(x as tf.Tensor2D, null, gamma as tf.Tensor1D, 1e-5),
  },
  {
    name: 'RMS norm with the sum that comes before it',
    shapes: [[5, 70], [5, 70], [70]],
    run: (x, branch, gamma) => {
      const [sum, normed] = residualRmsNorm(x as tf.Tensor2D, branch as tf.Tensor2D, gamma as tf.Tensor1D, 1e-5);
      return tf.mul(tf.tanh(sum), normed);
    },
  },
  {
    name: 'RMS norm with the sum that comes before it, frozen',
    shapes: [[5, 70], [5, 70], [70]],
    run: (x, branch, gamma) => {
      const [sum, normed] = residualRmsNorm(x as tf.Tensor2D, branch as tf.Tensor2D, gamma as tf.Tensor1D, 1e-5, true);
      return tf.add(tf.mul(tf.tanh(sum), normed), gamma);
    },
  },
  {
    name: 'attention',
    shapes: [
      [14, 16],
      [14, 16],
      [14, 16],
    ],
    run: (q, k, v) => attention(q as tf.Tensor2D, k as tf.Tensor2D, v as tf.Tensor2D, mask, shape, drop),
  },
  {
    name: 'self-attention',
    shapes: [[14, 16], [16, 16], [16], [16, 16], [16], [16, 16], [16]],
    run: (x, ...tensors) => {
      // Small weights: the softmax of large scores magnifies what rounding differs by.
      const layers = [0, 2, 4].map((at) => ({
        weight: tf.mul<tf.Tensor2D>(must(tensors[at]), 0.25),
        bias: tensors[at + 1] as tf.Tensor1D,
      })) as unknown as Projections;
      return selfAttention(x as tf.Tensor2D, layers, mask, shape, drop, false);
    },
  },
  {
    name: 'LoRA',
    shapes: [[40, 36], [8, 36], [72, 8], [72, 36], [72]],
    run: (x, a, b, weight, bias) =>
      loraLinear(
        x as tf.Tensor2D,
        { weight: weight as tf.Tensor2D, bias: bias as tf.Tensor1D, transposed: false, frozen: false },
        { a: a as tf.Tensor2D, b: b as tf.Tensor2D, scaling: 0.2, drop },
      ),
  },
  {
    name: 'two layers of one input',
    shapes: [[40, 36], [72, 36], [72], [72, 36], [72]],
    run: (x, ...tensors) => {
      const layer = (at: number): AdaptedLayer => ({
        layer: {
          weight: tensors[at] as tf.Tensor2D,
          bias: tensors[at + 1] as tf.Tensor1D,
          transposed: false,
          frozen: false,
        },
        adapter: null,
      });
      const [first, second] = linearPair(x as tf.Tensor2D, [layer(0), layer(2)]);
      return tf.add(first, tf.tanh(second));
    },
  },
  {
    name: 'feed-forward',
    shapes: [[40, 36], [72, 36], [72], [36, 72], [36]],
    run: (x, w1, b1, w2, b2) =>
      feedForward(
        x as tf.Tensor2D,
        [
          { weight: w1 as tf.Tensor2D, bias: b1 as tf.Tensor1D },
          { weight: w2 as tf.Tensor2D, bias: b2 as tf.Tensor1D },
        ],
        'erf',
        false,
      ),
  },
]);
