/**
 * Llama (Touvron et al., arXiv:2302.13971) and what its kin share, named as transformers' …ForCausalLM: RMS norm before
 * each part, rotary positions, grouped key heads, a gated feed-forward layer.
 */
import * as tf from '@tensorflow/tfjs-core';
import { TabtuneError } from '../../../base/errors';
import { tiesEmbeddings } from '../../../domain/architectures';
import { residualRmsNorm, rmsNorm } from '../../kernels/rms-norm/op';
import { anglesAt, rope } from '../../kernels/rope/op';
import { swiglu } from '../../kernels/swiglu/op';
import { activationNamed } from '../../nn/activation';
import { linearLayer, linearLayerPair } from '../../nn/linear';
import type { HfConfig } from '../../types';
import type { Slot } from '../architecture';
import { decimal, flag, wholeNumber, word } from '../config';
import { attend, lookUp, type DecoderSpec, type Pass, type Stream } from '../decoder';
import { ropeFrequencies } from '../rope-frequencies';

/** Where the kin differ. */
export interface Kin {
  /** Biases of the query, key and value projections, and of the output projection. */
  attentionBias: boolean;
  outputBias: boolean;
  feedForwardBias: boolean;
  /** An RMS norm over each head of queries and keys. */
  headNorms: boolean;
}

const LINEAR_MODULES = ['q_proj', 'k_proj', 'v_proj', 'o_proj', 'gate_proj', 'up_proj', 'down_proj'];

/** A norm's weight, and whether it is frozen. */
function scaleOf({ context }: Pass, name: string): { gamma: tf.Tensor1D; frozen: boolean } {
  const { vector, trainable } = context.parameters.get(`${name}.weight`);
  return { gamma: vector, frozen: !trainable };
}

function norm(pass: Pass, { x, branch }: Stream, name: string, epsilon: number): tf.Tensor2D {
  const { gamma, frozen } = scaleOf(pass, name);
  return rmsNorm(x, branch ?? null, gamma, epsilon, frozen);
}

/** The stream added up, and its norm. */
function residualNorm(
  pass: Pass,
  stream: Stream,
  name: string,
  epsilon: number,
): [sum: tf.Tensor2D, normed: tf.Tensor2D] {
  const { x, branch } = stream;
  if (!branch) return [x, norm(pass, stream, name, epsilon)];
  const { gamma, frozen } = scaleOf(pass, name);
  return residualRmsNorm(x, branch, gamma, epsilon, frozen);
}

/** Normalizes each head of x [N, heads·headSize] by itself. */
function headNorm(pass: Pass, x: tf.Tensor2D, name: string, headSize: number, epsilon: number): tf.Tensor2D {
  const apart: tf.Tensor2D = tf.reshape(x, [x.size / headSize, headSize]);
  return tf.reshape(norm(pass, { x: apart }, name, epsilon), x.shape);
}

const EMBEDDINGS = 'model.embed_tokens.weight';
const layer = (index: number): string => `model.layers.${index}`;

function figuresOf(config: HfConfig) {
  if (config['use_sliding_window'] === true)
    throw new TabtuneError('unsupported', 'Models with sliding-window attention are not supported.', {
      place: { file: 'config.json' },
    });
  const hiddenSize = wholeNumber(config, 'hidden_size');
  const heads = wholeNumber(config, 'num_attention_heads');
  return {
    hiddenSize,
    heads,
    keyValueHeads: wholeNumber(config, 'num_key_value_heads', heads),
    headSize: wholeNumber(config, 'head_dim', hiddenSize / heads),
    intermediateSize: wholeNumber(config, 'intermediate_size'),
    vocabularySize: wholeNumber(config, 'vocab_size'),
    maxPositions: wholeNumber(config, 'max_position_embeddings', 2048),
    layers: wholeNumber(config, 'num_hidden_layers'),
    epsilon: decimal(config, 'rms_norm_eps', 1e-6),
    activation: word(config, 'hidden_act', 'silu'),
    attentionDropout: decimal(config, 'attention_dropout', 0),
    tied: tiesEmbeddings(config),
  };
}

type Figures = ReturnType<typeof figuresOf> & Kin;

