/** A training run as the page sees it: its states, what happens in it, and what is left of it. */
import type { PlainError } from '../base/errors';
import type { Mapping, SplitConfig } from './dataset';
import type { ModelInfo, ModelSource } from './model';
import type { SplitName } from './task';
import type { TrainingConfig } from './training-config';
import type { TargetScale } from './target-scale';
import type { AdapterTuning } from './tuning';

export type RunStatus =
  'idle' | 'preparing' | 'training' | 'paused' | 'finishing' | 'finished' | 'failed' | 'cancelled';

/** Whether work is under way. */
export const isBusy = (status: RunStatus): boolean => ['preparing', 'training', 'paused', 'finishing'].includes(status);

/** One optimizer step, measured. */
export interface StepRecord {
  step: number;
  totalSteps: number;
  /** Passes over the training rows so far, fractional. */
  epoch: number;
  loss: number;
  learningRate: number;
  /** Global norm before clipping. */
  gradientNorm: number;
  examplesPerSecond: number;
  tokensPerSecond: number;
  elapsedMs: number;
  remainingMs: number;
  /** Bytes held by tensors on the engine's backend. */
  memoryBytes: number;
  /** What its objective tells beside the loss, by name (for preferences as TRL has them: `rewards/margins` …). */
  extras?: Record<string, number>;
}

export interface ValidationRecord {
  step: number;
  epoch: number;
  loss: number;
  metricName: string;
  metricValue: number;
  best: boolean;
}

/**
 * Where a run stands at a step's edge. With the weights, the moments and the best weights of that moment it is all that
 * the run needs to go on: randomness is counted from the seed, so the counters are its state.
 */
export interface TrainingProgress {
  /** Optimizer steps done. */
  step: number;
  /** Micro-batches done over the run; dropout counts them. */
  microStep: number;
  /** The pass under way, from 0. */
  epoch: number;
  /** Micro-batches done of that pass. */
  batch: number;
  /** Pauses left out. */
  elapsedMs: number;
  /** Step of the last validation, -1 before the first. */
  validatedAt: number;
  /** Validations since the best one. */
  sinceBest: number;
  best: ValidationRecord | null;
}

/** `bad-numbers`: a step gave a loss or a gradient that is not finite; the weights of the step before are kept. */
export type StopReason = 'completed' | 'stopped' | 'early-stopping' | 'bad-numbers';

/** What recorded steps of a run on the GPU amount to. */
export interface StepRecording {
  /** Shapes of batches that were recorded. */
  shapes: number;
  /** Of the step that was taken last. */
  dispatches: number;
  /** Bytes that recorded steps keep for themselves. */
  bytes: number;
  /** Why steps are not recorded, or null. */
  reason: string | null;
}

/** What happens in a run, in order. */
export type TrainEvent =
  | {
      type: 'phase';
      phase: 'numbers' | 'tokenizing' | 'features' | 'reference' | 'tuning' | 'training' | 'keeping-best';
      done: number;
      total: number;
    }
  | { type: 'step'; record: StepRecord }
  | { type: 'validation'; record: ValidationRecord }
  /** What the model says about a few fixed rows at this step; the lesson's page knows what it is. */
  | { type: 'look'; step: number; seen: unknown }
  /**
   * A run that was interrupted goes on, from its beginning where nothing was kept yet; what it had reported up to there
   * comes again, at once.
   */
  | { type: 'restored'; after: 'stop' | 'gpu-loss'; steps: StepRecord[]; validations: ValidationRecord[] }
  /** Something that a person should know of this run, in a sentence or two. */
  | { type: 'note'; message: string }
  /** Another shape of batch has been recorded, or none is any more. */
  | { type: 'recorded'; recording: StepRecording }
  /** The run's state at this step is kept, or could not be, which does not stop the run. */
  | { type: 'checkpoint'; step: number; problem: PlainError | null }
  /** Kernels were measured on the adapter that the run runs on, and chosen. */
  | { type: 'tuned'; tuning: AdapterTuning }
  | { type: 'paused'; step: number }
  | { type: 'resumed'; step: number }
  | { type: 'finished'; reason: StopReason; step: number; bestStep: number | null };

/** Raised when the shape of a run's record changes; lessons/records.ts brings older ones up to date. */
export const RUN_VERSION = 2;

/** The part of a run that is fixed when it starts. */
export interface RunStart {
  version: typeof RUN_VERSION;
  id: string;
  name: string;
  createdAt: string;
  datasetId: string;
  datasetName: string;
  datasetSha256: string;
  split: SplitConfig;
  splitRows: Record<SplitName, number>;
  modelSource: ModelSource;
  backend: string;
  device: string;
  /** With the lesson's own fields; `mapping.lesson` says which lesson it is. */
  mapping: Mapping;
  /** Classes in the order of their index; empty where the lesson has none. */
  labels: string[];
  /** How its numbers are learned; absent where it has none, or learns them as they are (as versions up to 2 did). */
  targetScale?: TargetScale | undefined;
  model: ModelInfo;
  /** With the lesson's own settings. */
  config: TrainingConfig;
}

/** What is known of a run at its end. */
export interface RunOutcome {
  reason: StopReason;
  steps: StepRecord[];
  validations: ValidationRecord[];
  elapsedMs: number;
  bestStep: number | null;
}

/** A finished run as it is kept and listed; `evaluation` is the lesson's report on the test rows, null before it. */
export type RunSummary = RunStart & RunOutcome & { evaluation: unknown };

/** A run that stopped before its end and can go on from its last checkpoint. */
export interface UnfinishedRun {
  start: RunStart;
  /** Steps done at the checkpoint. */
  step: number;
  totalSteps: number;
  savedAt: string;
  bytes: number;
}

/** A record of this version, or where it is not as it should be; `newer` when a later version of the app wrote it. */
export type Read<T> = { ok: true; value: T } | { ok: false; newer: boolean; at: string; message: string };

/** Reads what was kept of runs, whatever version of the app wrote it; those of this app are in lessons/records.ts. */
export interface RunReaders {
  start(value: unknown): Read<RunStart>;
  summary(value: unknown): Read<RunSummary>;
  /** Rows that were kept with a run; what they hold is its lesson's business. */
  replay(value: unknown, run: RunStart): Read<unknown[]>;
  /** Why a run's settings cannot be, or null. */
  problem(run: RunStart): string | null;
}
