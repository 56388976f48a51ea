/** A linear layer by name, with its LoRA branch when the model carries one. */
import { mapTuple } from '../../base/tuples';
import type * as tf from '@tensorflow/tfjs-core';
import { must } from '../../base/assert';
import type { Layer } from '../kernels/feed-forward/op';
import type { LinearLayer } from '../kernels/linear/op';
import { applied, linearPair, type AdaptedLayer } from '../kernels/linear-pair/op';
import type { Adapter } from '../kernels/lora-linear/adapter';
import { PackedMatrix } from '../kernels/packed/matrix';
import type { ForwardContext } from './context';

/** LoRA as the model applies it: scaling s = alpha / rank, dropout on the branch's input. */
export interface LoraScaling {
  scaling: number;
  /** Of layers whose scaling is their own. */
  scalings: ReadonlyMap<string, number>;
  dropout: number;
}

export const loraNames = (layer: string): { a: string; b: string } => ({
  a: `${layer}.lora_A.weight`,
  b: `${layer}.lora_B.weight`,
});

/** The layer of that name; `transposed` where its weight lies [in, out]. */
function layerNamed({ parameters }: ForwardContext, name: string, transposed: boolean): LinearLayer {
  const { matrix, trainable } = parameters.get(`${name}.weight`);
  const bias = parameters.has(`${name}.bias`) ? parameters.get(`${name}.bias`).vector : null;
  return { weight: matrix, bias, transposed, frozen: !trainable };
}

/** The adapter of the layer of that name, null where it has none. It takes the next dropout of the pass. */
function adapterOf(context: ForwardContext, name: string, lora: LoraScaling | null): Adapter | null {
  const { parameters } = context;
  const { a, b } = loraNames(name);
  if (!lora || !parameters.has(a)) return null;
  return {
    a: parameters.get(a).floats,
    b: parameters.get(b).floats,
    scaling: lora.scalings.get(name) ?? lora.scaling,
    drop: context.nextDropout(lora.dropout),
  };
}

const adaptedLayer = (
  context: ForwardContext,
  name: string,
  lora: LoraScaling | null,
  transposed: boolean,
): AdaptedLayer => ({ layer: layerNamed(context, name, transposed), adapter: adapterOf(context, name, lora) });

/**
 * x·Wᵀ + b, with LoRA.
 * @param x [N, in]
 * @param name of the layer: `name.weight` [out, in], `name.bias` [out] if it has one, `name.lora_A.weight` [r, in],
 * `name.lora_B.weight` [out, r]
 */
export const linearLayer = (
  context: ForwardContext,
  x: tf.Tensor2D,
  name: string,
  lora: LoraScaling | null,
): tf.Tensor2D => applied(x, adaptedLayer(context, name, lora, false));

/** As `linearLayer` with `name.weight` [in, out], transformers' Conv1D. */
export const conv1dLayer = (
  context: ForwardContext,
  x: tf.Tensor2D,
  name: string,
  lora: LoraScaling | null,
): tf.Tensor2D => applied(x, adaptedLayer(context, name, lora, true));

/** Two layers of one input, as `linearLayer` each: values [N, out]. */
export const linearLayerPair = (
  context: ForwardContext,
  x: tf.Tensor2D,
  names: readonly [string, string],
  lora: LoraScaling | null,
): [tf.Tensor2D, tf.Tensor2D] =>
  linearPair(x, [adaptedLayer(context, names[0], lora, false), adaptedLayer(context, names[1], lora, false)]);

/** Layers that kernels compute together: all trained or all frozen, and either all adapted or none. */
export interface LayersTogether<N extends readonly string[]> {
  layers: { [K in keyof N]: Layer };
  frozen: boolean;
  adapters: { [K in keyof N]: Adapter } | null;
}

/**
 * The layers of those names, where they are so, have a bias each and none is packed. Else null, and each is a
 * `linearLayer`.
 */
export function layersTogether<const N extends readonly string[]>(
  context: ForwardContext,
  names: N,
  lora: LoraScaling | null,
): LayersTogether<N> | null {
  const { parameters } = context;
  const plain = names.every(
    (name) => parameters.has(`${name}.bias`) && !(parameters.get(`${name}.weight`).matrix instanceof PackedMatrix),
  );
  const adapted = names.filter((name) => lora && parameters.has(loraNames(name).a)).length;
  const frozen = names.filter((name) => !parameters.get(`${name}.weight`).trainable).length;
  const allOrNone = (count: number): boolean => count === 0 || count === names.length;
  if (!plain || !allOrNone(adapted) || !allOrNone(frozen) || (adapted > 0 && frozen === 0)) return null;
  const layers = mapTuple(names, (name) => ({
    weight: parameters.get(`${name}.weight`).floats,
    bias: parameters.get(`${name}.bias`).vector,
  }));
  const adapters =
    adapted > 0 ? mapTuple(names, (name) => must(adapterOf(context, name, lora), `adapter of ${name}`)) : null;
  const kinds = new Set(adapters?.map(({ a: { shape }, scaling }) => `${shape[0]} ${scaling}`));
  if (kinds.size > 1) return null;
  return { layers, frozen: frozen > 0, adapters };
}
