/**
 * Settings of a run that teaches a decoder: the shared ones with the defaults for writing text, and those of their own.
 */
import { must } from '../base/assert';
import type { LanguageTask } from './task';
import { checkConfig } from './training-config';
import type { Recipe, TrainingConfig } from './training-config';

/** How frozen weights are kept: as floats of 32 or 16 bits, or packed in blocks of 8 or 4 bits a value. */
export const BASE_WEIGHTS = ['f32', 'f16', 'q8', 'q4'] as const;
export type BaseWeights = (typeof BASE_WEIGHTS)[number];
export const BASE_IN_WORDS: Record<BaseWeights, string> = {
  f32: '32 bits',
  f16: '16 bits (half precision)',
  q8: '8 bits (QLoRA)',
  q4: '4 bits (QLoRA)',
};

/** Chat templates for models that bring none, or as a choice; see text/standard-templates.ts. */
const STANDARD_TEMPLATE_IDS = ['chatml', 'llama-3', 'llama-2', 'alpaca', 'plain'] as const;
export type StandardTemplateId = (typeof STANDARD_TEMPLATE_IDS)[number];

/** `own` is the model's template. */
export const TEMPLATE_CHOICES = ['own', ...STANDARD_TEMPLATE_IDS] as const;
export type TemplateChoice = (typeof TEMPLATE_CHOICES)[number];

export interface LanguageConfig extends TrainingConfig {
  method: 'lora' | 'full';
  /**
   * LoRA: how the base is kept on the device. What a file holds in as few bits stays exactly as it is; the rest is
   * rounded.
   */
  base: BaseWeights;
  /** How conversations are written. */
  template: TemplateChoice;
  /**
   * Keep only the input of each layer for the gradient and compute the layer again there: less memory, a third to a
   * half more time.
   */
  gradientCheckpointing: boolean;
  /** Put several short sequences into one row of the batch, each attending to itself only. */
  packing: boolean;
  /** DPO: how strongly the model is held to the reference. */
  beta: number;
}

export const isLanguageConfig = (config: TrainingConfig): config is LanguageConfig => 'packing' in config;

export type LanguageRecipe = Recipe &
  Partial<Pick<LanguageConfig, 'packing' | 'beta' | 'base' | 'gradientCheckpointing'>>;

/** What defaults depend on. */
export interface LanguageDefaultsContext {
  method: LanguageConfig['method'];
  task: LanguageTask;
  hiddenSize: number;
  trainRows: number;
  maxPositions: number;
  /** Linear layers that LoRA can target, named by the architecture. */
  linearModules: readonly string[];
  template: TemplateChoice;
  /** Measured for this very model, if its card carries one. */
  recipe: LanguageRecipe | null;
}

export interface LanguageDefaults {
  config: LanguageConfig;
  reasons: Partial<Record<keyof LanguageConfig, string>>;
}

/** Textbook rates; those of DPO are meant for a model that has been taught already. */
const TEXTBOOK: Record<LanguageTask, Record<LanguageConfig['method'], number>> = {
  chat: { lora: 2e-4, full: 2e-5 },
  preference: { lora: 5e-6, full: 5e-7 },
};
/** Width of the models that the textbook rates were found on (about a billion parameters). */
const TEXTBOOK_WIDTH = 2048;
/** Steps that a small assistant needs, and the most passes that are taken to reach them. */
const WANTED_STEPS = 60;
const MOST_EPOCHS = 10;
const LONGEST_DEFAULT = 512;

/**
 * The settings used when a person changes nothing. A measured recipe wins; without one the textbook rate is scaled up
 * for narrow models and few steps, and short data is passed over more often, because both leave a small model
 * under-taught.
 */
