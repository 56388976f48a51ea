/** The validations of a run so far, and the weights of the best. */
import type { TrainingProgress, ValidationRecord } from '../../domain/run';
import type { NamedTensor } from '../../formats/tensor';
import type { TrainingState } from '../types';

export class History {
  /** The best validation and the weights that it was reached with, where those are kept. */
  best: { record: ValidationRecord; weights: NamedTensor[] } | null = null;
  /** The step of the last validation; -1 before the first. */
  validatedAt = -1;
  /** Validations since the best. */
  private sinceBest = 0;

  constructor(from: TrainingState | null) {
    if (!from) return;
    const { best, validatedAt, sinceBest } = from.progress;
    this.best = best && { record: best, weights: from.best };
    this.validatedAt = validatedAt;
    this.sinceBest = sinceBest;
  }

  /** @param weights reads those of the best, or gives none where they are not kept */
  async add(record: ValidationRecord, weights: () => Promise<NamedTensor[]>): Promise<void> {
    this.sinceBest = record.best ? 0 : this.sinceBest + 1;
    if (record.best) this.best = { record, weights: await weights() };
  }

  /** Whether so many validations in a row brought nothing better; never when 0 are asked for. */
  stale(patience: number): boolean {
    return patience > 0 && this.sinceBest >= patience;
  }

  progress(): Pick<TrainingProgress, 'validatedAt' | 'sinceBest' | 'best'> {
    return { validatedAt: this.validatedAt, sinceBest: this.sinceBest, best: this.best?.record ?? null };
  }
}
