/** The body that BERT and its kin share: learned positions, and a layer norm after each part (Vaswani et al. 2017). */
import type * as tf from '@tensorflow/tfjs-core';
import { live } from '../backend/recording';
import { attention } from '../kernels/attention/op';
import { embeddingSum, type Lookup } from '../kernels/embedding/op';
import { feedForward } from '../kernels/feed-forward/op';
import { residualLayerNorm } from '../kernels/layer-norm/op';
import { selfAttention } from '../kernels/self-attention/op';
import { activationNamed, geluNamed } from '../nn/activation';
import { layersTogether, linearLayer } from '../nn/linear';
import { normOf, normWeights } from '../nn/norm';
import { linearSlots, normSlots, type EncoderBody, type EncoderPass, type Slot, type TokenBatch } from './architecture';
import { badConfig } from './config';

/** Names of one layer's modules. */
interface LayerNames {
  query: string;
  key: string;
  value: string;
  attentionOutput: string;
  attentionNorm: string;
  intermediate: string;
  output: string;
  outputNorm: string;
}

/** Sizes, rates and names of such a body. */
export interface PostNormFigures extends Omit<EncoderBody, 'slots' | 'wordTable' | 'maxPositions' | 'embed' | 'block'> {
  /** Rows of the position table, and the position of the first token. */
  positionRows: number;
  firstPosition: number;
  /** 0 when the model has no token types. */
  tokenTypes: number;
  /** `padding_idx` of the position table, or null. */
  positionPadId: number | null;
  activation: string;
  normEpsilon: number;
  /** After the embeddings and each layer's feed-forward part. */
  hiddenDropout: number;
  /** After the attention's output projection. */
  attendedDropout: number;
  attentionDropout: number;
  embeddings: { words: string; positions: string; tokenTypes: string; norm: string };
  layer(index: number): LayerNames;
}

/** More than any model has; each layer is written out, so that a wrong number must not be taken at its word. */
export const MOST_LAYERS = 1024;

/** Figures that are numbers and still cannot be true. */
function checkFigures(figures: PostNormFigures): void {
  const { hiddenSize, heads, vocabularySize, padId, firstPosition, positionRows } = figures;
  const { normEpsilon, initializerRange, layers } = figures;
  if (layers > MOST_LAYERS) badConfig(`${layers} layers are more than any encoder has.`);
  if (hiddenSize % heads !== 0) badConfig(`${heads} attention heads do not divide the width ${hiddenSize}.`);
  if (padId >= vocabularySize) badConfig(`the padding token ${padId} is outside the vocabulary of ${vocabularySize}.`);
  if (firstPosition >= positionRows) badConfig(`${positionRows} positions leave no room for a text.`);
  for (const share of [figures.hiddenDropout, figures.attentionDropout, figures.classifierDropout])
    if (!(share >= 0 && share < 1)) badConfig(`a dropout of ${share} is not from 0 to below 1.`);
  if (!(normEpsilon > 0)) badConfig(`the epsilon of the layer norm is ${normEpsilon}, not above 0.`);
  if (!(initializerRange >= 0)) badConfig(`\`initializer_range\` is ${initializerRange}, below 0.`);
}

function slotsOf(figures: PostNormFigures): Slot[] {
  const { hiddenSize, intermediateSize, embeddings } = figures;
  const table = (name: string, rows: number): Slot => ({ name, shape: [rows, hiddenSize], fresh: null });
  const layers = Array.from({ length: figures.layers }, (_, i) => {
    const names = figures.layer(i);
    return [
      ...[names.query, names.key, names.value, names.attentionOutput].flatMap((name) =>
        linearSlots(name, hiddenSize, hiddenSize),
      ),
      ...normSlots(names.attentionNorm, hiddenSize),
      ...linearSlots(names.intermediate, intermediateSize, hiddenSize),
      ...linearSlots(names.output, hiddenSize, intermediateSize),
      ...normSlots(names.outputNorm, hiddenSize),
    ];
  });
  return [
    table(embeddings.words, figures.vocabularySize),
    table(embeddings.positions, figures.positionRows),
    ...(figures.tokenTypes > 0 ? [table(embeddings.tokenTypes, figures.tokenTypes)] : []),
    ...normSlots(embeddings.norm, hiddenSize),
    ...layers.flat(),
  ];
}

