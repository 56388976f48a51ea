/**
 * The transformer body that BERT, DistilBERT and RoBERTa share: post-norm layers over one flat [batch·length, hidden]
 * matrix.
 */
import * as tf from '@tensorflow/tfjs-core';
import { fed } from '../backend/gpu-backend';
import { live } from '../backend/recording';
import { attention } from '../kernels/attention/op';
import { differentiable } from '../kernels/differentiable';
import { embedding, embeddingSum, type Lookup } from '../kernels/embedding/op';
import { feedForward, type Layer } from '../kernels/feed-forward/op';
import { layerNorm, residualLayerNorm } from '../kernels/layer-norm/op';
import type { Adapter } from '../kernels/lora-linear/op';
import { selfAttention } from '../kernels/self-attention/op';
import { activationNamed, geluNamed } from '../nn/activation';
import type { ForwardContext } from '../nn/context';
import { layersTogether, linearLayer, type LoraScaling } from '../nn/linear';
import type { EncoderSpec, LayerNames } from './architecture';

/** A padded batch; every array has batch·length values, row-major. */
export interface TokenBatch {
  batch: number;
  length: number;
  ids: Int32Array;
  /** 1 for a token, 0 for padding. */
  mask: Int32Array;
  /** Null for all zeros. */
  typeIds: Int32Array | null;
}

/** Position of each token; models that start past the padding id give padding that id, as transformers does. */
export function positionIds(
  { batch, length, mask }: TokenBatch,
  firstPosition: number,
  padId: number | null,
): Int32Array {
  const positions = new Int32Array(batch * length);
  for (let b = 0; b < batch; b++)
    for (let i = 0, next = firstPosition; i < length; i++) {
      const at = b * length + i;
      if (padId === null) positions[at] = i;
      else positions[at] = mask[at] ? next++ : padId;
    }
  return positions;
}

function norm(context: ForwardContext, x: tf.Tensor2D, name: string, epsilon: number): tf.Tensor2D {
  const { parameters } = context;
  return layerNorm(
    x,
    parameters.get(`${name}.weight`).tensor as tf.Tensor1D,
    parameters.get(`${name}.bias`).tensor as tf.Tensor1D,
    epsilon,
  );
}

/** norm(dropout(x) + residual). */
function joined(
  context: ForwardContext,
  spec: EncoderSpec,
  x: tf.Tensor2D,
  residual: tf.Tensor2D,
  name: string,
): tf.Tensor2D {
  const { parameters } = context;
  const [gamma, beta] = [parameters.get(`${name}.weight`).tensor, parameters.get(`${name}.bias`).tensor] as [
    tf.Tensor1D,
    tf.Tensor1D,
  ];
  return residualLayerNorm(x, residual, gamma, beta, spec.normEpsilon, context.nextDropout(spec.hiddenDropout));
}

function embed(context: ForwardContext, spec: EncoderSpec, batch: TokenBatch): tf.Tensor2D {
  const lookup = (name: string, ids: Int32Array, paddingId: number | null): Lookup => ({
    ...context.parameters.table(name),
    ids,
    paddingId,
  });
  const { words, positions, tokenTypes } = spec.embeddings;
  const sum = embeddingSum([
    lookup(words, batch.ids, spec.padId),
    lookup(
      positions,
      live(() => positionIds(batch, spec.firstPosition, spec.positionPadId)),
      spec.positionPadId,
    ),
    ...(spec.tokenTypes > 0 ? [lookup(tokenTypes, batch.typeIds ?? new Int32Array(batch.ids.length), null)] : []),
  ]);
  return context.dropout(norm(context, sum, spec.embeddings.norm, spec.normEpsilon), spec.hiddenDropout);
}