function slotsOf(figures: Figures): Slot[] {
  const { hiddenSize, heads, headSize, keyValueHeads, intermediateSize, vocabularySize } = figures;
  const slot = (name: string, ...shape: number[]): Slot => ({ name: `${name}.weight`, shape, fresh: null });
  const linear = (name: string, out: number, inputs: number, bias: boolean): Slot[] => [
    slot(name, out, inputs),
    ...(bias ? [{ name: `${name}.bias`, shape: [out], fresh: null }] : []),
  ];
  const blocks = Array.from({ length: figures.layers }, (_, i) => {
    const [attention, feedForward] = [`${layer(i)}.self_attn`, `${layer(i)}.mlp`];
    const keys = ['k_proj', 'v_proj'].map((name) => `${attention}.${name}`);
    const norms = figures.headNorms ? ['q_norm', 'k_norm'] : [];
    return [
      slot(`${layer(i)}.input_layernorm`, hiddenSize),
      ...linear(`${attention}.q_proj`, heads * headSize, hiddenSize, figures.attentionBias),
      ...keys.flatMap((name) => linear(name, keyValueHeads * headSize, hiddenSize, figures.attentionBias)),
      ...linear(`${attention}.o_proj`, hiddenSize, heads * headSize, figures.outputBias),
      ...norms.map((name) => slot(`${attention}.${name}`, headSize)),
      slot(`${layer(i)}.post_attention_layernorm`, hiddenSize),
      ...linear(`${feedForward}.gate_proj`, intermediateSize, hiddenSize, figures.feedForwardBias),
      ...linear(`${feedForward}.up_proj`, intermediateSize, hiddenSize, figures.feedForwardBias),
      ...linear(`${feedForward}.down_proj`, hiddenSize, intermediateSize, figures.feedForwardBias),
    ];
  });
  return [
    { name: EMBEDDINGS, shape: [vocabularySize, hiddenSize], fresh: null },
    ...blocks.flat(),
    slot('model.norm', hiddenSize),
    ...(figures.tied ? [] : [slot('lm_head', vocabularySize, hiddenSize)]),
  ];
}

function attention(pass: Pass, figures: Figures, x: tf.Tensor2D, index: number): tf.Tensor2D {
  const { context, lora, angles } = pass;
  const { headNorms, headSize, epsilon } = figures;
  const name = `${layer(index)}.self_attn`;
  const rotated = (states: tf.Tensor2D, normName: string): tf.Tensor2D => {
    const ready = headNorms ? headNorm(pass, states, `${name}.${normName}`, headSize, epsilon) : states;
    return angles ? rope(ready, angles, headSize) : ready;
  };
  const queries = linearLayer(context, x, `${name}.q_proj`, lora);
  const [keys, v] = linearLayerPair(context, x, [`${name}.k_proj`, `${name}.v_proj`], lora);
  const [q, k] = [rotated(queries, 'q_norm'), rotated(keys, 'k_norm')];
  const mixed = attend(pass, index, q, k, v, context.nextDropout(figures.attentionDropout));
  return linearLayer(context, mixed, `${name}.o_proj`, lora);
}

function feedForward({ context, lora }: Pass, { activation }: Figures, x: tf.Tensor2D, index: number): tf.Tensor2D {
  const name = `${layer(index)}.mlp`;
  const [gate, up] = linearLayerPair(context, x, [`${name}.gate_proj`, `${name}.up_proj`], lora);
  const widened = activation === 'silu' ? swiglu(gate, up) : tf.mul<tf.Tensor2D>(activationNamed(activation)(gate), up);
  return linearLayer(context, widened, `${name}.down_proj`, lora);
}

export function rotaryDecoder(config: HfConfig, kin: Kin): DecoderSpec {
  const figures = { ...figuresOf(config), ...kin };
  const { epsilon, headSize, tied } = figures;
  const frequencies = ropeFrequencies(config, headSize);
  return {
    ...figures,
    prefix: 'model.',
    embeddings: EMBEDDINGS,
    output: tied ? EMBEDDINGS : 'lm_head.weight',
    slots: slotsOf(figures),
    layer,
    linearModules: LINEAR_MODULES,
    embed: (pass, ids) => lookUp(pass, EMBEDDINGS, ids),
    block(pass, stream, index) {
      const [x, normed] = residualNorm(pass, stream, `${layer(index)}.input_layernorm`, epsilon);
      const between = { x, branch: attention(pass, figures, normed, index) };
      const [attended, ready] = residualNorm(pass, between, `${layer(index)}.post_attention_layernorm`, epsilon);
      return { x: attended, branch: feedForward(pass, figures, ready, index) };
    },
    finalNorm: (pass, stream) => norm(pass, stream, 'model.norm', epsilon),
    angles: (positions) => anglesAt(positions, frequencies),
  };
}

export function llama(config: HfConfig): DecoderSpec {
  const bias = flag(config, 'attention_bias', false);
  return rotaryDecoder(config, {
    attentionBias: bias,
    outputBias: bias,
    feedForwardBias: flag(config, 'mlp_bias', false),
    headNorms: false,
  });
}
