/** What all recipes say, and what others call the base model of a run. */
import { dependencies, version } from '../../../package.json';
import type { RunStart } from '../../domain/run';
import { EMBEDDED_MODELS } from '../../hub/embedded';

/** Version of recipe.json's layout; raised when a field changes its meaning. */
export const RECIPE_FORMAT = 1;

/** Versions that a recipe names. */
export const VERSIONS: Readonly<Record<string, string>> = {
  tabtune: version,
  tfjs: dependencies['@tensorflow/tfjs-core'],
};

export const OPTIMIZER = {
  name: 'AdamW',
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  decayOn: 'parameters with two or more dimensions',
} as const;

/** What others call the base model: its id on the Hub where it has one. */
export function baseModelName({ modelSource: source }: Pick<RunStart, 'modelSource'>): string {
  switch (source.kind) {
    case 'hub':
      return source.id;
    case 'embedded':
      return EMBEDDED_MODELS.find((card) => card.id === source.id)?.hubId ?? source.id;
    case 'files':
      return source.name;
  }
}

/** The name under which others can look the base model up on the Hub, or null when only its owner has it. */
export const publicBaseModel = (run: Pick<RunStart, 'modelSource'>): string | null =>
  run.modelSource.kind === 'files' ? null : baseModelName(run);
