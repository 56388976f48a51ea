/** The settings that a run would use: the defaults for this data and model, with the person's own changes on top. */
import { isLanguageMapping } from '../domain/dataset';
import type { ColumnMapping } from '../domain/dataset';
import { defaultLanguageConfig, type LanguageConfig } from '../domain/language-config';
import { isDecoder, type DecoderInfo, type EncoderInfo, type ModelInfo } from '../domain/model';
import { defaultConfig, type Method, type TrainingConfig } from '../domain/training-config';
import type { ConfigChanges, SettingsKey } from './session';

/** The part of the data set that settings depend on. */
export interface SettingsData {
  splitRows: { train: number };
  mapping: ColumnMapping;
}

export interface EffectiveConfig {
  config: TrainingConfig | LanguageConfig;
  /** What the settings would be without the changes. */
  defaults: TrainingConfig | LanguageConfig;
  /** The sentence shown beside each field. */
  reasons: Partial<Record<keyof LanguageConfig, string>>;
}

/** A model that writes has no Quick method: there is no head to train alone. */
export const methodFor = (method: Method, model: ModelInfo | null): Method =>
  model && isDecoder(model) && method === 'head' ? 'lora' : method;

/** Under which key the changes for this model are kept. */
export function settingsKey(method: Method, model: ModelInfo | null): SettingsKey {
  if (!model || !isDecoder(model)) return method;
  return method === 'full' ? 'language-full' : 'language-lora';
}

/** Why data and model do not go together, with the way out; null when they do or one is missing. */
export function fitProblem(
  data: Pick<SettingsData, 'mapping'> | null,
  model: ModelInfo | null,
): { message: string; fix: string } | null {
  if (!data || !model || isLanguageMapping(data.mapping) === isDecoder(model)) return null;
  return isDecoder(model)
    ? {
        message: `${model.name} writes text, and the rows are read as texts with labels.`,
        fix: 'On the Data step, choose that it learns answers; or choose a model that gives labels.',
      }
    : {
        message: `${model.name} gives labels, and the rows are read as answers to learn.`,
        fix: 'Choose a model that writes text; or choose on the Data step that labels are learned.',
      };
}

/**
 * The settings of the next run and the reason for each default; null until data and model are there and fit each other.
 */
export function effectiveConfig(
  method: Method,
  changes: ConfigChanges,
  data: SettingsData | null,
  model: ModelInfo | null,
): EffectiveConfig | null {
  if (!data || !model || fitProblem(data, model)) return null;
  const { config: defaults, reasons } = isDecoder(model)
    ? languageDefaults(method, data, model)
    : labelDefaults(method, data, model);
  const { lora, ...rest } = changes;
  const config = { ...defaults, ...rest, lora: { ...defaults.lora, ...lora } };
  // Layer names are the model's own: a choice made for another architecture does not apply.
  const targets = config.lora.targetModules.filter((name) => model.linearModules.includes(name));
  config.lora.targetModules = targets.length || !lora?.targetModules?.length ? targets : defaults.lora.targetModules;
  const heads = isDecoder(model) ? [] : model.headModules;
  config.lora.modulesToSave = config.lora.modulesToSave.filter((name) => heads.includes(name));
  config.maxLength = Math.min(config.maxLength, model.maxPositions);
  // A template of its own is a choice only where the model brings one.
  if ('template' in config && config.template === 'own' && isDecoder(model) && !model.ownTemplate)
    config.template = model.template;
  return { config, reasons, defaults };
}

function labelDefaults(
  method: Method,
  data: SettingsData,
  { hiddenSize, maxPositions, linearModules, headModules, recipes }: EncoderInfo,
) {
  return defaultConfig({
    method,
    hiddenSize,
    trainExamples: data.splitRows.train,
    maxPositions,
    linearModules,
    headModules,
    recipe: recipes[method] ?? null,
  });
}

function languageDefaults(
  chosen: Method,
  data: SettingsData,
  { hiddenSize, maxPositions, linearModules, template, recipes }: DecoderInfo,
) {
  const method = chosen === 'full' ? 'full' : 'lora';
  const task = data.mapping.task === 'preference' ? 'preference' : 'chat';
  // What was measured was measured on answers.
  const recipe = task === 'chat' ? (recipes[method] ?? null) : null;
  return defaultLanguageConfig({
    method,
    task,
    hiddenSize,
    trainRows: data.splitRows.train,
    maxPositions,
    linearModules,
    template,
    recipe,
  });
}
