/** DistilBERT (Sanh et al., arXiv:1910.01108), named as transformers' DistilBertForSequenceClassification. */
import * as tf from '@tensorflow/tfjs-core';
import { linearLayer } from '../../nn/linear';
import type { HfConfig } from '../../types';
import { linearSlots, type EncoderSpec } from '../architecture';
import { decimal, wholeNumber, word } from '../config';
import { postNormBody } from '../post-norm';

/** First token → pre_classifier (ReLU) → dropout → classifier. */
export function distilbert(config: HfConfig): EncoderSpec {
  const hiddenSize = wholeNumber(config, 'dim');
  const classifierDropout = decimal(config, 'seq_classif_dropout', 0.2);
  const body = postNormBody({
    hiddenSize,
    layers: wholeNumber(config, 'n_layers'),
    heads: wholeNumber(config, 'n_heads'),
    intermediateSize: wholeNumber(config, 'hidden_dim'),
    vocabularySize: wholeNumber(config, 'vocab_size'),
    positionRows: wholeNumber(config, 'max_position_embeddings'),
    firstPosition: 0,
    tokenTypes: 0,
    padId: wholeNumber(config, 'pad_token_id', 0, 0),
    positionPadId: null,
    activation: word(config, 'activation', 'gelu'),
    normEpsilon: 1e-12,
    hiddenDropout: decimal(config, 'dropout', 0.1),
    // transformers drops nothing out there.
    attendedDropout: 0,
    attentionDropout: decimal(config, 'attention_dropout', 0.1),
    classifierDropout,
    initializerRange: decimal(config, 'initializer_range', 0.02),
    embeddings: {
      words: 'distilbert.embeddings.word_embeddings.weight',
      positions: 'distilbert.embeddings.position_embeddings.weight',
      tokenTypes: '',
      norm: 'distilbert.embeddings.LayerNorm',
    },
    layer(index) {
      const layer = `distilbert.transformer.layer.${index}`;
      return {
        query: `${layer}.attention.q_lin`,
        key: `${layer}.attention.k_lin`,
        value: `${layer}.attention.v_lin`,
        attentionOutput: `${layer}.attention.out_lin`,
        attentionNorm: `${layer}.sa_layer_norm`,
        intermediate: `${layer}.ffn.lin1`,
        output: `${layer}.ffn.lin2`,
        outputNorm: `${layer}.output_layer_norm`,
      };
    },
    linearModules: ['q_lin', 'k_lin', 'v_lin', 'out_lin', 'lin1', 'lin2'],
  });
  return {
    ...body,
    headSlots: (labels) => [
      ...linearSlots('pre_classifier', hiddenSize, hiddenSize, true),
      ...linearSlots('classifier', labels, hiddenSize, true),
    ],
    head(context, first) {
      const bent = tf.relu(linearLayer(context, first, 'pre_classifier', null));
      return linearLayer(context, context.dropout(bent, classifierDropout), 'classifier', null);
    },
    headModules: ['classifier', 'pre_classifier'],
  };
}
