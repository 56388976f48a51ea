/** Logits as a person reads them. */
import type { TaskKind } from '../../domain/task';

/** Softmax over classes, a sigmoid a label, or the value itself. */
export function probabilities(task: TaskKind, logits: Float32Array): number[] {
  if (task === 'regression') return Array.from(logits);
  if (task === 'multi-label') return Array.from(logits, (x) => 1 / (1 + Math.exp(-x)));
  const highest = Math.max(...logits);
  const powers = Array.from(logits, (x) => Math.exp(x - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
