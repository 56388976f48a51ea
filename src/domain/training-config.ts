/** Every setting of a training run: its meaning, its bounds, its default and the reason for the default. */

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
  labelSmoothing: number;
  /** `balanced` weighs each class by N / (classes × count). */
  classWeights: 'none' | 'balanced';
  /** Stop after this many validations without improvement; 0 never stops early. */
  earlyStoppingPatience: number;
  /** Return to the weights of the best validation at the end. */
  keepBest: boolean;
  /** Optimizer steps between validations; 0 validates once an epoch. */
  validateEverySteps: number;
  seed: number;
  lora: LoraConfig;
}

export type Recipe = Partial<Omit<TrainingConfig, 'lora' | 'method'>> & { lora?: Partial<LoraConfig> };

/** What defaults depend on. */
export interface DefaultsContext {
  method: Method;
  hiddenSize: number;
  trainExamples: number;
  /** Longest position the model knows. */
  maxPositions: number;
  /** Linear layers that LoRA can target and modules it can save, named by the architecture. */
  linearModules: string[];
  headModules: string[];
  /** A recipe measured for this very model, if its card carries one. */
  recipe: Recipe | null;
}

/** A default with the sentence shown beside the field. */
export interface ConfigDefaults {
  config: TrainingConfig;
  reasons: Partial<Record<keyof TrainingConfig, string>>;
}

interface Bound {
  min: number;
  max: number;
  integer: boolean;
}

/** Inclusive bounds of each numeric field; the page's inputs and `checkConfig` share them. */
export const BOUNDS = {
  learningRate: { min: 1e-7, max: 1, integer: false },
  epochs: { min: 1, max: 1000, integer: true },
  batchSize: { min: 1, max: 1024, integer: true },
  gradientAccumulation: { min: 1, max: 256, integer: true },
  maxLength: { min: 4, max: 8192, integer: true },
  warmupRatio: { min: 0, max: 1, integer: false },
  weightDecay: { min: 0, max: 1, integer: false },
  maxGradNorm: { min: 0, max: 1000, integer: false },
  labelSmoothing: { min: 0, max: 0.9, integer: false },
  earlyStoppingPatience: { min: 0, max: 100, integer: true },
  validateEverySteps: { min: 0, max: 1_000_000, integer: true },
  seed: { min: 0, max: 2 ** 31 - 1, integer: true },
} as const satisfies Partial<Record<keyof TrainingConfig, Bound>>;

export type BoundedField = keyof typeof BOUNDS;

const BASE_LEARNING_RATE: Record<Method, number> = { full: 5e-5, lora: 5e-4, head: 1e-2 };
/** Width of the models that the textbook learning rates were found on (BERT base). */
const BASE_WIDTH = 768;
/** Optimizer steps below which the textbook rates leave a model under-trained. */
const ENOUGH_STEPS = 500;

/**
 * The settings used when a person changes nothing. A model's measured recipe wins; without one the textbook values are
 * scaled up for narrow models and short runs (both leave a model under-trained at the textbook rate).
 */
