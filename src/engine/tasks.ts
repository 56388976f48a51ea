/** What each task makes of labels and logits: the objective it trains with, and what a person reads. */
import type { LabelValue, TaskKind } from '../domain/task';
import { binaryCrossEntropyObjective, crossEntropyObjective, meanSquaredErrorObjective } from './objectives';
import type { LabelLossOptions, LabelObjective, Targets } from './objectives/labels';

export interface Task {
  /** Logits a row, given the number of labels. */
  outputs(labels: number): number;
  /** Labels of a batch as numbers. */
  collate(labels: readonly LabelValue[]): Targets;
  objective(options: LabelLossOptions): LabelObjective;
}

export const TASKS: Record<TaskKind, Task> = {
  'single-label': {
    outputs: (labels) => labels,
    collate: (labels) => Int32Array.from(labels.flat()),
    objective: crossEntropyObjective,
  },
  'multi-label': {
    outputs: (labels) => labels,
    collate: (labels) => Float32Array.from(labels.flat()),
    objective: binaryCrossEntropyObjective,
  },
  regression: {
    outputs: () => 1,
    collate: (labels) => Float32Array.from(labels.flat()),
    objective: meanSquaredErrorObjective,
  },
};

/** Softmax over classes, a sigmoid a label, or the value itself. */
export function probabilities(task: TaskKind, logits: Float32Array): number[] {
  if (task === 'regression') return Array.from(logits);
  if (task === 'multi-label') return Array.from(logits, (x) => 1 / (1 + Math.exp(-x)));
  const highest = Math.max(...logits);
  const powers = Array.from(logits, (x) => Math.exp(x - highest));
  const sum = powers.reduce((total, power) => total + power, 0);
  return powers.map((power) => power / sum);
}
