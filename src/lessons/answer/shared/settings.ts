/** Settings of a run that teaches answers, and those that all lessons which teach writing share. */
import * as z from 'zod/mini';
import {
  BASE_IN_WORDS,
  BASE_WEIGHTS,
  TEMPLATE_CHOICES,
  TEMPLATE_IN_WORDS,
  packedBaseProblem,
} from '../../../domain/language-config';
import type { AnswerConfig, TemplateChoice, WritingConfig } from '../../../domain/language-config';
import type { ModelInfo } from '../../../domain/model';
import type { Recipe } from '../../../domain/training-config';
import { commonSettings } from '../../common-settings';
import type { CommonDefaults } from '../../common-settings';
import { choiceSetting, settingsOf, settled, switchSetting } from '../../settings';
import type { DefaultsContext, Setting } from '../../settings';
import type { WritingMapping } from './columns';
import type { AnswerMapping } from './schema';

export type { AnswerConfig };

export const METHODS = ['lora', 'full'] as const satisfies readonly WritingConfig['method'][];
export type WritingMethod = (typeof METHODS)[number];
export const methodSchema = z.enum(METHODS);

/** A model that writes has no head that could be trained alone. */
export const methodOf = ({ method }: Pick<DefaultsContext, 'method'>): WritingMethod =>
  method === 'full' ? 'full' : 'lora';

/** Width of the models that the textbook rates were found on (about a billion parameters). */
const TEXTBOOK_WIDTH = 2048;
export const BATCH_SIZE = 8;

/** Steps of one pass over the training rows. */
export const stepsAnEpoch = (trainRows: number): number => Math.max(1, Math.ceil(trainRows / BATCH_SIZE));

/** What a lesson that teaches writing says of its learning rate and its passes. */
export interface Pace<M extends WritingMapping> {
  /** The textbook's rates. */
  textbook: Record<WritingMethod, number>;
  epochs: (context: DefaultsContext<M>) => number;
  /** By how much the rate is raised for so few steps. */
  short: (steps: number) => number;
  /** What was measured for this very model. */
  measured: (context: DefaultsContext<M>) => Recipe | null;
  schedule: WritingConfig['schedule'];
}

/** The textbook's rate, scaled for narrow models and few steps, with the reason. */
function rate<M extends WritingMapping>({
  textbook,
  epochs,
  short,
  measured,
}: Pace<M>): CommonDefaults<M>['learningRate'] {
  const stepsOf = (context: DefaultsContext<M>): number => stepsAnEpoch(context.trainRows) * epochs(context);
  return {
    initial(context) {
      const width = Math.min(4, Math.max(1, TEXTBOOK_WIDTH / context.model.hiddenSize));
      return Number((textbook[methodOf(context)] * width * short(stepsOf(context))).toPrecision(2));
    },
    reason: (context) =>
      measured(context)
        ? MEASURED
        : `The usual ${textbook[methodOf(context)]} for models ${TEXTBOOK_WIDTH} wide, scaled for this one ` +
          `(${context.model.hiddenSize} wide) and for ${stepsOf(context)} steps. Not measured on this model.`,
  };
}

const MEASURED = 'Measured for this model on 50 questions and answers.';

/** The common settings with the defaults of lessons that teach writing. */
export const writingCommon = <M extends WritingMapping>(pace: Pace<M>) =>
  commonSettings<M>({
    learningRate: rate(pace),
    epochs: {
      initial: pace.epochs,
      reason(context) {
        if (pace.measured(context)?.['epochs'] !== undefined) return MEASURED;
        const epochs = pace.epochs(context);
        return epochs > 3
          ? `So few rows need ${epochs} passes to be learned.`
          : 'Three passes are the usual choice for fine-tuning.';
      },
    },
    batchSize: { initial: () => BATCH_SIZE },
    maxLength: {
      initial: ({ model }) => Math.min(512, model.maxPositions),
      reason: () => 'Longer conversations are cut at the end; shorter ones cost no more than their own tokens.',
    },
    schedule: {
      initial: () => pace.schedule,
      reason: () => 'The rate falls slowly at first and to nothing at the end.',
    },
    warmupRatio: {
      initial: (context) => (methodOf(context) === 'lora' ? 0.05 : 0.1),
      reason: () => 'A short warm-up keeps the first, noisy steps from undoing what the model knows.',
    },
    weightDecay: {
      initial: () => 0,
      reason: () => 'Nothing is decayed: adapters start at zero, and short runs need no more restraint.',
    },
    keepBest: {
      initial: () => false,
      reason: () => 'Answers often get better while the validation loss no longer falls, so the last weights are kept.',
    },
    lora: {
      rank: { initial: () => 16 },
      alpha: { initial: () => 32 },
      dropout: { initial: () => 0.05 },
      targetModules: { initial: ({ model }) => [...model.linearModules] },
      modulesToSave: { initial: () => [] },
    },
  });

