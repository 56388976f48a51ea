/** The settings that a run would use: the defaults for this data and model, with the person's own changes on top. */
import type { Mapping } from '../domain/dataset';
import type { ModelInfo } from '../domain/model';
import type { Method, TrainingConfig } from '../domain/training-config';
import { lessonOf } from '../lessons/index';
import type { Session, SettingsKey } from './session';

/** The part of the data set that settings depend on. */
export interface SettingsData {
  splitRows: { train: number };
  mapping: Mapping;
}

export interface EffectiveConfig {
  config: TrainingConfig;
  /** What the settings would be without the changes. */
  defaults: TrainingConfig;
  /** The sentence shown beside each field, by its name. */
  reasons: Readonly<Record<string, string>>;
}

/** The method of the next run: the chosen one, or the first that the lesson has where it lacks that. */
export function methodFor(method: Method, { mapping }: Pick<SettingsData, 'mapping'>, model: ModelInfo): Method {
  const methods = lessonOf(mapping).methods(model);
  return methods.includes(method) ? method : (methods[0] ?? method);
}

/** Under which key changes are kept; null until data and model are there. */
export const settingsKey = (
  method: Method,
  data: Pick<SettingsData, 'mapping'> | null,
  model: ModelInfo | null,
): SettingsKey | null => (data && model ? `${data.mapping.lesson}.${methodFor(method, data, model)}` : null);

/** Why data and model do not go together, with the way out; null when they do or one is missing. */
export function fitProblem(
  data: Pick<SettingsData, 'mapping'> | null,
  model: ModelInfo | null,
): { message: string; fix: string } | null {
  if (!data || !model) return null;
  const lesson = lessonOf(data.mapping);
  return lesson.fits(model) ? null : lesson.lines.misfit(model);
}

/**
 * The settings of the next run and the reason for each default; null until data and model are there and fit each other.
 */
export function effectiveConfig(
  chosen: Method,
  changes: Session['changes'],
  data: SettingsData | null,
  model: ModelInfo | null,
): EffectiveConfig | null {
  if (!data || !model || fitProblem(data, model)) return null;
  const { mapping, splitRows } = data;
  const method = methodFor(chosen, data, model);
  const key: SettingsKey = `${mapping.lesson}.${method}`;
  return lessonOf(mapping).withChanges({ method, mapping, trainRows: splitRows.train, model }, changes[key] ?? {});
}
