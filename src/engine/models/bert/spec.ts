/** BERT (Devlin et al., arXiv:1810.04805), named as transformers' BertForSequenceClassification. */
import { tanh } from '../../nn/activation';
import { linearLayer } from '../../nn/linear';
import type { HfConfig } from '../../types';
import { linearSlots, type EncoderSpec } from '../architecture';
import { decimal, wholeNumber, word } from '../config';
import { postNormBody, type PostNormFigures } from '../post-norm';

/** Linear layers of a BERT-shaped body; RoBERTa shares them. */
export const BERT_LINEAR_MODULES = [
  'query',
  'key',
  'value',
  'attention.output.dense',
  'intermediate.dense',
  'output.dense',
];

/** The fields and names that BERT and RoBERTa share, under a prefix. */
export function bertFigures(config: HfConfig, prefix: string): PostNormFigures {
  const hiddenDropout = decimal(config, 'hidden_dropout_prob', 0.1);
  return {
    hiddenSize: wholeNumber(config, 'hidden_size'),
    layers: wholeNumber(config, 'num_hidden_layers'),
    heads: wholeNumber(config, 'num_attention_heads'),
    intermediateSize: wholeNumber(config, 'intermediate_size'),
    vocabularySize: wholeNumber(config, 'vocab_size'),
    positionRows: wholeNumber(config, 'max_position_embeddings'),
    firstPosition: 0,
    tokenTypes: wholeNumber(config, 'type_vocab_size', 2, 0),
    padId: wholeNumber(config, 'pad_token_id', 0, 0),
    positionPadId: null,
    activation: word(config, 'hidden_act', 'gelu'),
    normEpsilon: decimal(config, 'layer_norm_eps', 1e-12),
    hiddenDropout,
    attendedDropout: hiddenDropout,
    attentionDropout: decimal(config, 'attention_probs_dropout_prob', 0.1),
    classifierDropout: decimal(config, 'classifier_dropout', hiddenDropout),
    initializerRange: decimal(config, 'initializer_range', 0.02),
    embeddings: {
      words: `${prefix}embeddings.word_embeddings.weight`,
      positions: `${prefix}embeddings.position_embeddings.weight`,
      tokenTypes: `${prefix}embeddings.token_type_embeddings.weight`,
      norm: `${prefix}embeddings.LayerNorm`,
    },
    layer(index) {
      const layer = `${prefix}encoder.layer.${index}`;
      return {
        query: `${layer}.attention.self.query`,
        key: `${layer}.attention.self.key`,
        value: `${layer}.attention.self.value`,
        attentionOutput: `${layer}.attention.output.dense`,
        attentionNorm: `${layer}.attention.output.LayerNorm`,
        intermediate: `${layer}.intermediate.dense`,
        output: `${layer}.output.dense`,
        outputNorm: `${layer}.output.LayerNorm`,
      };
    },
    linearModules: BERT_LINEAR_MODULES,
  };
}

/** First token → pooler (tanh) → dropout → classifier. */
export function bert(config: HfConfig): EncoderSpec {
  const body = postNormBody(bertFigures(config, 'bert.'));
  const { hiddenSize, classifierDropout } = body;
  return {
    ...body,
    headSlots: (labels) => [
      ...linearSlots('bert.pooler.dense', hiddenSize, hiddenSize, true),
      ...linearSlots('classifier', labels, hiddenSize, true),
    ],
    head(context, first, lora) {
      const pooled = tanh(linearLayer(context, first, 'bert.pooler.dense', lora));
      return linearLayer(context, context.dropout(pooled, classifierDropout), 'classifier', null);
    },
    headModules: ['classifier', 'pooler'],
  };
}