export function defaultConfig(context: DefaultsContext): ConfigDefaults {
  const { method, recipe } = context;
  const head = method === 'head';
  const config: TrainingConfig = {
    method,
    learningRate: BASE_LEARNING_RATE[method],
    epochs: head ? 30 : 3,
    batchSize: head ? 32 : 16,
    gradientAccumulation: 1,
    maxLength: Math.min(128, context.maxPositions),
    schedule: head ? 'constant' : 'linear',
    warmupRatio: head ? 0 : 0.1,
    weightDecay: 0.01,
    maxGradNorm: 1,
    dropout: null,
    labelSmoothing: 0,
    classWeights: 'none',
    earlyStoppingPatience: 0,
    keepBest: true,
    validateEverySteps: 0,
    seed: 1,
    lora: {
      rank: 8,
      alpha: 16,
      dropout: 0.1,
      targetModules: [...context.linearModules],
      modulesToSave: [...context.headModules],
    },
  };
  const reasons: ConfigDefaults['reasons'] = {
    epochs: head
      ? 'The features are computed once, so passes over them cost next to nothing.'
      : 'Three passes are the usual choice for fine-tuning.',
    warmupRatio: head
      ? 'A single linear layer needs no warm-up.'
      : 'A short warm-up keeps the first, noisy steps from undoing what the model knows.',
    weightDecay: 'Applied to matrices only; biases and norms are left alone, as is usual.',
    maxGradNorm: 'Scales down rare, very large gradients.',
    keepBest: 'At the end the weights with the best validation result are kept, not simply the last ones.',
    maxLength: 'Longer texts are cut here; shorter batches are padded only as far as needed.',
  };
  if (recipe) {
    const { lora, ...rest } = recipe;
    Object.assign(config, rest);
    if (lora) Object.assign(config.lora, lora);
    reasons.learningRate = 'Measured for this model on a small data set of seven intents.';
    return { config, reasons };
  }
  if (!head) {
    const steps = Math.max(1, Math.ceil(context.trainExamples / config.batchSize) * config.epochs);
    const width = context.hiddenSize >= 1024 ? 0.4 : Math.min(4, BASE_WIDTH / context.hiddenSize);
    const short = Math.min(2, Math.max(1, Math.sqrt(ENOUGH_STEPS / steps)));
    config.learningRate = Number((BASE_LEARNING_RATE[method] * width * short).toPrecision(2));
    reasons.learningRate =
      `The usual ${BASE_LEARNING_RATE[method]} for models ${BASE_WIDTH} wide, scaled for this one ` +
      `(${context.hiddenSize} wide) and for ${steps} steps. Not measured on this model.`;
  } else {
    reasons.learningRate = 'A linear layer on fixed features trains well at this rate. Not measured on this model.';
  }
  return { config, reasons };
}

/** Problems with a configuration, a sentence each; empty when it can run. */
export function checkConfig(config: TrainingConfig): string[] {
  const problems: string[] = [];
  for (const [field, bound] of Object.entries(BOUNDS) as [BoundedField, Bound][]) {
    const value = config[field];
    if (
      !Number.isFinite(value) ||
      value < bound.min ||
      value > bound.max ||
      (bound.integer && !Number.isInteger(value))
    )
      problems.push(
        `${field} must be ${bound.integer ? 'a whole number' : 'a number'} from ${bound.min} to ${bound.max}, ` +
          `not ${value}.`,
      );
  }
  if (config.dropout !== null && !(config.dropout >= 0 && config.dropout < 1))
    problems.push('dropout must be from 0 to below 1.');
  if (config.method === 'lora') {
    const { rank, alpha, dropout, targetModules } = config.lora;
    if (!Number.isInteger(rank) || rank < 1 || rank > 512)
      problems.push('LoRA rank must be a whole number from 1 to 512.');
    if (!(alpha > 0 && alpha <= 4096)) problems.push('LoRA alpha must be above 0 and at most 4096.');
    if (!(dropout >= 0 && dropout < 1)) problems.push('LoRA dropout must be from 0 to below 1.');
    if (targetModules.length === 0) problems.push('LoRA needs at least one target layer.');
  }
  return problems;
}

/** How many rows are computed at once, and how often before a step. */
export type BatchShape = Pick<TrainingConfig, 'batchSize' | 'gradientAccumulation'>;

/**
 * The same rows a step with fewer at once, for less memory: half of them, or the next smaller share; null when they
 * cannot be fewer.
 */
export function smallerBatch({ batchSize, gradientAccumulation }: BatchShape): BatchShape | null {
  for (let share = 2; share <= batchSize; share++) {
    const smaller = { batchSize: batchSize / share, gradientAccumulation: gradientAccumulation * share };
    if (batchSize % share === 0)
      return smaller.gradientAccumulation <= BOUNDS.gradientAccumulation.max ? smaller : null;
  }
  return null;
}
