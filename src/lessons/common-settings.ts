/** The settings that every lesson has. A lesson says what it begins with, and why. */
import * as z from 'zod/mini';
import type { Mapping } from '../domain/dataset';
import type { AdapterFacts } from '../domain/model';
import { FROM_ADAPTER, MOST_ACCUMULATION } from '../domain/training-config';
import type { FromAdapter, LoraConfig, TrainingConfig } from '../domain/training-config';
import { choiceSetting, numberSetting, switchSetting } from './settings';
import type { Setting } from './settings';

type Common = Exclude<keyof TrainingConfig, 'method' | 'lora'>;
/** How the run goes; the others are of how it learns. */
type Course = 'validateEverySteps' | 'earlyStoppingPatience' | 'seed' | 'keepBest' | 'fromAdapter';
type Rows<K extends Common, M extends Mapping> = { [F in K]-?: Setting<TrainingConfig[F], TrainingConfig, M> };
type LoraRows<M extends Mapping> = { [F in keyof LoraConfig]: Setting<LoraConfig[F], TrainingConfig, M> };

type Varying =
  'learningRate' | 'epochs' | 'batchSize' | 'maxLength' | 'schedule' | 'warmupRatio' | 'weightDecay' | 'keepBest';
/** What a setting begins with, and the reason for it. */
type Begin<T, M extends Mapping> = Pick<Setting<T, TrainingConfig, M>, 'initial' | 'reason'>;

/** Defaults that differ from lesson to lesson. */
export type CommonDefaults<M extends Mapping> = { [K in Varying]: Begin<TrainingConfig[K], M> } & {
  lora: { [K in keyof LoraConfig]: Begin<LoraConfig[K], M> };
};

/** In two parts, so that a lesson's own settings can stand in between, and those of LoRA. */
export const commonSettings = <M extends Mapping>(given: CommonDefaults<M>) => ({
  learning: learningSettings(given),
  course: courseSettings(given),
  lora: loraSettings(given.lora),
});

const isShare = (value: number): boolean => value >= 0 && value < 1;

const learningSettings = <M extends Mapping>(given: CommonDefaults<M>): Rows<Exclude<Common, Course>, M> => ({
  learningRate: {
    ...numberSetting('Learning rate', { min: 1e-7, max: 1, step: (initial) => initial / 10 }),
    ...given.learningRate,
  },
  epochs: { ...numberSetting('Epochs', { min: 1, max: 1000, integer: true }), ...given.epochs },
  batchSize: {
    ...numberSetting('Batch size', { min: 1, max: 1024, integer: true }),
    about: 'Rows a step works on at once.',
    ...given.batchSize,
  },
  gradientAccumulation: {
    ...numberSetting('Gradient accumulation', { min: 1, max: MOST_ACCUMULATION, integer: true }),
    about: 'Batches gathered for one step; gives large batches with little memory.',
    initial: () => 1,
  },
  maxLength: { ...numberSetting('Longest input, in tokens', { min: 4, max: 8192, integer: true }), ...given.maxLength },
  schedule: {
    ...choiceSetting('Learning-rate schedule', ['linear', 'cosine', 'constant']),
    about: 'How the rate falls towards the end.',
    ...given.schedule,
  },
  warmupRatio: { ...numberSetting('Warm-up, share of steps', { min: 0, max: 1, step: 0.05 }), ...given.warmupRatio },
  weightDecay: { ...numberSetting('Weight decay', { min: 0, max: 1, step: 0.01 }), ...given.weightDecay },
  maxGradNorm: {
    ...numberSetting('Largest gradient norm', { min: 0, max: 1000, step: 0.1 }),
    initial: () => 1,
    reason: () => 'Scales down rare, very large gradients.',
  },
  dropout: {
    label: 'Dropout',
    schema: z.nullable(z.number()),
    control: { kind: 'optional-number', min: 0, max: 0.9, step: 0.05, placeholder: 'the model’s own' },
    description: () =>
      'Default: the model’s own values (leave it empty). Switches parts off at random, so that none is ' +
      'relied on too much.',
    initial: () => null,
    problem: (value) => (value === null || isShare(value) ? null : 'dropout must be from 0 to below 1.'),
    when: ({ method }) => method !== 'head',
  },
});

