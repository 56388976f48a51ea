/** Settings of a training run as the engine takes them; defaults, bounds and controls are in lessons/settings.ts. */

/** `full` is shown as Thorough, `lora` as Balanced, `head` as Quick. */
export type Method = 'full' | 'lora' | 'head';
export type ScheduleName = 'linear' | 'cosine' | 'constant';

export interface LoraConfig {
  rank: number;
  alpha: number;
  dropout: number;
  /** Suffixes of linear layers as PEFT matches them, e.g. `query`, `attention.output.dense`. */
  targetModules: string[];
  /** Modules trained in full beside the adapter, e.g. `classifier`, `pooler`. */
  modulesToSave: string[];
}

export interface TrainingConfig {
  method: Method;
  learningRate: number;
  epochs: number;
  /** Examples a micro-batch. */
  batchSize: number;
  /** Micro-batches an optimizer step. */
  gradientAccumulation: number;
  /** Longest input in tokens; longer ones are cut at the end. */
  maxLength: number;
  schedule: ScheduleName;
  /** Share of all steps during which the learning rate rises from 0. */
  warmupRatio: number;
  weightDecay: number;
  /** Global gradient norm above which gradients are scaled down; 0 switches clipping off. */
  maxGradNorm: number;
  /** Dropout of hidden states, attention and classifier; null takes the model's own values. */
  dropout: number | null;
  /** Stop after this many validations without improvement; 0 never stops early. */
  earlyStoppingPatience: number;
  /** Return to the weights of the best validation at the end. */
  keepBest: boolean;
  /** Optimizer steps between validations; 0 validates once an epoch. */
  validateEverySteps: number;
  seed: number;
  lora: LoraConfig;
  /** What becomes of an adapter that came with the model; left out where none did. */
  fromAdapter?: FromAdapter | undefined;
}

/**
 * An adapter that came with a model is gone on with as it was made, or worked into the base before something new is
 * trained, or left out.
 */
export const FROM_ADAPTER = ['continue', 'merge', 'without'] as const;
export type FromAdapter = (typeof FROM_ADAPTER)[number];

/** Whether a run with these settings goes on with the model's adapter. */
export const goesOn = (
  { method, fromAdapter = 'continue' }: Pick<TrainingConfig, 'method' | 'fromAdapter'>,
  adapter: { obstacle: string | null } | undefined,
): boolean => adapter !== undefined && adapter.obstacle === null && method === 'lora' && fromAdapter === 'continue';

/** A run that gives labels or numbers. */
export interface LabelConfig extends TrainingConfig {
  labelSmoothing: number;
  /** `balanced` weighs each class by N / (classes × count). */
  classWeights: 'none' | 'balanced';
  /** Numbers only: learn their logarithms. */
  logTargets: boolean;
}

/** Settings measured for a model, of whatever lesson; those that a lesson does not have are passed over. */
export type Recipe = Readonly<Record<string, unknown>> & { readonly lora?: Partial<LoraConfig> };

/** Most micro-batches that a step may be made of. */
export const MOST_ACCUMULATION = 256;

/** How many rows are computed at once, and how often before a step. */
export type BatchShape = Pick<TrainingConfig, 'batchSize' | 'gradientAccumulation'>;

/**
 * The same rows a step with fewer at once, for less memory: half of them, or the next smaller share; null when they
 * cannot be fewer.
 */
export function smallerBatch({ batchSize, gradientAccumulation }: BatchShape): BatchShape | null {
  for (let share = 2; share <= batchSize; share++) {
    const smaller = { batchSize: batchSize / share, gradientAccumulation: gradientAccumulation * share };
    if (batchSize % share === 0) return smaller.gradientAccumulation <= MOST_ACCUMULATION ? smaller : null;
  }
  return null;
}