/** Position of each token; models that start past the padding id give padding that id, as transformers does. */
function positionIds({ batch, length, mask }: TokenBatch, firstPosition: number, padId: number | null): Int32Array {
  const positions = new Int32Array(batch * length);
  for (let b = 0; b < batch; b++)
    for (let i = 0, next = firstPosition; i < length; i++) {
      const at = b * length + i;
      if (padId === null) positions[at] = i;
      else positions[at] = mask[at] ? next++ : padId;
    }
  return positions;
}

function embedded({ context, batch }: EncoderPass, figures: PostNormFigures): tf.Tensor2D {
  const { padId, positionPadId, firstPosition, embeddings, normEpsilon } = figures;
  const lookup = (name: string, ids: Int32Array, paddingId: number | null): Lookup => ({
    ...context.parameters.table(name),
    ids,
    paddingId,
  });
  const positions = live(() => positionIds(batch, firstPosition, positionPadId));
  const sum = embeddingSum([
    lookup(embeddings.words, batch.ids, padId),
    lookup(embeddings.positions, positions, positionPadId),
    ...(figures.tokenTypes > 0
      ? [lookup(embeddings.tokenTypes, batch.typeIds ?? new Int32Array(batch.ids.length), null)]
      : []),
  ]);
  return context.dropout(normOf(context, sum, embeddings.norm, normEpsilon), figures.hiddenDropout);
}

/** norm(dropout(x) + residual). */
function joined(
  { context }: EncoderPass,
  figures: PostNormFigures,
  name: string,
  [x, residual]: readonly [tf.Tensor2D, tf.Tensor2D],
  dropout: number,
): tf.Tensor2D {
  const { gamma, beta } = normWeights(context, name);
  return residualLayerNorm(x, residual, gamma, beta, figures.normEpsilon, context.nextDropout(dropout));
}

function attended(pass: EncoderPass, figures: PostNormFigures, x: tf.Tensor2D, names: LayerNames): tf.Tensor2D {
  const { context, lora, batch } = pass;
  const { heads, hiddenSize, attentionDropout } = figures;
  const shape = { batch: batch.batch, length: batch.length, heads, headSize: hiddenSize / heads };
  const together = layersTogether(context, [names.query, names.key, names.value], lora);
  if (together) {
    const { layers, frozen, adapters } = together;
    return selfAttention(x, layers, batch.mask, shape, context.nextDropout(attentionDropout), frozen, adapters);
  }
  const q = linearLayer(context, x, names.query, lora);
  const k = linearLayer(context, x, names.key, lora);
  const v = linearLayer(context, x, names.value, lora);
  return attention(q, k, v, batch.mask, shape, context.nextDropout(attentionDropout));
}

function fedForward(
  { context, lora }: EncoderPass,
  { activation }: PostNormFigures,
  x: tf.Tensor2D,
  { intermediate, output }: LayerNames,
): tf.Tensor2D {
  const form = geluNamed(activation);
  const together = form && layersTogether(context, [intermediate, output], lora);
  if (together) {
    const { layers, frozen, adapters } = together;
    return feedForward(x, layers, form, frozen, adapters);
  }
  const widened = activationNamed(activation)(linearLayer(context, x, intermediate, lora));
  return linearLayer(context, widened, output, lora);
}

/** Throws `bad-config` for figures that cannot be true. */
export function postNormBody(figures: PostNormFigures): EncoderBody {
  checkFigures(figures);
  return {
    ...figures,
    maxPositions: figures.positionRows - figures.firstPosition,
    wordTable: figures.embeddings.words,
    slots: slotsOf(figures),
    embed: (pass) => embedded(pass, figures),
    block(pass, x, index) {
      const names = figures.layer(index);
      const mixed = attended(pass, figures, x, names);
      const out = linearLayer(pass.context, mixed, names.attentionOutput, pass.lora);
      const between = joined(pass, figures, names.attentionNorm, [out, x], figures.attendedDropout);
      return joined(
        pass,
        figures,
        names.outputNorm,
        [fedForward(pass, figures, between, names), between],
        figures.hiddenDropout,
      );
    },
  };
}