const templateOf = (model: ModelInfo): TemplateChoice => model.writing?.template ?? 'own';

/** Settings of every run that writes, beside the common ones. */
export const writingOwn = {
  template: {
    group: 'writing',
    schema: z.enum(TEMPLATE_CHOICES),
    control: {
      kind: 'choice',
      options: ({ writing }) =>
        TEMPLATE_CHOICES.filter((value) => value !== 'own' || writing?.ownTemplate).map((value) => ({
          value,
          label: TEMPLATE_IN_WORDS[value],
        })),
    },
    label: 'Chat template',
    description: ({ writing }) =>
      writing?.ownTemplate
        ? 'Default: the model’s own, which it was taught with.'
        : 'How turns are written; this model brings none of its own.',
    initial: ({ model }) => templateOf(model),
  } satisfies Setting<WritingConfig['template'], WritingConfig>,
  base: {
    group: 'writing',
    ...choiceSetting('Frozen weights are kept in', BASE_WEIGHTS, BASE_IN_WORDS),
    initial: () => 'f32',
    reason: (context) =>
      methodOf(context) === 'full'
        ? 'Every weight is trained, and packed ones could not change.'
        : 'Nothing is rounded. In 16 bits the base takes half the memory: weights that the file holds as F16, ' +
          'Q8_0, Q4_0 or Q4_1 stay exact, F32, BF16 and ' +
          'all others are rounded to 11 significant bits. Packed in 8 bits it takes 28 %, in 4 bits 16 % (the ' +
          'embedding 28 %), both rounded; the adapter is full in any case.',
    problem: (base) => packedBaseProblem({ method: 'lora', base }),
    when: ({ method }) => method === 'lora',
  } satisfies Setting<WritingConfig['base'], WritingConfig>,
  gradientCheckpointing: {
    group: 'writing',
    ...switchSetting('Compute layers twice (activation checkpointing)'),
    initial: () => false,
    reason: () =>
      'Computing each layer twice takes a third to a half more time; it is for models and texts that do not ' +
      'fit into memory otherwise.',
  } satisfies Setting<boolean, WritingConfig>,
};

/** What of the settings does not go together, a sentence each. */
export function checkWriting(config: WritingConfig): string[] {
  const packed = packedBaseProblem(config);
  return [
    ...(packed === null ? [] : [packed]),
    ...(config.lora.modulesToSave.length > 0
      ? ['A decoder has no head that would be trained beside the adapter.']
      : []),
  ];
}

/** Choices that do not apply to this model put right. */
export function settleWriting<S extends WritingConfig>(config: S, defaults: S, model: ModelInfo): S {
  const next = settled(config, defaults, model);
  // A template of its own is a choice only where the model brings one.
  return next.template === 'own' && !model.writing?.ownTemplate ? { ...next, template: templateOf(model) } : next;
}

/** Steps that a small assistant needs, and the most passes that are taken to reach them. */
const WANTED_STEPS = 60;
const MOST_EPOCHS = 10;

/** What was measured was measured on answers. */
export const recipeOf = (context: DefaultsContext): Recipe | null => context.model.recipes[methodOf(context)] ?? null;

/**
 * The textbook rate scaled up for narrow models and few steps, and short data passed over more often: both leave a
 * small model under-taught.
 */
const { learning, course, lora } = writingCommon<AnswerMapping>({
  textbook: { lora: 2e-4, full: 2e-5 },
  epochs: ({ trainRows }) => Math.min(MOST_EPOCHS, Math.max(3, Math.ceil(WANTED_STEPS / stepsAnEpoch(trainRows)))),
  short: (steps) => Math.min(2, Math.max(1, Math.sqrt(500 / Math.max(1, steps)))),
  measured: recipeOf,
  schedule: 'cosine',
});

export const settings = settingsOf<AnswerConfig, AnswerMapping>(methodSchema, {
  ...learning,
  ...course,
  ...writingOwn,
  packing: {
    group: 'writing',
    ...switchSetting('Pack short rows together'),
    initial: () => false,
    reason: () =>
      'Short rows then share a place in the batch, up to the longest input: fewer steps, each on more rows.',
  },
  lora,
});

/**
 * Steps times rate below which a run leaves next to no trace: 19 steps at 2e-4 taught nothing, 63 at 1e-3 nearly
 * everything.
 */
const FAINT = { lora: 0.012, full: 0.0012 } as const;

/** What steps and rate foretell of teaching writing; null when they should do. */
export function faintRunNotice(
  steps: number,
  { method, learningRate }: Pick<WritingConfig, 'method' | 'learningRate'>,
): string | null {
  if (steps * learningRate >= FAINT[method]) return null;
  return (
    `${steps} ${steps === 1 ? 'step' : 'steps'} at a learning rate of ${learningRate} will hardly change ` +
    'what the model says. ' +
    'Use more epochs, more rows, or a higher rate.'
  );
}
