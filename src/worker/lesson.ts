/**
 * The worker's face of a lesson: how it reads rows for a model, teaches them, and takes up what was taught. Types only;
 * lessons/<id>/worker/index.ts exports one as `worker`.
 */
import type { DatasetInfo } from '../domain/dataset';
import type { RunStart, RunSummary } from '../domain/run';
import type { TargetScale } from '../domain/target-scale';
import type { TrainingConfig } from '../domain/training-config';
import type { Learner, Made } from '../engine/training/learner';
import type { NamedTensor } from '../formats/tensor';
import type { MemoryEstimate, TokenLengths } from './link/protocol';
import type { RunInHand } from './run/run';
import type { Call, LoadedModel } from './session';

/** What is fixed when a run starts. */
export interface Setup {
  start: RunStart;
  model: LoadedModel;
  /** The data set as it was when it was checked. */
  info: DatasetInfo;
}

/** A run as it is kept. */
export interface KeptRun {
  summary: RunSummary;
  /** Rows that the lesson kept with it. */
  replay: readonly unknown[];
  model: LoadedModel;
  /** Reads the trained parameters back. */
  weights: () => Promise<Uint8Array>;
}

/**
 * Models given here are such as the lesson `fits`, where nothing else is said; settings may still be in a person's
 * hands, but for those of a run; the mapping of the open data set is the lesson's own.
 */
export interface LessonWorker {
  /** The settings that the length of rows depends on: as long as they are the same, rows are not counted again. */
  lengthSettings(config: TrainingConfig): unknown;
  /** Tokens of the usable rows as the loaded model reads them; large sets are sampled. Throws `cancelled`. */
  lengths(call: Call, config: TrainingConfig): Promise<TokenLengths>;
  /**
   * What the loaded model sees of a row (from 1), whether or not it fits; throws `bad-config` where it sees nothing of
   * it, and `bad-data` for a row that is left out. Settings are null where there are none, for want of a model that
   * fits.
   */
  rowSeen(call: Call, row: number, config: TrainingConfig | null): unknown;
  /** What training on the open data set would take. `longest`: tokens of the longest row, cut at the limit. */
  estimate(call: Call, config: TrainingConfig, longest: number): MemoryEstimate;
  /**
   * What changes products of matrices beside method, adapter and batch, in words: "base q4". Empty where nothing does.
   */
  workload(config: TrainingConfig): string;
  /** How a new run is to learn the numbers of its training rows, or null. Throws as `open`. */
  targetScale?(call: Call, setup: Setup): Promise<TargetScale | null>;
  /**
   * Reads the rows, once; what it returns builds the model on them, as often as a GPU is lost. Throws `cancelled` and
   * `bad-data`, building throws what the engine throws.
   */
  open(call: Call, setup: Setup): Promise<() => Promise<OpenLesson>>;
  /** A kept run as the one in hand; its models are built when they are needed. */
  reopen(run: KeptRun): RunInHand;
}

/** A model with its rows: what conducts a run knows of it. */
export interface OpenLesson {
  readonly weights: { trained(): Promise<NamedTensor[]>; dispose(): void };
  /** Whether there is something to see before the first step that costs little. */
  readonly looksFirst: boolean;
  /** Rows that are kept with the run, to replay exports on. */
  readonly replay: readonly unknown[];
  begin(signal: AbortSignal): Learner | Made;
  /** What the model says about a few fixed rows now. It takes its own turns of the engine. */
  look(): Promise<unknown>;
  /** The run that has ended. @param weights reads the trained parameters back */
  inHand(summary: RunSummary, weights: () => Promise<Uint8Array>): RunInHand;
}
