/**
 * GPT-2 (Radford et al. 2019), named as transformers' GPT2LMHeadModel: learned positions, layer norm before each part,
 * weights stored [in, out].
 */
import * as tf from '@tensorflow/tfjs-core';
import { TabtuneError } from '../../../base/errors';
import { tiesEmbeddings } from '../../../domain/architectures';
import { activationNamed } from '../../nn/activation';
import { conv1dLayer } from '../../nn/linear';
import { normOf } from '../../nn/norm';
import { sum } from '../../nn/sum';
import type { HfConfig } from '../../types';
import { normSlots, type Slot } from '../architecture';
import { decimal, flag, wholeNumber, word } from '../config';
import { addedUp, attend, lookUp, type DecoderSpec, type Pass } from '../decoder';

/** Throws `unsupported` for settings of scores that GPT-2 checkpoints hardly ever have. */
function checkScores(config: HfConfig): void {
  for (const [field, usual] of [
    ['scale_attn_weights', true],
    ['scale_attn_by_inverse_layer_idx', false],
    ['add_cross_attention', false],
  ] as const)
    if (flag(config, field, usual) !== usual)
      throw new TabtuneError('unsupported', `config.json: "${field}": ${!usual} is not supported.`, {
        place: { file: 'config.json' },
      });
}

const WORDS = 'transformer.wte.weight';
const POSITIONS = 'transformer.wpe.weight';
const layer = (index: number): string => `transformer.h.${index}`;

function figuresOf(config: HfConfig) {
  const hiddenSize = wholeNumber(config, 'n_embd', 768);
  const heads = wholeNumber(config, 'n_head', 12);
  return {
    hiddenSize,
    heads,
    layers: wholeNumber(config, 'n_layer', 12),
    intermediateSize: wholeNumber(config, 'n_inner', 4 * hiddenSize),
    vocabularySize: wholeNumber(config, 'vocab_size'),
    maxPositions: wholeNumber(config, 'n_positions', 1024),
    epsilon: decimal(config, 'layer_norm_epsilon', 1e-5),
    activation: word(config, 'activation_function', 'gelu_new'),
    embeddingDropout: decimal(config, 'embd_pdrop', 0.1),
    attentionDropout: decimal(config, 'attn_pdrop', 0.1),
    residualDropout: decimal(config, 'resid_pdrop', 0.1),
    tied: tiesEmbeddings(config),
  };
}

type Figures = ReturnType<typeof figuresOf>;

function slotsOf({ hiddenSize, intermediateSize, vocabularySize, maxPositions, layers, tied }: Figures): Slot[] {
  const table = (name: string, rows: number): Slot => ({ name, shape: [rows, hiddenSize], fresh: null });
  const conv1d = (name: string, inputs: number, out: number): Slot[] => [
    { name: `${name}.weight`, shape: [inputs, out], fresh: null },
    { name: `${name}.bias`, shape: [out], fresh: null },
  ];
  const blocks = Array.from({ length: layers }, (_, i) => [
    ...normSlots(`${layer(i)}.ln_1`, hiddenSize),
    ...conv1d(`${layer(i)}.attn.c_attn`, hiddenSize, 3 * hiddenSize),
    ...conv1d(`${layer(i)}.attn.c_proj`, hiddenSize, hiddenSize),
    ...normSlots(`${layer(i)}.ln_2`, hiddenSize),
    ...conv1d(`${layer(i)}.mlp.c_fc`, hiddenSize, intermediateSize),
    ...conv1d(`${layer(i)}.mlp.c_proj`, intermediateSize, hiddenSize),
  ]);
  return [
    table(WORDS, vocabularySize),
    table(POSITIONS, maxPositions),
    ...blocks.flat(),
    ...normSlots('transformer.ln_f', hiddenSize),
    ...(tied ? [] : [table('lm_head.weight', vocabularySize)]),
  ];
}

function attention(pass: Pass, figures: Figures, x: tf.Tensor2D, index: number): tf.Tensor2D {
  const { context, lora } = pass;
  const name = `${layer(index)}.attn`;
  const [q, k, v] = tf.split(conv1dLayer(context, x, `${name}.c_attn`, lora), 3, 1) as [
    tf.Tensor2D,
    tf.Tensor2D,
    tf.Tensor2D,
  ];
  const mixed = attend(pass, index, q, k, v, context.nextDropout(figures.attentionDropout));
  return context.dropout(conv1dLayer(context, mixed, `${name}.c_proj`, lora), figures.residualDropout);
}

function feedForward({ context, lora }: Pass, figures: Figures, x: tf.Tensor2D, index: number): tf.Tensor2D {
  const name = `${layer(index)}.mlp`;
  const widened = activationNamed(figures.activation)(conv1dLayer(context, x, `${name}.c_fc`, lora));
  return context.dropout(conv1dLayer(context, widened, `${name}.c_proj`, lora), figures.residualDropout);
}

export function gpt2(config: HfConfig): DecoderSpec {
  checkScores(config);
  const figures = figuresOf(config);
  const { hiddenSize, heads, epsilon, tied, embeddingDropout } = figures;
  return {
    ...figures,
    prefix: 'transformer.',
    keyValueHeads: heads,
    headSize: hiddenSize / heads,
    embeddings: WORDS,
    output: tied ? WORDS : 'lm_head.weight',
    slots: slotsOf(figures),
    layer,
    linearModules: ['c_attn', 'c_proj', 'c_fc'],
    embed(pass, ids) {
      const sum = tf.add<tf.Tensor2D>(lookUp(pass, WORDS, ids), lookUp(pass, POSITIONS, pass.positions));
      return pass.context.dropout(sum, embeddingDropout);
    },
    block(pass, stream, index) {
      const x = addedUp(stream);
      const before = normOf(pass.context, x, `${layer(index)}.ln_1`, epsilon);
      const attended = sum(x, attention(pass, figures, before, index));
      const between = normOf(pass.context, attended, `${layer(index)}.ln_2`, epsilon);
      return { x: attended, branch: feedForward(pass, figures, between, index) };
    },
    finalNorm: (pass, stream) => normOf(pass.context, addedUp(stream), 'transformer.ln_f', epsilon),
    angles: () => null,
  };
}
