/**
 * Records of version 1, which knew of no lessons, as records of version 2. What is wrong with them, their schemas say.
 */
import { isObject, type Json } from '../base/json';

const LESSONS = new Map<unknown, string>([
  ['single-label', 'classify'],
  ['multi-label', 'classify'],
  ['regression', 'classify'],
  ['chat', 'answer'],
  ['preference', 'prefer'],
]);

/** Mappings named a task; `chat` and `preference` were tasks beside those of labels. */
export function mappingFrom1(value: unknown): unknown {
  if (!isObject(value) || 'lesson' in value) return value;
  return { lesson: LESSONS.get(value['task']), ...value };
}

/** Models had a head, or wrote. */
function modelFrom1(value: unknown): unknown {
  if (!isObject(value)) return value;
  const { headModules, checkpointLabels, ownTemplate, template, generation, ...facts } = value;
  return {
    ...facts,
    head: headModules === undefined ? null : { modules: headModules, labels: checkpointLabels },
    writing: generation === undefined ? null : { ownTemplate, template, generation },
  };
}

/** Runs of the first days had neither of these two settings, and went as if these had been chosen. */
const FIRST_DAYS = { base: 'f32', gradientCheckpointing: false };

/** Runs that wrote had no labels, and all settings of those that gave labels. */
export function runFrom1(run: Json): Json {
  return {
    labels: [],
    ...run,
    version: 2,
    mapping: mappingFrom1(run['mapping']),
    model: modelFrom1(run['model']),
    config: isObject(run['config']) ? { ...FIRST_DAYS, ...run['config'] } : run['config'],
  };
}

/** Files of tables kept no word on decimal commas: the delimiter decided. */
function sourceFrom1(source: unknown): unknown {
  if (!isObject(source)) return source;
  return { decimalComma: source['delimiter'] === ';' || source['delimiter'] === '\t', ...source };
}

export const datasetFrom1 = (state: Json): Json => ({
  ...state,
  version: 2,
  source: sourceFrom1(state['source']),
  mapping: mappingFrom1(state['mapping']),
});
