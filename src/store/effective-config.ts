/** The settings that a run would use: the defaults for this data and model, with the person's own changes on top. */
import type { ModelInfo } from '../domain/model';
import { defaultConfig, type ConfigDefaults, type Method, type TrainingConfig } from '../domain/training-config';
import type { ConfigChanges } from './session';

export interface EffectiveConfig extends ConfigDefaults {
  /** What the settings would be without the changes. */
  defaults: TrainingConfig;
}

/** The settings of the next run and the reason for each default; null until data and model are there. */
export function effectiveConfig(
  method: Method,
  changes: ConfigChanges,
  data: { splitRows: { train: number } } | null,
  model: ModelInfo | null,
): EffectiveConfig | null {
  if (!data || !model) return null;
  const { config: defaults, reasons } = defaultConfig({
    method,
    hiddenSize: model.hiddenSize,
    trainExamples: data.splitRows.train,
    maxPositions: model.maxPositions,
    linearModules: model.linearModules,
    headModules: model.headModules,
    recipe: model.recipes[method] ?? null,
  });
  const { lora, ...rest } = changes;
  const config = { ...defaults, ...rest, lora: { ...defaults.lora, ...lora } };
  // Layer names are the model's own: a choice made for another architecture does not apply.
  const targets = config.lora.targetModules.filter((name) => model.linearModules.includes(name));
  config.lora.targetModules = targets.length || !lora?.targetModules?.length ? targets : defaults.lora.targetModules;
  config.lora.modulesToSave = config.lora.modulesToSave.filter((name) => model.headModules.includes(name));
  config.maxLength = Math.min(config.maxLength, model.maxPositions);
  return { config, reasons, defaults };
}
