/** One number a row. */
import { meanSquaredError } from '../kernels/mean-squared-error/op';
import type { LabelObjective } from './labels';

/** Σ (x − t)² / N: torch's `MSELoss`. */
export const meanSquaredErrorObjective = (): LabelObjective<Float32Array> => ({
  count: (targets) => targets.length,
  cost: (predicted, targets, total) => ({ loss: meanSquaredError(predicted, targets, total) }),
  extras: [],
});
