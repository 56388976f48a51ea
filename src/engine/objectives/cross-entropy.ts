/** One class a row (or a token). */
import { crossEntropy } from '../kernels/cross-entropy/op';
import { totalWeight } from '../kernels/cross-entropy/targets';
import type { LabelLossOptions, LabelObjective } from './labels';

/**
 * −Σ T·log softmax(logits) / Σ w[y] with T[c] = (1 − ε)·w[y]·1[c = y] + (ε / C)·w[c]: torch's `CrossEntropyLoss` with
 * class weights w and label smoothing ε.
 */
export const crossEntropyObjective = (
  { classWeights, labelSmoothing }: LabelLossOptions = { classWeights: null, labelSmoothing: 0 },
): LabelObjective<Int32Array> => ({
  count: (targets) => totalWeight(targets, classWeights),
  cost: (logits, targets, total) => ({
    loss: crossEntropy(logits, targets, { weights: classWeights, smoothing: labelSmoothing }, total),
  }),
  extras: [],
});
