/** What is left of a run: its record and its weights, in storage where it takes them. */
import { throwIfCancelled, toPlainError } from '../../base/errors';
import type { PlainError } from '../../base/errors';
import type { RunSummary, StopReason } from '../../domain/run';
import { writeSafetensors } from '../../formats/safetensors';
import type { RunRecords } from './checkpoints';
import type { RunInHand } from './run';
import type { OpenLesson, Setup } from '../lesson';
import type { Call } from '../session';

export interface Learned extends RunRecords {
  reason: StopReason;
  bestStep: number | null;
  /** What ended the run before its time, when that was no wish of the person's. */
  problem: PlainError | null;
}

/** Writes weights and record to storage. When storage refuses, the run lives on in memory and the answer says why. */
export async function keep(
  { session, context }: Call,
  { start }: Setup,
  lesson: OpenLesson,
  { reason, steps, validations, bestStep }: Learned,
  elapsedMs: number,
): Promise<{ run: RunInHand; unsaved: PlainError | null }> {
  const weights = writeSafetensors(await session.engineTurns.take(() => lesson.weights.trained()), { format: 'pt' });
  throwIfCancelled(context.signal);
  const summary: RunSummary = { ...start, reason, steps, validations, elapsedMs, bestStep, evaluation: null };
  const replay = [...lesson.replay];
  const storage = await session.storage();
  let unsaved: PlainError | null = null;
  try {
    await storage.putRun({ id: summary.id, createdAt: summary.createdAt, summary, replay }, weights);
  } catch (thrown) {
    unsaved = toPlainError(thrown);
  }
  const read = unsaved ? () => Promise.resolve(weights) : () => storage.runWeights(summary.id);
  return { run: lesson.inHand(summary, read), unsaved };
}
