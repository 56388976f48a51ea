/**
 * Two linear layers of one input, such as keys and values or gate and up: on WebGPU one product each way where they are
 * alike, also with adapters.
 */
import { must } from '../../../base/assert';
import { pairOf } from '../../backend/shaped';
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { gpuKernels } from '../../backend/gpu-run';
import { allWithGradient, differentiableTogether } from '../differentiable';
import { applyLayer, type LinearLayer } from '../linear/op';
import { loraLinear, matricesOf, withMatrices } from '../lora-linear/op';
import type { Adapter } from '../lora-linear/adapter';
import * as lora from '../lora-linear/webgpu';
import { layersApart, layersGradients, layersInputGradient } from '../matmul/webgpu';
import { PackedMatrix } from '../packed/matrix';

export interface AdaptedLayer {
  layer: LinearLayer;
  adapter: Adapter | null;
}

type Pair<T> = readonly [T, T];
type Values = [tf.Tensor2D, tf.Tensor2D];

/** What one product needs of both layers. */
interface Alike {
  weights: Pair<tf.Tensor2D>;
  /** Both or none. */
  biases: tf.Tensor1D[];
  frozen: boolean;
  /** Of frozen layers. */
  adapters: Pair<Adapter> | null;
}

const sameShape = (a: tf.Tensor, b: tf.Tensor): boolean => a.shape.join() === b.shape.join();

const sameKind = (a: Adapter, b: Adapter): boolean =>
  sameShape(a.a, b.a) && a.scaling === b.scaling && a.drop.rate === b.drop.rate;

/** Null where they are too different to be computed together. */
function alike([first, second]: Pair<AdaptedLayer>): Alike | null {
  const [one, two] = [first.layer, second.layer];
  const [weight1, weight2] = [one.weight, two.weight];
  if (weight1 instanceof PackedMatrix || weight2 instanceof PackedMatrix || !sameShape(weight1, weight2)) return null;
  if (one.transposed || two.transposed || one.frozen !== two.frozen || !one.bias !== !two.bias) return null;
  const biases = [one.bias, two.bias].filter((bias) => bias !== null);
  const plain = { weights: [weight1, weight2], biases, frozen: one.frozen } as const;
  const [adapter1, adapter2] = [first.adapter, second.adapter];
  if (!adapter1 && !adapter2) return { ...plain, adapters: null };
  return adapter1 && adapter2 && one.frozen && sameKind(adapter1, adapter2)
    ? { ...plain, adapters: [adapter1, adapter2] }
    : null;
}

function unadapted(gpu: WebGPUBackend, x: tf.Tensor2D, { weights, biases, frozen }: Alike): Values {
  return differentiableTogether([x, ...(frozen ? [] : [...weights, ...biases])], () =>
    allWithGradient(
      pairOf(layersApart(gpu, x, weights, biases)),
      [...(frozen ? [] : [x, ...weights])],
      (dys, kept, take) => {
        const elsewhere = take(0);
        const dx = layersInputGradient(gpu, dys, frozen ? weights : kept.slice(1), elsewhere ? [elsewhere] : []);
        return [dx, ...(frozen ? [] : layersGradients(gpu, dys, must(kept[0], 'input'), 2, biases.length > 0))];
      },
    ),
  );
}

function adapted(gpu: WebGPUBackend, x: tf.Tensor2D, { weights, biases }: Alike, adapters: Pair<Adapter>): Values {
  return differentiableTogether([x, ...matricesOf(adapters)], (...inputs) => {
    const low = lora.down(gpu, x, adapters);
    const base = layersApart(gpu, x, weights, biases);
    const values = pairOf(lora.up(gpu, low, adapters, base));
    for (const each of base) each.dispose();
    return allWithGradient(values, [x, low, ...inputs.slice(1)], (dys, saved, take) => {
      const [x, low, ...matrices] = saved;
      const { dAs, dBs, part } = lora.gradients(gpu, dys, x, low, withMatrices(adapters, matrices));
      const elsewhere = take(0);
      return [layersInputGradient(gpu, dys, weights, [part, ...(elsewhere ? [elsewhere] : [])]), ...dAs, ...dBs];
    });
  });
}

/** One layer's value, with its adapter where it has one: x [N, in] → [N, out]. */
export const applied = (x: tf.Tensor2D, { layer, adapter }: AdaptedLayer): tf.Tensor2D =>
  adapter ? loraLinear(x, layer, adapter) : applyLayer(x, layer);

/**
 * Both layers' values, each with its adapter where it has one. Both must have a part in what gradients are taken of,
 * see `differentiableTogether`.
 * @param x [N, in]
 * @returns [N, out] of each layer
 */
export function linearPair(x: tf.Tensor2D, pair: Pair<AdaptedLayer>): Values {
  const gpu = gpuKernels();
  const together = gpu && alike(pair);
  if (together) return together.adapters ? adapted(gpu, x, together, together.adapters) : unadapted(gpu, x, together);
  return [applied(x, pair[0]), applied(x, pair[1])];
}
