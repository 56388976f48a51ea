/** RoBERTa (Liu et al., arXiv:1907.11692) and XLM-RoBERTa, named as transformers' RobertaForSequenceClassification. */
import { tanh } from '../nn/activation';
import { linearLayer } from '../nn/linear';
import type { HfConfig } from '../types';
import { linearSlots, type EncoderSpec } from './architecture';
import { bertBody } from './bert';
import { wholeNumber } from './config';

function robertaNamed(config: HfConfig, family: 'Roberta' | 'XLMRoberta'): EncoderSpec {
  const padId = wholeNumber(config, 'pad_token_id', 1, 0);
  // Positions are counted from padId + 1 on; the row of padId belongs to padding.
  const body = { ...bertBody(config, 'roberta.'), padId, positionPadId: padId, firstPosition: padId + 1 };
  const { hiddenSize, classifierDropout } = body;
  return {
    ...body,
    headSlots: (labels) => [
      ...linearSlots('classifier.dense', hiddenSize, hiddenSize, true),
      ...linearSlots('classifier.out_proj', labels, hiddenSize, true),
    ],
    head(context, first) {
      const bent = tanh(linearLayer(context, context.dropout(first, classifierDropout), 'classifier.dense', null));
      return linearLayer(context, context.dropout(bent, classifierDropout), 'classifier.out_proj', null);
    },
    headModules: ['classifier'],
    classNames: { sequence: `${family}ForSequenceClassification`, token: `${family}ForTokenClassification` },
  };
}

export const roberta = (config: HfConfig): EncoderSpec => robertaNamed(config, 'Roberta');
export const xlmRoberta = (config: HfConfig): EncoderSpec => robertaNamed(config, 'XLMRoberta');
