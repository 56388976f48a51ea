/**
 * Llama (Touvron et al., arXiv:2302.13971) and what its kin share, named as transformers' …ForCausalLM: RMS norm before
 * each part, rotary positions, grouped key heads, a gated feed-forward layer.
 */
import * as tf from '@tensorflow/tfjs-core';
import { TabtuneError } from '../../../base/errors';
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
  const { tensor, trainable } = context.parameters.get(`${name}.weight`);
  return { gamma: tensor as tf.Tensor1D, frozen: !trainable };
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

export function rotaryDecoder(config: HfConfig, kin: Kin): DecoderSpec {
  if (config['use_sliding_window'] === true)
    throw new TabtuneError('unsupported', 'Models with sliding-window attention are not supported.', {
      place: { file: 'config.json' },
    });
  const hiddenSize = wholeNumber(config, 'hidden_size');
  const heads = wholeNumber(config, 'num_attention_heads');
  const keyValueHeads = wholeNumber(config, 'num_key_value_heads', heads);
  const headSize = wholeNumber(config, 'head_dim', hiddenSize / heads);
  const intermediateSize = wholeNumber(config, 'intermediate_size');
  const vocabularySize = wholeNumber(config, 'vocab_size');
  const layers = wholeNumber(config, 'num_hidden_layers');
  const epsilon = decimal(config, 'rms_norm_eps', 1e-6);
  const activation = word(config, 'hidden_act', 'silu');
  const tied = flag(config, 'tie_word_embeddings', false);
  const frequencies = ropeFrequencies(config, headSize);
  const embeddings = 'model.embed_tokens.weight';
  const layer = (index: number): string => `model.layers.${index}`;

  const slots: Slot[] = [{ name: embeddings, shape: [vocabularySize, hiddenSize], fresh: null }];
  const linear = (name: string, out: number, inputs: number, bias: boolean): void => {
    slots.push({ name: `${name}.weight`, shape: [out, inputs], fresh: null });
    if (bias) slots.push({ name: `${name}.bias`, shape: [out], fresh: null });
  };
  const scale = (name: string, size: number): void => {
    slots.push({ name: `${name}.weight`, shape: [size], fresh: null });
  };
  for (let i = 0; i < layers; i++) {
    const [attention, feedForward] = [`${layer(i)}.self_attn`, `${layer(i)}.mlp`];
    scale(`${layer(i)}.input_layernorm`, hiddenSize);
    linear(`${attention}.q_proj`, heads * headSize, hiddenSize, kin.attentionBias);
    for (const name of ['k_proj', 'v_proj'])
      linear(`${attention}.${name}`, keyValueHeads * headSize, hiddenSize, kin.attentionBias);
    linear(`${attention}.o_proj`, hiddenSize, heads * headSize, kin.outputBias);
    if (kin.headNorms) for (const name of ['q_norm', 'k_norm']) scale(`${attention}.${name}`, headSize);
    scale(`${layer(i)}.post_attention_layernorm`, hiddenSize);
    for (const name of ['gate_proj', 'up_proj'])
      linear(`${feedForward}.${name}`, intermediateSize, hiddenSize, kin.feedForwardBias);
    linear(`${feedForward}.down_proj`, hiddenSize, intermediateSize, kin.feedForwardBias);
  }
  scale('model.norm', hiddenSize);
  if (!tied) slots.push({ name: 'lm_head.weight', shape: [vocabularySize, hiddenSize], fresh: null });

  function attention(pass: Pass, x: tf.Tensor2D, index: number): tf.Tensor2D {
    const name = `${layer(index)}.self_attn`;
    const rotated = (states: tf.Tensor2D, normName: string): tf.Tensor2D => {
      const ready = kin.headNorms ? headNorm(pass, states, `${name}.${normName}`, headSize, epsilon) : states;
      return pass.angles ? rope(ready, pass.angles, headSize) : ready;
    };
    const queries = linearLayer(pass.context, x, `${name}.q_proj`, pass.lora);
    const [keys, v] = linearLayerPair(pass.context, x, [`${name}.k_proj`, `${name}.v_proj`], pass.lora);
    const mixed = attend(
      pass,
      index,
      rotated(queries, 'q_norm'),
      rotated(keys, 'k_norm'),
      v,
      pass.context.nextDropout(decimal(config, 'attention_dropout', 0)),
    );
    return linearLayer(pass.context, mixed, `${name}.o_proj`, pass.lora);
  }

  function feedForward(pass: Pass, x: tf.Tensor2D, index: number): tf.Tensor2D {
    const name = `${layer(index)}.mlp`;
    const [gate, up] = linearLayerPair(pass.context, x, [`${name}.gate_proj`, `${name}.up_proj`], pass.lora);
    const widened =
      activation === 'silu' ? swiglu(gate, up) : tf.mul<tf.Tensor2D>(activationNamed(activation)(gate), up);
    return linearLayer(pass.context, widened, `${name}.down_proj`, pass.lora);
  }

  return {
    prefix: 'model.',
    hiddenSize,
    intermediateSize,
    layers,
    heads,
    keyValueHeads,
    headSize,
    vocabularySize,
    maxPositions: wholeNumber(config, 'max_position_embeddings', 2048),
    embeddings,
    output: tied ? embeddings : 'lm_head.weight',
    slots,
    layer,
    linearModules: LINEAR_MODULES,
    embed: (pass, ids) => lookUp(pass, embeddings, ids),
    block(pass, stream, index) {
      const [x, normed] = residualNorm(pass, stream, `${layer(index)}.input_layernorm`, epsilon);
      const [attended, ready] = residualNorm(
        pass,
        { x, branch: attention(pass, normed, index) },
        `${layer(index)}.post_attention_layernorm`,
        epsilon,
      );
      return { x: attended, branch: feedForward(pass, ready, index) };
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