function attended(
  context: ForwardContext,
  spec: EncoderSpec,
  x: tf.Tensor2D,
  batch: TokenBatch,
  { query, key, value }: LayerNames,
  lora: LoraScaling | null,
): tf.Tensor2D {
  const shape = { batch: batch.batch, length: batch.length, heads: spec.heads, headSize: spec.hiddenSize / spec.heads };
  const together = layersTogether(context, [query, key, value], lora);
  if (together) {
    const { layers, frozen, adapters } = together;
    return selfAttention(
      x,
      layers as [Layer, Layer, Layer],
      batch.mask,
      shape,
      context.nextDropout(spec.attentionDropout),
      frozen,
      adapters as [Adapter, Adapter, Adapter] | null,
    );
  }
  const [q, k, v] = [query, key, value].map((name) => linearLayer(context, x, name, lora)) as [
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor2D,
  ];
  return attention(q, k, v, batch.mask, shape, context.nextDropout(spec.attentionDropout));
}

function fedForward(
  context: ForwardContext,
  spec: EncoderSpec,
  x: tf.Tensor2D,
  { intermediate, output }: LayerNames,
  lora: LoraScaling | null,
): tf.Tensor2D {
  const form = geluNamed(spec.activation);
  const together = form && layersTogether(context, [intermediate, output], lora);
  if (together)
    return feedForward(
      x,
      together.layers as [Layer, Layer],
      form,
      together.frozen,
      together.adapters as [Adapter, Adapter] | null,
    );
  return linearLayer(
    context,
    activationNamed(spec.activation)(linearLayer(context, x, intermediate, lora)),
    output,
    lora,
  );
}

function encoderLayer(
  context: ForwardContext,
  spec: EncoderSpec,
  x: tf.Tensor2D,
  batch: TokenBatch,
  index: number,
  lora: LoraScaling | null,
): tf.Tensor2D {
  const names = spec.layer(index);
  const mixed = linearLayer(context, attended(context, spec, x, batch, names, lora), names.attentionOutput, lora);
  const afterAttention = joined(context, spec, mixed, x, names.attentionNorm);
  return joined(
    context,
    spec,
    fedForward(context, spec, afterAttention, names, lora),
    afterAttention,
    names.outputNorm,
  );
}

/** Last hidden states [batch·length, hidden]. */
export function encode(
  context: ForwardContext,
  spec: EncoderSpec,
  batch: TokenBatch,
  lora: LoraScaling | null,
): tf.Tensor2D {
  let x = embed(context, spec, batch);
  for (let i = 0; i < spec.layers; i++) x = encoderLayer(context, spec, x, batch, i, lora);
  return x;
}

/** State of the first token of each row: [batch, hidden]. */
export function firstTokens(states: tf.Tensor2D, { batch, length }: TokenBatch): tf.Tensor2D {
  const rows = Int32Array.from({ length: batch }, (_, b) => b * length);
  return embedding(states, rows, null);
}

/** 1 / count for each real token of a row, 0 for padding. */
function meanWeights(batch: number, length: number, mask: Int32Array): Float32Array {
  const weights = new Float32Array(batch * length);
  for (let b = 0; b < batch; b++) {
    const row = mask.subarray(b * length, (b + 1) * length);
    const count = row.reduce((sum, real) => sum + real, 0);
    for (let i = 0; i < length; i++) weights[b * length + i] = row[i] ? 1 / count : 0;
  }
  return weights;
}

/** Mean over the real tokens of each row: [batch, hidden]; sentence-transformers' mean pooling. */
export function meanPool(states: tf.Tensor2D, { batch, length, mask }: TokenBatch): tf.Tensor2D {
  const width = states.shape[1];
  const weights = fed([batch, length, 1], 'float32', () => meanWeights(batch, length, mask));
  return differentiable([states], (states) => ({
    value: tf.sum<tf.Tensor2D>(tf.mul(tf.reshape(states, [batch, length, width]), weights), 1),
    saved: [weights],
    gradient: (dy, [kept]) => [tf.reshape(tf.mul(tf.expandDims(dy, 1), kept as tf.Tensor), states.shape)],
  }));
}
