/** Learning-rate schedules as transformers defines them (get_linear_schedule_with_warmup and its kin). */
import type { ScheduleName } from '../../domain/training-config';

/**
 * Rate of the optimizer step with index `step` (from 0): rises linearly from 0 over the warm-up, then falls linearly or
 * along half a cosine to 0 at `totalSteps`, or stays.
 */
export function learningRateAt(
  step: number,
  peak: number,
  schedule: ScheduleName,
  warmupSteps: number,
  totalSteps: number,
): number {
  if (step < warmupSteps) return (peak * step) / Math.max(1, warmupSteps);
  if (schedule === 'constant') return peak;
  const progress = (step - warmupSteps) / Math.max(1, totalSteps - warmupSteps);
  if (schedule === 'linear') return peak * Math.max(0, 1 - progress);
  return peak * Math.max(0, 0.5 * (1 + Math.cos(Math.PI * progress)));
}

/** Whole warm-up steps for a share of the run, rounded down as the reference recipe does. */
export const warmupSteps = (ratio: number, totalSteps: number): number => Math.floor(ratio * totalSteps);
