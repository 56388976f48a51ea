/**
 * Projections to queries, keys and values and the attention of them; on WebGPU the three projections are one product,
 * forward and backward, also with adapters.
 */
import { must } from '../../../base/assert';
import { mapTuple } from '../../../base/tuples';
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { gpuKernels } from '../../backend/gpu-run';
import { attention, type AttentionShape } from '../attention/op';
import * as webgpu from '../attention/webgpu';
import { differentiable, withGradient } from '../differentiable';
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
  return differentiable([x, ...matricesOf(adapters)], (...inputs) => {
    const x = inputs[0];
    const low = lora.down(gpu, x, adapters);
    const base = layersOfOne(gpu, x, weights, biases);
    const [planes] = lora.up(gpu, low, adapters, base) as [tf.Tensor3D];
    base.dispose();
    const { context, stats } = webgpu.forward(gpu, planes, mask, shape, drop);
    return withGradient(context, [x, low, planes, context, stats, ...inputs.slice(1)], (dy, saved, take) => {
      const [x, low, planes, context, stats, ...matrices] = saved;
      const dPlanes = webgpu.backward(gpu, dy, [planes, context, stats], shape, drop);
      const { dAs, dBs, part } = lora.gradients(gpu, dPlanes, x, low, withMatrices(adapters, matrices));
      const elsewhere = take(0);
      return [layersInputGradient(gpu, dPlanes, weights, [part, ...(elsewhere ? [elsewhere] : [])]), ...dAs, ...dBs];
    });
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
    const [q, k, v] = mapTuple(layers, (layer, i) => {
      const whole = { ...layer, transposed: false, frozen };
      return adapters ? loraLinear(x, whole, must(adapters[i])) : applyLayer(x, whole);
    });
    return attention(q, k, v, mask, shape, drop);
  }
  const weights = layers.map(({ weight }) => weight);
  const biases = layers.map(({ bias }) => bias);
  return differentiable(frozen ? [x] : [x, ...weights, ...biases], () => {
    const planes = layersOfOne(gpu, x, weights, biases);
    const { context, stats } = webgpu.forward(gpu, planes, mask, shape, drop);
    return withGradient(
      context,
      [planes, context, stats, ...(frozen ? [] : [x, ...weights])],
      (dy, [planes, context, stats, ...kept], take) => {
        const dPlanes = webgpu.backward(gpu, dy, [planes, context, stats], shape, drop);
        const elsewhere = take(0);
        const dx = layersInputGradient(gpu, dPlanes, frozen ? weights : kept.slice(1), elsewhere ? [elsewhere] : []);
        return frozen ? [dx] : [dx, ...layersGradients(gpu, dPlanes, must(kept[0], 'input'), weights.length, true)];
      },
    );
  });
}
