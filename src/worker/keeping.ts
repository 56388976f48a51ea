/** What is left of a run: its record and its weights, in storage where it takes them. */
import { throwIfCancelled, toPlainError } from '../base/errors';
import type { PlainError } from '../base/errors';
import type { RunSummary, StopReason } from '../domain/run';
import type { FineTuneModel } from '../engine/types';
import { writeSafetensors } from '../formats/safetensors';
import type { RunRecords } from './checkpointing';
import { CurrentRun } from './current-run';
import type { RunData } from './encode-rows';
import { heldOutOf } from './encode-rows';
import type { Setup } from './run-setup';
import type { Context } from './server';
import type { Session } from './session';

export interface Learned extends RunRecords {
  reason: StopReason;
  bestStep: number | null;
  /** What ended the run before its time, when that was no wish of the person's. */
  problem: PlainError | null;
}

/** Writes weights and record to storage. When storage refuses, the run lives on in memory and the answer says why. */
export async function keep(
  session: Session,
  setup: Setup,
  model: FineTuneModel,
  data: RunData,
  learned: Learned,
  elapsedMs: number,
  context: Context,
): Promise<{ run: CurrentRun; unsaved: PlainError | null }> {
  const weights = writeSafetensors(await session.engineTurns.take(() => model.trained()), { format: 'pt' });
  throwIfCancelled(context.signal);
  const { reason, steps, validations, bestStep } = learned;
  const summary: RunSummary = { ...setup.start, reason, steps, validations, elapsedMs, bestStep, evaluation: null };
  const storage = await session.storage();
  let unsaved: PlainError | null = null;
  try {
    await storage.putRun({ id: summary.id, createdAt: summary.createdAt, summary, replay: data.replay }, weights);
  } catch (thrown) {
    unsaved = toPlainError(thrown);
  }
  const readWeights = unsaved ? () => Promise.resolve(weights) : () => storage.runWeights(summary.id);
  const run = new CurrentRun({ summary, model: setup.model, replay: data.replay, weights: readWeights, heldOut: heldOutOf(data), tuned: model });
  return { run, unsaved };
}