export function defaultLanguageConfig(context: LanguageDefaultsContext): LanguageDefaults {
  const { method, task, recipe, trainRows } = context;
  const batchSize = 8;
  const stepsAnEpoch = Math.max(1, Math.ceil(trainRows / batchSize));
  const epochs = task === 'chat' ? Math.min(MOST_EPOCHS, Math.max(3, Math.ceil(WANTED_STEPS / stepsAnEpoch))) : 3;
  const config: LanguageConfig = {
    method,
    template: context.template,
    learningRate: scaledRate(context, stepsAnEpoch * epochs),
    epochs,
    batchSize,
    gradientAccumulation: 1,
    maxLength: Math.min(LONGEST_DEFAULT, context.maxPositions),
    schedule: task === 'chat' ? 'cosine' : 'linear',
    warmupRatio: method === 'lora' ? 0.05 : 0.1,
    weightDecay: 0,
    maxGradNorm: 1,
    dropout: null,
    labelSmoothing: 0,
    classWeights: 'none',
    earlyStoppingPatience: 0,
    keepBest: false,
    validateEverySteps: 0,
    seed: 1,
    lora: { rank: 16, alpha: 32, dropout: 0.05, targetModules: [...context.linearModules], modulesToSave: [] },
    base: 'f32',
    gradientCheckpointing: false,
    packing: false,
    beta: 0.1,
  };
  const reasons: LanguageDefaults['reasons'] = {
    learningRate:
      `The usual ${TEXTBOOK[task][method]} for models ${TEXTBOOK_WIDTH} wide, scaled for this one ` +
      `(${context.hiddenSize} wide) and for ` +
      `${stepsAnEpoch * epochs} steps. Not measured on this model.`,
    epochs:
      epochs > 3
        ? `So few rows need ${epochs} passes to be learned.`
        : 'Three passes are the usual choice for fine-tuning.',
    schedule: 'The rate falls slowly at first and to nothing at the end.',
    warmupRatio: 'A short warm-up keeps the first, noisy steps from undoing what the model knows.',
    weightDecay: 'Nothing is decayed: adapters start at zero, and short runs need no more restraint.',
    maxGradNorm: 'Scales down rare, very large gradients.',
    keepBest: 'Answers often get better while the validation loss no longer falls, so the last weights are kept.',
    maxLength: 'Longer conversations are cut at the end; shorter ones cost no more than their own tokens.',
    packing: 'Short rows then share a place in the batch, up to the longest input: fewer steps, each on more rows.',
    base:
      method === 'full'
        ? 'Every weight is trained, and packed ones could not change.'
        : 'Nothing is rounded. In 16 bits the base takes half the memory: weights that the file holds as F16, ' +
          'Q8_0, Q4_0 or Q4_1 stay exact, F32, BF16 and ' +
          'all others are rounded to 11 significant bits. Packed in 8 bits it takes 28 %, in 4 bits 16 % (the ' +
          'embedding 28 %), both rounded; the adapter is full in any case.',
    gradientCheckpointing:
      'Computing each layer twice takes a third to a half more time; it is for models and texts that do not ' +
      'fit into memory otherwise.',
    beta: 'The usual value: smaller lets the model drift further from what it was.',
  };
  if (recipe) {
    const { lora, ...rest } = recipe;
    Object.assign(config, rest);
    if (lora) Object.assign(config.lora, lora);
    reasons.learningRate = 'Measured for this model on 50 questions and answers.';
    if (recipe.epochs !== undefined) reasons.epochs = reasons.learningRate;
  }
  return { config, reasons };
}

function scaledRate({ task, method, hiddenSize }: LanguageDefaultsContext, steps: number): number {
  const width = Math.min(4, Math.max(1, TEXTBOOK_WIDTH / hiddenSize));
  const short = Math.min(2, Math.max(1, Math.sqrt(500 / Math.max(1, steps))));
  return Number((TEXTBOOK[task][method] * width * (task === 'chat' ? short : 1)).toPrecision(2));
}

/** Why this method cannot run on weights that are kept so, or null. */
export function packedBaseProblem({ method, base }: Pick<LanguageConfig, 'method' | 'base'>): string | null {
  if (!BASE_WEIGHTS.includes(base))
    return `The base can be kept as ${BASE_WEIGHTS.slice(0, -1).join(', ')} or ${must(BASE_WEIGHTS.at(-1))}, not "${base}".`;
  return base === 'f32' || method === 'lora'
    ? null
    : `Full training changes every weight, and a base packed as ${base} cannot change: keep it as f32, or ` +
        'train an adapter (LoRA) on it.';
}

/** Problems with the settings, a sentence each; empty when they can run. */
export function checkLanguageConfig(config: LanguageConfig): string[] {
  const problems = checkConfig(config);
  if (!(config.beta > 0 && config.beta <= 10)) problems.push('beta must be above 0 and at most 10.');
  const packed = packedBaseProblem(config);
  if (packed) problems.push(packed);
  if (config.classWeights !== 'none') problems.push('Class weights belong to tasks with labels.');
  if (config.lora.modulesToSave.length > 0)
    problems.push('A decoder has no head that would be trained beside the adapter.');
  return problems;
}

/**
 * Steps times rate below which a run leaves next to no trace: 19 steps at 2e-4 taught nothing, 63 at 1e-3 nearly
 * everything.
 */
const FAINT = { lora: 0.012, full: 0.0012 } as const;

/** What steps and rate foretell of teaching answers; null when they should do. */
export function faintRunNotice(
  steps: number,
  { method, learningRate }: Pick<LanguageConfig, 'method' | 'learningRate'>,
): string | null {
  if (steps * learningRate >= FAINT[method]) return null;
  return (
    `${steps} ${steps === 1 ? 'step' : 'steps'} at a learning rate of ${learningRate} will hardly change ` +
    'what the model says. ' +
    'Use more epochs, more rows, or a higher rate.'
  );
}
