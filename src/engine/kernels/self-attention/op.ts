/** Projections to queries, keys and values and the attention of them; on WebGPU the three projections are one product, forward and backward. */
import type * as tf from '@tensorflow/tfjs-core';
import { gpuKernels } from '../../backend/gpu-run';
import { attention, type AttentionShape } from '../attention/op';
import * as webgpu from '../attention/webgpu';
import { differentiable } from '../differentiable';
import type { DropoutKey } from '../dropout/mask';
import type { Layer } from '../feed-forward/op';
import { linear } from '../linear/op';
import { layersGradients, layersInputGradient, layersOfOne } from '../matmul/webgpu';

/** Of queries, keys and values, each [hidden, hidden]. */
export type Projections = readonly [Layer, Layer, Layer];

/**
 * attention(query(x), key(x), value(x)); see there.
 * @param x [batch·length, heads·headSize]
 * @param mask batch·length values, 1 for a token and 0 for padding
 * @param frozen the layers get no gradient
 * @returns [batch·length, heads·headSize]
 */
export function selfAttention(x: tf.Tensor2D, layers: Projections, mask: Int32Array, shape: AttentionShape, drop: DropoutKey, frozen: boolean): tf.Tensor2D {
  const gpu = gpuKernels();
  if (!gpu) {
    const [q, k, v] = layers.map(({ weight, bias }) => linear(x, weight, bias, { frozen })) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
    return attention(q, k, v, mask, shape, drop);
  }
  const weights = layers.map(({ weight }) => weight);
  const biases = layers.map(({ bias }) => bias);
  return differentiable<tf.Tensor[], tf.Tensor2D>(frozen ? [x] : [x, ...weights, ...biases], (...inputs) => {
    const planes = layersOfOne(gpu, inputs[0] as tf.Tensor2D, weights, biases);
    const { context, stats } = webgpu.forward(gpu, planes, mask, shape, drop);
    return {
      value: context,
      saved: [planes, context, stats, ...(frozen ? [] : inputs.slice(0, 4))],
      gradient: (dy, [planes, context, stats, x, ...kept], take) => {
        const dPlanes = webgpu.backward(gpu, dy, [planes as tf.Tensor3D, context as tf.Tensor2D, stats as tf.Tensor1D], shape, drop);
        const dx = layersInputGradient(gpu, dPlanes, frozen ? weights : (kept as tf.Tensor2D[]), take(0));
        return frozen ? [dx] : [dx, ...layersGradients(gpu, dPlanes, x as tf.Tensor2D)];
      },
    };
  });
}
