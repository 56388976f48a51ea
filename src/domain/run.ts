/** A training run as the page sees it: its states, what happens in it, and what is left of it. */
import type { PlainError } from '../base/errors';
import type { LabelMapping, LanguageMapping, SplitConfig } from './dataset';
import type { LanguageConfig } from './language-config';
import type { LanguageEvaluation } from './language-evaluation';
import type { EvaluationReport } from './metrics';
import type { DecoderInfo, EncoderInfo, ModelSource } from './model';
import { isLanguageTask } from './task';
import type { LanguageTask, SplitName, TaskKind } from './task';
import type { TrainingConfig } from './training-config';
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

/** What the model says about a fixed row while it learns. */
export interface WatchedPrediction {
  row: number;
  text: string;
  textPair?: string;
  expected: string;
  predicted: string;
  /** Probability per label; for regression the single predicted value. */
  probabilities: number[];
  correct: boolean | null;
}

/** What the model writes for a fixed question while it learns. */
export interface WrittenSample {
  row: number;
  question: string;
  expected: string;
  answer: string;
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

/** What the training loop yields, in order. */
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

export type TrainEvent =
  | {
      type: 'phase';
      phase: 'tokenizing' | 'features' | 'reference' | 'tuning' | 'training' | 'keeping-best';
      done: number;
      total: number;
    }
  | { type: 'step'; record: StepRecord }
  | { type: 'validation'; record: ValidationRecord }
  | { type: 'watched'; step: number; predictions: WatchedPrediction[] }
  | { type: 'samples'; step: number; samples: WrittenSample[] }
  /**
   * A run that was interrupted goes on, from its beginning where nothing was kept yet; what it had reported up to there
   * comes again, at once.
   */
  | { type: 'restored'; after: 'stop' | 'gpu-loss'; steps: StepRecord[]; validations: ValidationRecord[] }
  /** Another shape of batch has been recorded, or none is any more. */
  | { type: 'recorded'; recording: StepRecording }
  /** The run's state at this step is kept, or could not be, which does not stop the run. */
  | { type: 'checkpoint'; step: number; problem: PlainError | null }
  /** Kernels were measured on the adapter that the run runs on, and chosen. */
  | { type: 'tuned'; tuning: AdapterTuning }
  | { type: 'paused'; step: number }
  | { type: 'resumed'; step: number }
  | { type: 'finished'; reason: StopReason; step: number; bestStep: number | null };

/** What every run has. */
interface RunFacts {
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
}

/** What a run that teaches labels starts with. */
export interface LabelRunStart extends RunFacts {
  task: TaskKind;
  labels: string[];
  mapping: LabelMapping;
  model: EncoderInfo;
  config: TrainingConfig;
}

/** What a run that teaches writing starts with. */
export interface LanguageRunStart extends RunFacts {
  task: LanguageTask;
  mapping: LanguageMapping;
  model: DecoderInfo;
  config: LanguageConfig;
}

/** The part of a run that is fixed when it starts. */
export type RunStart = LabelRunStart | LanguageRunStart;

/** What is known of a run at its end. */
export interface RunOutcome {
  reason: StopReason;
  steps: StepRecord[];
  validations: ValidationRecord[];
  elapsedMs: number;
  bestStep: number | null;
}

/**
 * Finished runs as they are kept and listed; `evaluation` holds the test rows' figures, once they have been computed.
 */
export type LabelRun = LabelRunStart & RunOutcome & { evaluation: EvaluationReport | null };
export type LanguageRun = LanguageRunStart & RunOutcome & { evaluation: LanguageEvaluation | null };
export type RunSummary = LabelRun | LanguageRun;

export const isLanguageRun = (run: RunSummary): run is LanguageRun => isLanguageTask(run.task);
export const isLanguageStart = (start: RunStart): start is LanguageRunStart => isLanguageTask(start.task);

/** A run that stopped before its end and can go on from its last checkpoint. */
export interface UnfinishedRun {
  start: RunStart;
  /** Steps done at the checkpoint. */
  step: number;
  totalSteps: number;
  savedAt: string;
  bytes: number;
}