const courseSettings = <M extends Mapping>(given: CommonDefaults<M>): Rows<Course, M> => ({
  validateEverySteps: {
    ...numberSetting('Validate every … steps', { min: 0, max: 1_000_000, integer: true }),
    about: '0 validates once an epoch.',
    initial: () => 0,
  },
  earlyStoppingPatience: {
    ...numberSetting('Early stopping, patience', { min: 0, max: 100, integer: true }),
    about: 'Stop after this many validations without progress; 0 never does.',
    initial: () => 0,
  },
  seed: {
    ...numberSetting('Seed', { min: 0, max: 2 ** 31 - 1, integer: true }),
    about: 'The same seed gives the same run again.',
    initial: () => 1,
  },
  keepBest: { ...switchSetting('Keep the best weights'), ...given.keepBest },
  fromAdapter: {
    label: 'The adapter that came with the model',
    group: 'lora',
    schema: z.optional(z.enum(FROM_ADAPTER)),
    control: { kind: 'choice', options: ({ adapter }) => adapterChoices(adapter) },
    description: () => 'Going on keeps its rank, alpha, dropout and layers; the others begin something new.',
    initial: ({ model: { adapter }, method }) =>
      adapter ? (method === 'lora' && !adapter.obstacle ? 'continue' : 'merge') : undefined,
    when: (_, { adapter }) => adapter !== undefined,
  },
});

const ADAPTER_IN_WORDS: Record<FromAdapter, string> = {
  continue: 'Go on with it as it was made',
  merge: 'Work it into the base, then begin anew',
  without: 'Leave it out, begin with the bare base',
};

const adapterChoices = (adapter: AdapterFacts | undefined) =>
  FROM_ADAPTER.filter((value) => value !== 'continue' || !adapter?.obstacle).map((value) => ({
    value,
    label: ADAPTER_IN_WORDS[value],
  }));

/** What all of LoRA's settings have in common. */
const OF_LORA = { group: 'lora', when: ({ method }: TrainingConfig) => method === 'lora' } as const;

const loraSettings = <M extends Mapping>(given: CommonDefaults<M>['lora']): LoraRows<M> => ({
  rank: {
    ...OF_LORA,
    ...numberSetting('LoRA rank', { min: 1, max: 512, integer: true }),
    about: 'Width of the add-on matrices.',
    problem: (rank) =>
      Number.isInteger(rank) && rank >= 1 && rank <= 512 ? null : 'LoRA rank must be a whole number from 1 to 512.',
    ...given.rank,
  },
  alpha: {
    ...OF_LORA,
    ...numberSetting('LoRA alpha', { min: 0, max: 4096 }),
    about: 'Their weight is alpha ÷ rank.',
    problem: (alpha) => (alpha > 0 && alpha <= 4096 ? null : 'LoRA alpha must be above 0 and at most 4096.'),
    ...given.alpha,
  },
  dropout: {
    ...OF_LORA,
    ...numberSetting('LoRA dropout', { min: 0, max: 0.9, step: 0.05 }),
    problem: (dropout) => (isShare(dropout) ? null : 'LoRA dropout must be from 0 to below 1.'),
    ...given.dropout,
  },
  targetModules: {
    ...OF_LORA,
    label: 'Layers that get an adapter',
    schema: z.array(z.string()),
    control: { kind: 'names', of: ({ linearModules }) => linearModules },
    description: () => 'Default: all linear layers; measured better than query and value alone.',
    problem: ({ length }) => (length > 0 ? null : 'LoRA needs at least one target layer.'),
    ...given.targetModules,
  },
  modulesToSave: {
    ...OF_LORA,
    label: 'Modules trained in full',
    schema: z.array(z.string()),
    control: { kind: 'names', of: ({ head }) => head?.modules ?? [] },
    description: () => 'The head has no pre-trained weights, so an adapter alone would not do.',
    when: (config, { head }) => OF_LORA.when(config) && head !== null,
    ...given.modulesToSave,
  },
});
