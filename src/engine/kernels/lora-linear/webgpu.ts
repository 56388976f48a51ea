/**
 * Adapters on WebGPU, in a dispatch for each product: dropout is computed where x is read, scaling and sums are part of
 * the products. Layers of one input, such as queries, keys and values, have their adapters computed together, in
 * planes: they have one rank, one `out`, one scaling and one rate of dropout.
 */
import { matrixOf } from '../../backend/shaped';
import type * as tf from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { must } from '../../../base/assert';
import type { GeluForm } from '../gelu/reference';
import { layerInputGradient, layerValue, type LinearLayer } from '../linear/op';
import { run, type Drop } from '../matmul/webgpu';
import type { Adapter, AdapterGradients, Adapters } from './adapter';

const dropOf = (of: Drop['of'], adapters: Adapters): Drop => ({ of, keys: adapters.map(({ drop }) => drop) });

/** s·dropout(x)·Aᵀ: [N, r], or planes of it. */
export function down(gpu: WebGPUBackend, x: tf.Tensor2D, adapters: Adapters): tf.Tensor {
  const [{ a, scaling: scale }] = adapters;
  const [n, k] = a.shape;
  const product = {
    layout: 'NT',
    sizes: { m: x.shape[0], n, k },
    a: x,
    b: adapters.map(({ a }) => a),
    parts: adapters.length,
    scale,
    drop: dropOf('a', adapters),
  } as const;
  return must(run(gpu, product)[0], 'result');
}

/**
 * base + low·Bᵀ, as `base` lies: [N, out], planes of it, or a tensor for each layer. With `gelu` that of it, and its
 * slope.
 */
export function up(
  gpu: WebGPUBackend,
  low: tf.Tensor,
  adapters: Adapters,
  base: tf.Tensor | readonly tf.Tensor[],
  gelu: GeluForm | null = null,
): tf.Tensor[] {
  const [{ b }] = adapters;
  const [n, k] = b.shape;
  const parts = adapters.length;
  const splitC = Array.isArray(base);
  return run(gpu, {
    layout: 'NT',
    sizes: { m: low.size / (parts * k), n, k },
    a: low,
    b: adapters.map(({ b }) => b),
    parts,
    apart: parts > 1,
    splitC,
    plus: [base].flat(),
    gelu,
  });
}

/** Gradients of the adapters' matrices, and the adapters' part in that of x. */
export interface SharedGradients {
  dAs: tf.Tensor[];
  dBs: tf.Tensor[];
  /** [N, in], or planes of it that are still to be added up. */
  part: tf.Tensor;
}

/** What becomes of the adapters' part, where it is no planes: first `times`, then `plus`; [N, in]. */
interface PartFinish {
  times?: tf.Tensor;
  plus?: tf.Tensor | null;
}

/**
 * @param dy of the layers' results, [N, out], planes of it or a tensor for each layer
 * @param low what `down` gave
 */
export function gradients(
  gpu: WebGPUBackend,
  dy: tf.Tensor | readonly tf.Tensor[],
  x: tf.Tensor2D,
  low: tf.Tensor,
  adapters: Adapters,
  { times, plus }: PartFinish = {},
): SharedGradients {
  const [{ a, b, scaling: scale, drop }] = adapters;
  const [rank, inputs] = a.shape;
  const [[rows], [out]] = [x.shape, b.shape];
  const parts = adapters.length;
  const apart = parts > 1;
  const dLow = must(
    run(gpu, {
      layout: 'NN',
      sizes: { m: rows, n: rank, k: out },
      a: dy,
      b: adapters.map(({ b }) => b),
      parts,
      apart,
      scale,
    })[0],
    'gradient',
  );
  const dBs = run(gpu, { layout: 'TN', sizes: { m: out, n: rank, k: rows }, a: dy, b: [low], parts, apart });
  const dAs = run(gpu, {
    layout: 'TN',
    sizes: { m: rank, n: inputs, k: rows },
    a: dLow,
    b: [x],
    parts,
    drop: dropOf('b', adapters),
  });
  const toInput = {
    layout: 'NN',
    sizes: { m: rows, n: inputs, k: rank },
    a: dLow,
    b: adapters.map(({ a }) => a),
    parts,
  } as const;
  // Each part has a mask of its own, which its sums must meet before they are added up.
  const [part] = run(gpu, {
    ...toInput,
    apart: apart && drop.rate > 0,
    drop: dropOf('sums', adapters),
    times: times ?? null,
    plus: plus ? [plus] : [],
  });
  return { dAs, dBs, part: must(part, 'gradient') };
}

export function forward(
  gpu: WebGPUBackend,
  x: tf.Tensor2D,
  layer: LinearLayer,
  adapter: Adapter,
): { y: tf.Tensor2D; low: tf.Tensor2D } {
  const low = matrixOf(down(gpu, x, [adapter]));
  const base = layerValue(x, layer);
  const [y] = up(gpu, low, [adapter], base);
  base.dispose();
  return { y: matrixOf(must(y, 'value')), low };
}

/** @param elsewhere what the gradient of x has come to from other operations, which is added */
export function backward(
  gpu: WebGPUBackend,
  dy: tf.Tensor2D,
  x: tf.Tensor2D,
  low: tf.Tensor2D,
  layer: LinearLayer,
  adapter: Adapter,
  elsewhere: () => tf.Tensor | null,
): AdapterGradients {
  const { dAs, dBs, part } = gradients(gpu, dy, x, low, [adapter], { plus: elsewhere() });
  return { dx: layerInputGradient(dy, layer, () => part), dA: matrixOf(must(dAs[0])), dB: matrixOf(must(dBs[0])) };
}
