/** What is left of a run: its record and its weights, in storage where it takes them. */
import { throwIfCancelled, toPlainError } from '../../base/errors';
import type { PlainError } from '../../base/errors';
import type { StopReason } from '../../domain/run';
import { writeSafetensors } from '../../formats/safetensors';
import type { RunRecords } from './checkpoints';
import type { FinishedLesson, Lesson } from './lesson';
import type { Context } from '../link/server';
import type { Session } from '../session';

export interface Learned extends RunRecords {
  reason: StopReason;
  bestStep: number | null;
  /** What ended the run before its time, when that was no wish of the person's. */
  problem: PlainError | null;
}

/** Writes weights and record to storage. When storage refuses, the run lives on in memory and the answer says why. */
export async function keep(
  session: Session,
  lesson: Lesson,
  learned: Learned,
  elapsedMs: number,
  context: Context,
): Promise<{ run: ReturnType<FinishedLesson['inHand']>; unsaved: PlainError | null }> {
  const weights = writeSafetensors(await session.engineTurns.take(() => lesson.weights.trained()), { format: 'pt' });
  throwIfCancelled(context.signal);
  const { reason, steps, validations, bestStep } = learned;
  const finished = lesson.finish({ reason, steps, validations, elapsedMs, bestStep });
  const { summary, replay } = finished;
  const storage = await session.storage();
  let unsaved: PlainError | null = null;
  try {
    await storage.putRun({ id: summary.id, createdAt: summary.createdAt, summary, replay }, weights);
  } catch (thrown) {
    unsaved = toPlainError(thrown);
  }
  return {
    run: finished.inHand(unsaved ? () => Promise.resolve(weights) : () => storage.runWeights(summary.id)),
    unsaved,
  };
}
