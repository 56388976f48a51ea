/** RoBERTa (Liu et al., arXiv:1907.11692), named as transformers' RobertaForSequenceClassification. */
import { tanh } from '../../nn/activation';
import { linearLayer } from '../../nn/linear';
import type { HfConfig } from '../../types';
import { linearSlots, type EncoderSpec } from '../architecture';
import { bertFigures } from '../bert/spec';
import { wholeNumber } from '../config';
import { postNormBody } from '../post-norm';

export function roberta(config: HfConfig): EncoderSpec {
  const padId = wholeNumber(config, 'pad_token_id', 1, 0);
  // Positions are counted from padId + 1 on; the row of padId belongs to padding.
  const figures = { ...bertFigures(config, 'roberta.'), padId, positionPadId: padId, firstPosition: padId + 1 };
  const body = postNormBody(figures);
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
  };
}
