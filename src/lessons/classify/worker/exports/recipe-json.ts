/** recipe.json: everything that is needed to repeat a run. */
import type { TargetScale } from '../../../../domain/target-scale';
import { OPTIMIZER, RECIPE_FORMAT } from '../../../../worker/run/recipe';
import type { LabelSummary } from '../start';

/** How numbers were learned, and what the exported files answer. */
const targetsOf = ({ mean, std, log }: TargetScale) => ({
  learned: `(${log ? 'log(number)' : 'number'} - mean) / std`,
  mean,
  std,
  files_answer: log ? 'log(number): math.exp(answer) gives the number' : 'number',
});

/**
 * Settings, seeds, data (with its SHA-256), split, model and versions of a run, as pretty JSON. Rates and shares as
 * numbers, bytes and milliseconds as named.
 */
export function recipeJson(run: LabelSummary, versions: Readonly<Record<string, string>>): string {
  const { model, modelSource, config } = run;
  const recipe = {
    format: RECIPE_FORMAT,
    run: {
      name: run.name,
      createdAt: run.createdAt,
      reason: run.reason,
      elapsedMs: run.elapsedMs,
      steps: run.steps.at(-1)?.step ?? 0,
      bestStep: run.bestStep,
    },
    task: run.mapping.task,
    labels: run.labels,
    ...(run.targetScale ? { targets: targetsOf(run.targetScale) } : {}),
    data: {
      name: run.datasetName,
      sha256: run.datasetSha256,
      mapping: run.mapping,
      split: run.split,
      splitRows: run.splitRows,
    },
    model: {
      name: model.name,
      architecture: model.architecture,
      parameters: model.parameters,
      licence: model.licence,
      source: modelSource,
    },
    training: config.method === 'lora' ? config : { ...config, lora: undefined },
    optimizer: OPTIMIZER,
    device: { backend: run.backend, name: run.device },
    versions,
  };
  return `${JSON.stringify(recipe, null, 2)}\n`;
}
