/** Settings of a run that gives labels, with the defaults and the reasons for them. */
import * as z from 'zod/mini';
import type { LabelConfig, Method, Recipe } from '../../../domain/training-config';
import { commonSettings } from '../../common-settings';
import { choiceSetting, numberSetting, settingsOf, switchSetting } from '../../settings';
import type { DefaultsContext } from '../../settings';
import type { ClassifyMapping } from './schema';

export type ClassifyConfig = LabelConfig;
type Context = DefaultsContext<ClassifyMapping>;

export const METHODS = ['head', 'lora', 'full'] as const satisfies readonly Method[];

const BASE_LEARNING_RATE: Record<Method, number> = { full: 5e-5, lora: 5e-4, head: 1e-2 };
/** Width of the models that the textbook learning rates were found on (BERT base). */
const BASE_WIDTH = 768;
/** Optimizer steps below which the textbook rates leave a model under-trained. */
const ENOUGH_STEPS = 500;

const epochs = (method: Method): number => (method === 'head' ? 30 : 3);
const batchSize = (method: Method): number => (method === 'head' ? 32 : 16);
const stepsOf = ({ method, trainRows }: Context): number =>
  Math.max(1, Math.ceil(trainRows / batchSize(method)) * epochs(method));

/** What was measured for this very model, or null. */
export const recipeOf = ({ model, method }: Context): Recipe | null => model.recipes[method] ?? null;

/**
 * The textbook rate, scaled up for narrow models and short runs: both leave a model under-trained at the textbook rate.
 */
function learningRate(context: Context): number {
  const { method, model } = context;
  const base = BASE_LEARNING_RATE[method];
  if (method === 'head') return base;
  const width = model.hiddenSize >= 1024 ? 0.4 : Math.min(4, BASE_WIDTH / model.hiddenSize);
  const short = Math.min(2, Math.max(1, Math.sqrt(ENOUGH_STEPS / stepsOf(context))));
  return Number((base * width * short).toPrecision(2));
}

function reasonOfRate(context: Context): string {
  const { method, model } = context;
  if (recipeOf(context)) return 'Measured for this model on a small data set of seven intents.';
  if (method === 'head')
    return 'A linear layer on fixed features trains well at this rate. Not measured on this model.';
  return (
    `The usual ${BASE_LEARNING_RATE[method]} for models ${BASE_WIDTH} wide, scaled for this one ` +
    `(${model.hiddenSize} wide) and for ${stepsOf(context)} steps. Not measured on this model.`
  );
}

const { learning, course, lora } = commonSettings<ClassifyMapping>({
  learningRate: { initial: learningRate, reason: reasonOfRate },
  epochs: {
    initial: ({ method }) => epochs(method),
    reason: ({ method }) =>
      method === 'head'
        ? 'The features are computed once, so passes over them cost next to nothing.'
        : 'Three passes are the usual choice for fine-tuning.',
  },
  batchSize: { initial: ({ method }) => batchSize(method) },
  maxLength: {
    initial: ({ model }) => Math.min(128, model.maxPositions),
    reason: () => 'Longer texts are cut here; shorter batches are padded only as far as needed.',
  },
  schedule: { initial: ({ method }) => (method === 'head' ? 'constant' : 'linear') },
  warmupRatio: {
    initial: ({ method }) => (method === 'head' ? 0 : 0.1),
    reason: ({ method }) =>
      method === 'head'
        ? 'A single linear layer needs no warm-up.'
        : 'A short warm-up keeps the first, noisy steps from undoing what the model knows.',
  },
  weightDecay: {
    initial: () => 0.01,
    reason: () => 'Applied to matrices only; biases and norms are left alone, as is usual.',
  },
  keepBest: {
    initial: () => true,
    reason: () => 'At the end the weights with the best validation result are kept, not simply the last ones.',
  },
  lora: {
    rank: { initial: () => 8 },
    alpha: { initial: () => 16 },
    dropout: { initial: () => 0.1 },
    targetModules: { initial: ({ model }) => [...model.linearModules] },
    modulesToSave: { initial: ({ model }) => [...(model.head?.modules ?? [])] },
  },
});

export const settings = settingsOf<ClassifyConfig, ClassifyMapping>(z.enum(METHODS), {
  ...learning,
  labelSmoothing: {
    ...numberSetting('Label smoothing', { min: 0, max: 0.9, step: 0.05 }),
    about: 'Asks for a little less than certainty; helps with wrong labels.',
    initial: () => 0,
    when: (_config, _model, { task }) => task !== 'regression',
  },
  classWeights: {
    ...choiceSetting('Class weights', ['none', 'balanced']),
    about: '“Balanced” gives rare labels the same say as frequent ones.',
    initial: () => 'none',
    when: (_config, _model, { task }) => task !== 'regression',
  },
  logTargets: {
    ...switchSetting('Learn the logarithm'),
    about:
      'For numbers above 0 of very different sizes, such as prices or counts: an error then counts by its share, ' +
      'not by its size. Answers are put back into the unit of the data here; exported files answer the logarithm.',
    initial: () => false,
    earlier: false,
    when: (_config, _model, { task }) => task === 'regression',
  },
  ...course,
  lora,
});

/** What the number of optimizer steps foretells before a run; null when it is enough. */
export function fewStepsNotice(steps: number, method: Method): string | null {
  // Quick runs converge in few steps.
  const needed = method === 'head' ? 30 : 40;
  if (steps >= needed) return null;
  return (
    `Only ${steps} optimizer ${steps === 1 ? 'step' : 'steps'}: the model will hardly learn from so few. ` +
    'Use more rows, more epochs, or a smaller batch.'
  );
}
