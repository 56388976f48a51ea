/** What the loss of the run in view is counted in, where its lesson has something to say of it. */
import { isBusy } from '../../domain/run';
import { lessonOf } from '../../lessons/index';
import { useData, useResults, useTraining } from '../../store';

export function useAboutLoss(): string | null {
  const busy = useTraining(({ status }) => isBusy(status));
  const kept = useResults(({ run }) => run);
  const data = useData(({ info }) => info);
  // Runs of earlier versions learned numbers as they are.
  if (!busy && kept) return kept.targetScale ? (lessonOf(kept.mapping).aboutLoss?.(kept.mapping) ?? null) : null;
  return data ? (lessonOf(data.mapping).aboutLoss?.(data.mapping) ?? null) : null;
}
