/** A linear layer by name, with its LoRA branch when the model carries one. */
import type * as tf from '@tensorflow/tfjs-core';
import type { Layer } from '../kernels/feed-forward/op';
import { conv1d, linear } from '../kernels/linear/op';
import { PackedMatrix } from '../kernels/packed/matrix';
import type { ForwardContext } from './context';
import type { Parameter } from './parameters';
import { scaled } from './scaled';
import { sum } from './sum';

/** LoRA as the model applies it: scaling s = alpha / rank, dropout on the branch's input. */
export interface LoraScaling {
  scaling: number;
  dropout: number;
}

export const loraNames = (layer: string): { a: string; b: string } => ({ a: `${layer}.lora_A.weight`, b: `${layer}.lora_B.weight` });

const multiply = (input: tf.Tensor2D, weight: Parameter, bias: tf.Tensor1D | null): tf.Tensor2D =>
  linear(input, weight.matrix, bias, { frozen: !weight.trainable });

const biasOf = ({ parameters }: ForwardContext, name: string): tf.Tensor1D | null =>
  parameters.has(`${name}.bias`) ? (parameters.get(`${name}.bias`).tensor as tf.Tensor1D) : null;

/** base + s·(dropout(x)·Aᵀ)·Bᵀ (Hu et al., arXiv:2106.09685) where layer `name` is adapted; W + s·BA is never built. */
function withLora(context: ForwardContext, x: tf.Tensor2D, base: tf.Tensor2D, name: string, lora: LoraScaling | null): tf.Tensor2D {
  const { parameters } = context;
  const { a, b } = loraNames(name);
  if (!lora || !parameters.has(a)) return base;
  const down = multiply(context.dropout(x, lora.dropout), parameters.get(a), null);
  // Scaled where it is narrow.
  return sum(base, multiply(scaled(down, lora.scaling), parameters.get(b), null));
}

/**
 * x·Wᵀ + b, with LoRA.
 * @param x [N, in]
 * @param name of the layer: `name.weight` [out, in], `name.bias` [out] if it has one, `name.lora_A.weight` [r, in], `name.lora_B.weight` [out, r]
 */
export function linearLayer(context: ForwardContext, x: tf.Tensor2D, name: string, lora: LoraScaling | null): tf.Tensor2D {
  return withLora(context, x, multiply(x, context.parameters.get(`${name}.weight`), biasOf(context, name)), name, lora);
}

/** Layers that kernels compute together: all trained or all frozen. */
export interface LayersTogether {
  layers: Layer[];
  frozen: boolean;
}

/** The layers of those names, where each is nothing but weight and bias: not adapted, not packed. Else null, and each is a `linearLayer`. */
export function layersTogether({ parameters }: ForwardContext, names: readonly string[], lora: LoraScaling | null): LayersTogether | null {
  const plain = names.every((name) => parameters.has(`${name}.bias`) && !(lora && parameters.has(loraNames(name).a)) && !(parameters.get(`${name}.weight`).matrix instanceof PackedMatrix));
  if (!plain) return null;
  const weights = names.map((name) => parameters.get(`${name}.weight`));
  const frozen = weights.filter(({ trainable }) => !trainable).length;
  if (frozen > 0 && frozen < names.length) return null;
  const layers = names.map((name, i) => ({ weight: weights[i]!.tensor as tf.Tensor2D, bias: parameters.get(`${name}.bias`).tensor as tf.Tensor1D }));
  return { layers, frozen: frozen > 0 };
}

/** As `linearLayer` with `name.weight` [in, out], transformers' Conv1D. */
export function conv1dLayer(context: ForwardContext, x: tf.Tensor2D, name: string, lora: LoraScaling | null): tf.Tensor2D {
  const weight = context.parameters.get(`${name}.weight`);
  const bias = biasOf(context, name);
  // Packed matrices lie [out, in].
  const base = weight.matrix instanceof PackedMatrix ? multiply(x, weight, bias) : conv1d(x, weight.matrix, bias, !weight.trainable);
  return withLora(context, x, base, name, lora);
}
