/** A rough time for a run before it starts, from the speed measured on this device. */
import type { ModelInfo } from '../domain/model';
import type { TrainingConfig } from '../domain/training-config';

export interface RunTimeInput {
  config: TrainingConfig;
  model: Pick<ModelInfo, 'parameters' | 'hiddenSize' | 'layers' | 'vocabularySize'>;
  /** Training rows. */
  rows: number;
  /** Mean length of a row in tokens. */
  meanTokens: number;
  /** Rate of a large matrix product on the device. */
  gflopsPerSecond: number;
}

/** Share of the measured rate that a whole step reaches: norms, softmax, padding and the optimizer take the rest. */
const EFFICIENCY = 0.35;

/**
 * Seconds, within a factor of two or so. A forward pass costs 2 FLOP per matrix weight and token; backward twice that
 * for full training, and once that with adapters, whose base weights need no gradient (Kaplan et al. 2020, section
 * 2.1).
 */
export function runSeconds({ config, model, rows, meanTokens, gflopsPerSecond }: RunTimeInput): number {
  const matrixWeights = Math.max(
    model.parameters - model.vocabularySize * model.hiddenSize,
    12 * model.layers * model.hiddenSize ** 2,
  );
  const forward = 2 * matrixWeights * meanTokens * rows;
  const flops = config.method === 'head' ? forward : forward * (config.method === 'full' ? 3 : 2.2) * config.epochs;
  return flops / (gflopsPerSecond * 1e9 * EFFICIENCY);
}
