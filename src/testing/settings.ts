/** For tests and benches: the settings that lessons begin with, of a few facts about the model. */
import { AS_BEFORE } from '../lessons/classify/shared/schema';
import type { AnswerConfig, PreferenceConfig, TemplateChoice } from '../domain/language-config';
import { greedy } from '../domain/generation';
import type { ModelInfo } from '../domain/model';
import type { LabelConfig, Method, Recipe } from '../domain/training-config';
import { settings as answerSettings } from '../lessons/answer/shared';
import type { ClassifyMapping } from '../lessons/classify/shared';
import { settings as labelSettings } from '../lessons/classify/shared';
import { settings as preferSettings } from '../lessons/prefer/shared';

interface Facts<M extends Method> {
  method: M;
  hiddenSize: number;
  maxPositions: number;
  linearModules: readonly string[];
  recipe: Recipe | null;
}

function modelOf(
  { method, hiddenSize, maxPositions, linearModules, recipe }: Facts<Method>,
  can: Pick<ModelInfo, 'head' | 'writing'>,
): ModelInfo {
  return {
    name: 'tiny',
    architecture: can.head ? 'bert' : 'llama',
    parameters: 1,
    bytes: 1,
    hiddenSize,
    layers: 1,
    maxPositions,
    vocabularySize: 1,
    licence: null,
    linearModules: [...linearModules],
    recipes: recipe ? { [method]: recipe } : {},
    ...can,
  };
}

/** Of a run that gives labels. */
export function defaultConfig(facts: Facts<Method> & { trainExamples: number; headModules: readonly string[] }): {
  config: LabelConfig;
} {
  const { method, trainExamples, headModules, recipe } = facts;
  const model = modelOf(facts, { head: { modules: [...headModules], labels: null }, writing: null });
  const mapping: ClassifyMapping = {
    ...AS_BEFORE,
    lesson: 'classify',
    task: 'single-label',
    text: 'text',
    textPair: null,
    labels: ['label'],
    labelLayout: 'column',
    split: null,
  };
  return labelSettings.defaults({ method, mapping, trainRows: trainExamples, model }, recipe);
}

/** Of runs that write: of one that teaches answers, or preferences, with the settings of the other beside them. */
export type LanguageConfig = AnswerConfig & PreferenceConfig;

export function defaultLanguageConfig(
  facts: Facts<'lora' | 'full'> & { task: 'chat' | 'preference'; trainRows: number; template: TemplateChoice },
): { config: LanguageConfig } {
  const { method, trainRows, template, recipe, task } = facts;
  const writing = { ownTemplate: template === 'own', template, generation: greedy(16) };
  const model = modelOf(facts, { head: null, writing });
  const rest = { method, trainRows, model };
  const answers = answerSettings.defaults(
    { ...rest, mapping: { lesson: 'answer', layout: 'text', columns: { text: 'text' }, split: null } },
    recipe,
  ).config;
  const preferences = preferSettings.defaults(
    {
      ...rest,
      mapping: { lesson: 'prefer', layout: 'pair', columns: { chosen: 'chosen', rejected: 'rejected' }, split: null },
    },
    recipe,
  ).config;
  return { config: task === 'chat' ? { ...preferences, ...answers } : { ...answers, ...preferences } };
}
