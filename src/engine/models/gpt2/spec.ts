/**
 * GPT-2 (Radford et al. 2019), named as transformers' GPT2LMHeadModel: learned positions, layer norm before each part,
 * weights stored [in, out].
 */
import * as tf from '@tensorflow/tfjs-core';
import { TabtuneError } from '../../../base/errors';
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

export function gpt2(config: HfConfig): DecoderSpec {
  checkScores(config);
  const hiddenSize = wholeNumber(config, 'n_embd', 768);
  const heads = wholeNumber(config, 'n_head', 12);
  const layers = wholeNumber(config, 'n_layer', 12);
  const intermediateSize = wholeNumber(config, 'n_inner', 4 * hiddenSize);
  const vocabularySize = wholeNumber(config, 'vocab_size');
  const maxPositions = wholeNumber(config, 'n_positions', 1024);
  const epsilon = decimal(config, 'layer_norm_epsilon', 1e-5);
  const activation = word(config, 'activation_function', 'gelu_new');
  const residualDropout = decimal(config, 'resid_pdrop', 0.1);
  const tied = flag(config, 'tie_word_embeddings', true);
  const [words, positions] = ['transformer.wte.weight', 'transformer.wpe.weight'];
  const layer = (index: number): string => `transformer.h.${index}`;

  const conv1dSlots = (name: string, inputs: number, out: number): Slot[] => [
    { name: `${name}.weight`, shape: [inputs, out], fresh: null },
    { name: `${name}.bias`, shape: [out], fresh: null },
  ];
  const slots: Slot[] = [
    { name: words, shape: [vocabularySize, hiddenSize], fresh: null },
    { name: positions, shape: [maxPositions, hiddenSize], fresh: null },
  ];
  for (let i = 0; i < layers; i++)
    slots.push(
      ...normSlots(`${layer(i)}.ln_1`, hiddenSize),
      ...conv1dSlots(`${layer(i)}.attn.c_attn`, hiddenSize, 3 * hiddenSize),
      ...conv1dSlots(`${layer(i)}.attn.c_proj`, hiddenSize, hiddenSize),
      ...normSlots(`${layer(i)}.ln_2`, hiddenSize),
      ...conv1dSlots(`${layer(i)}.mlp.c_fc`, hiddenSize, intermediateSize),
      ...conv1dSlots(`${layer(i)}.mlp.c_proj`, intermediateSize, hiddenSize),
    );
  slots.push(...normSlots('transformer.ln_f', hiddenSize));
  if (!tied) slots.push({ name: 'lm_head.weight', shape: [vocabularySize, hiddenSize], fresh: null });

  function attention(pass: Pass, x: tf.Tensor2D, index: number): tf.Tensor2D {
    const name = `${layer(index)}.attn`;
    const [q, k, v] = tf.split(conv1dLayer(pass.context, x, `${name}.c_attn`, pass.lora), 3, 1) as [
      tf.Tensor2D,
      tf.Tensor2D,
      tf.Tensor2D,
    ];
    const mixed = attend(pass, index, q, k, v, pass.context.nextDropout(decimal(config, 'attn_pdrop', 0.1)));
    return pass.context.dropout(conv1dLayer(pass.context, mixed, `${name}.c_proj`, pass.lora), residualDropout);
  }

  function feedForward(pass: Pass, x: tf.Tensor2D, index: number): tf.Tensor2D {
    const name = `${layer(index)}.mlp`;
    const widened = activationNamed(activation)(conv1dLayer(pass.context, x, `${name}.c_fc`, pass.lora));
    return pass.context.dropout(conv1dLayer(pass.context, widened, `${name}.c_proj`, pass.lora), residualDropout);
  }

  return {
    prefix: 'transformer.',
    hiddenSize,
    intermediateSize,
    layers,
    heads,
    keyValueHeads: heads,
    headSize: hiddenSize / heads,
    vocabularySize,
    maxPositions,
    embeddings: words,
    output: tied ? words : 'lm_head.weight',
    slots,
    layer,
    linearModules: ['c_attn', 'c_proj', 'c_fc'],
    embed: (pass, ids) =>
      pass.context.dropout(
        tf.add(lookUp(pass, words, ids), lookUp(pass, positions, pass.positions)),
        decimal(config, 'embd_pdrop', 0.1),
      ),
    block(pass, stream, index) {
      const x = addedUp(stream);
      const attended = sum(x, attention(pass, normOf(pass.context, x, `${layer(index)}.ln_1`, epsilon), index));
      return {
        x: attended,
        branch: feedForward(pass, normOf(pass.context, attended, `${layer(index)}.ln_2`, epsilon), index),
      };
    },
    finalNorm: (pass, stream) => normOf(pass.context, addedUp(stream), 'transformer.ln_f', epsilon),
    angles: () => null,
  };
}
