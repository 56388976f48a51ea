/** The engine's contract with the worker: plain data in, plain data and events out; tensors never leave the engine. */
import type { AdapterPlan } from './adapters/plan';
import type { NamedTensor } from '../formats/tensor';
import type { TrainingProgress } from '../domain/run';
import type { TargetScale } from '../domain/target-scale';
import type { LabelValue, TaskKind } from '../domain/task';
import type { Method, TrainingConfig } from '../domain/training-config';

/** A tokenized example, unpadded. `typeIds` is null for models without token types. */
export interface EncodedExample {
  row: number;
  ids: Int32Array;
  typeIds: Int32Array | null;
  label: LabelValue;
}

/** `config.json` of a Hugging Face folder, as parsed JSON. */
export type HfConfig = Readonly<Record<string, unknown>>;

export interface BuildOptions {
  config: HfConfig;
  /** Checkpoint tensors by Hugging Face name. Read one at a time so that the file need not be held twice. */
  tensors: ReadonlyMap<string, NamedTensor>;
  task: TaskKind;
  labels: readonly string[];
  /** How numbers are learned; without it, as they are. */
  targets?: TargetScale | undefined;
  training: TrainingConfig;
  /** An adapter in PEFT names to start from (LoRA only). */
  adapter?: ReadonlyMap<string, NamedTensor>;
  /** Its layers and saved parameters, where they are not those that the settings name. */
  plan?: AdapterPlan;
}

/**
 * A model with its head on the active backend. Parameters carry Hugging Face names and layouts, F32.
 * LoRA weights carry PEFT names without the prefix `base_model.model.` (`….query.lora_A.weight`).
 */
export interface FineTuneModel {
  readonly task: TaskKind;
  readonly method: Method;
  readonly labels: readonly string[];
  readonly trainableParameters: number;
  readonly totalParameters: number;
  readonly maxPositions: number;
  /** True when the head's weights came with the checkpoint, false when they were drawn from the seed. */
  readonly headFromCheckpoint: boolean;
  /** Trainable parameters as they are now: enough, with the base checkpoint, to rebuild the model. */
  trained(): Promise<NamedTensor[]>;
  /** Puts trained() values back. Throws `bad-model` naming a tensor that does not fit. */
  restore(tensors: ReadonlyMap<string, NamedTensor>): void;
  /**
   * All parameters under Hugging Face names, LoRA merged into its layers. For method `head`: the encoder and
   * `linear.weight`/`linear.bias`. Here and in `adapter()` a head of numbers answers in their unit (or their
   * logarithms).
   */
  merged(): Promise<NamedTensor[]>;
  /** The PEFT adapter's tensors under PEFT's file names (LoRA only). */
  adapter(): Promise<NamedTensor[]>;
  /** Logits per example, in the order given; each of length labels (regression: one number in the unit of the data). */
  predict(examples: readonly EncodedExample[], options?: PredictOptions): Promise<Float32Array[]>;
  dispose(): void;
}

export interface PredictOptions {
  batchSize?: number;
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

/**
 * Everything a run is at a step's edge: with it a fresh model goes on to the same bits as if it had never stopped, on
 * the same device.
 */
export interface TrainingState {
  progress: TrainingProgress;
  /** `trained()` of the model. */
  parameters: NamedTensor[];
  /** Of the optimizer, under torch's names: `<parameter>.exp_avg` and `<parameter>.exp_avg_sq`. */
  moments: NamedTensor[];
  /** `trained()` at the best validation; empty when there was none or the best is not kept. */
  best: NamedTensor[];
}

export interface TrainData {
  train: readonly EncodedExample[];
  validation: readonly EncodedExample[];
}
