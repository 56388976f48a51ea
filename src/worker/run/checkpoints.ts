/** When a run's state is kept while it trains, and what becomes of it when storage refuses. */
import { toPlainError } from '../../base/errors';
import type { RunStart, StepRecord, TrainEvent, ValidationRecord } from '../../domain/run';
import type { KernelChoices } from '../../domain/tuning';
import type { TrainingState } from '../../engine/types';
import { readCheckpoint, writeCheckpoint } from '../../formats/checkpoint';
import { readSafetensors, writeSafetensors } from '../../formats/safetensors';
import type { ReadCheckpoint } from '../../storage/checkpoints';
import type { Storage } from '../../storage/storage';

/**
 * A checkpoint is due after so many steps or so much time, whichever comes first, as long as keeping takes no more than
 * its share of the time.
 */
export interface CheckpointPolicy {
  everySteps: number;
  everyMs: number;
  share: number;
}

export const CHECKPOINT_POLICY: CheckpointPolicy = { everySteps: 200, everyMs: 10_000, share: 0.1 };

/** What a run has reported so far. */
export interface RunRecords {
  steps: StepRecord[];
  validations: ValidationRecord[];
}

/** What is kept with them: the kernels that the run takes. */
export interface KeptRecords extends RunRecords {
  kernels: KernelChoices;
}

/** Where an interrupted run goes on from. */
export interface Interrupted {
  state: TrainingState;
  records: RunRecords;
  kernels: KernelChoices;
}

export class CheckpointWriter {
  private readonly parts: {
    storage: Storage;
    start: RunStart;
    records: KeptRecords;
    policy: CheckpointPolicy;
    tell: (event: TrainEvent) => void;
  };
  private last: { step: number; endedAt: number; tookMs: number };

  /** @param step the checkpoint that the run goes on from; 0 for a new run, which has nothing worth keeping yet */
  constructor(parts: CheckpointWriter['parts'], step: number) {
    this.parts = parts;
    this.last = { step, endedAt: performance.now(), tookMs: 0 };
  }

  /** Keeps a state. A refusal of storage is told and does not stop the run; the checkpoint before stays. */
  async keep(state: TrainingState): Promise<void> {
    const startedAt = performance.now();
    const { step } = state.progress;
    const problem = await this.save(state).then(() => null, toPlainError);
    this.last = { step, endedAt: performance.now(), tookMs: performance.now() - startedAt };
    this.parts.tell({ type: 'checkpoint', step, problem });
  }

  /** Whether the state is to be kept, when `step` was told last; `wanted`: without regard to the policy. */
  due(step: number, wanted: boolean): boolean {
    const { policy } = this.parts;
    if (step === this.last.step) return false;
    if (wanted) return true;
    const waitedMs = performance.now() - this.last.endedAt;
    return (
      (step - this.last.step >= policy.everySteps || waitedMs >= policy.everyMs) &&
      waitedMs >= this.last.tookMs / policy.share
    );
  }

  private save({ progress, parameters, moments, best }: TrainingState): Promise<void> {
    const { storage, start, records } = this.parts;
    const bestStep = best.length > 0 ? progress.best?.step : undefined;
    return storage.checkpoints.save(start, {
      step: progress.step,
      totalSteps: records.steps.at(-1)?.totalSteps ?? progress.step,
      state: writeCheckpoint({ progress, ...records, parameters, moments }),
      best: bestStep === undefined ? null : { step: bestStep, bytes: () => writeSafetensors(best) },
    });
  }
}

/** A kept checkpoint as the engine and the page take it. Throws `unsupported` when another version wrote it. */
export function openCheckpoint({ start, state, best }: ReadCheckpoint): Interrupted {
  const { progress, steps, validations, kernels, parameters, moments } = readCheckpoint(
    state,
    `The checkpoint of “${start.name}”`,
  );
  const bestWeights = best ? [...readSafetensors(best, `The best weights of “${start.name}”`).tensors.values()] : [];
  return { state: { progress, parameters, moments, best: bestWeights }, records: { steps, validations }, kernels };
}
