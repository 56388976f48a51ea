/**
 * Projections to queries, keys and values and the attention of them; on WebGPU the three projections are one product,
 * forward and backward, also with adapters.
 */
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { gpuKernels } from '../../backend/gpu-run';
import { attention, type AttentionShape } from '../attention/op';
import * as webgpu from '../attention/webgpu';
import { differentiable } from '../differentiable';
import type { DropoutKey } from '../dropout/mask';
import type { Layer } from '../feed-forward/op';
import { applyLayer } from '../linear/op';
import { loraLinear, matricesOf, withMatrices } from '../lora-linear/op';
import type { Adapter } from '../lora-linear/adapter';
import * as lora from '../lora-linear/webgpu';
import { layersGradients, layersInputGradient, layersOfOne } from '../matmul/webgpu';

/** Of queries, keys and values, each [hidden, hidden]. */
export type Projections = readonly [Layer, Layer, Layer];

/** Their adapters. */
export type ProjectionAdapters = readonly [Adapter, Adapter, Adapter];

/** The three layers frozen, each with an adapter. */
function adapted(
  gpu: WebGPUBackend,
  x: tf.Tensor2D,
  layers: Projections,
  mask: Int32Array,
  shape: AttentionShape,
  drop: DropoutKey,
  adapters: ProjectionAdapters,
): tf.Tensor2D {
  const weights = layers.map(({ weight }) => weight);
  const biases = layers.map(({ bias }) => bias);
  return differentiable<tf.Tensor[], tf.Tensor2D>([x, ...matricesOf(adapters)], (...inputs) => {
    const x = inputs[0] as tf.Tensor2D;
    const low = lora.down(gpu, x, adapters);
    const base = layersOfOne(gpu, x, weights, biases);
    const [planes] = lora.up(gpu, low, adapters, base) as [tf.Tensor3D];
    base.dispose();
    const { context, stats } = webgpu.forward(gpu, planes, mask, shape, drop);
    return {
      value: context,
      saved: [x, low, planes, context, stats, ...inputs.slice(1)],
      gradient: (dy, saved, take) => {
        const [x, low, planes, context, stats, ...matrices] = saved as [
          tf.Tensor2D,
          tf.Tensor3D,
          tf.Tensor3D,
          tf.Tensor2D,
          tf.Tensor1D,
          ...tf.Tensor2D[],
        ];
        const dPlanes = webgpu.backward(gpu, dy, [planes, context, stats], shape, drop);
        const { dAs, dBs, part } = lora.gradients(gpu, dPlanes, x, low, withMatrices(adapters, matrices));
        const elsewhere = take(0);
        return [layersInputGradient(gpu, dPlanes, weights, [part, ...(elsewhere ? [elsewhere] : [])]), ...dAs, ...dBs];
      },
    };
  });
}

/**
 * attention(query(x), key(x), value(x)); see there.
 * @param x [batch·length, heads·headSize]
 * @param mask batch·length values, 1 for a token and 0 for padding
 * @param frozen the layers get no gradient
 * @param adapters of the layers, which are frozen then
 * @returns [batch·length, heads·headSize]
 */
export function selfAttention(
  x: tf.Tensor2D,
  layers: Projections,
  mask: Int32Array,
  shape: AttentionShape,
  drop: DropoutKey,
  frozen: boolean,
  adapters: ProjectionAdapters | null = null,
): tf.Tensor2D {
  const gpu = gpuKernels();
  if (gpu && adapters) return adapted(gpu, x, layers, mask, shape, drop, adapters);
  if (!gpu) {
    const [q, k, v] = layers.map((layer, i) => {
      const whole = { ...layer, transposed: false, frozen };
      return adapters ? loraLinear(x, whole, adapters[i as 0 | 1 | 2]) : applyLayer(x, whole);
    }) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
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
        const dPlanes = webgpu.backward(
          gpu,
          dy,
          [planes as tf.Tensor3D, context as tf.Tensor2D, stats as tf.Tensor1D],
          shape,
          drop,
        );
        const elsewhere = take(0);
        const dx = layersInputGradient(
          gpu,
          dPlanes,
          frozen ? weights : (kept as tf.Tensor2D[]),
          elsewhere ? [elsewhere] : [],
        );
        return frozen ? [dx] : [dx, ...layersGradients(gpu, dPlanes, x as tf.Tensor2D, weights.length, true)];
      },
    };
  });
}
