/** Every setting, seed and version of a run. */
import type { Export } from '../../../../worker/run/export';
import type { LabelRun } from '../run';
import { recipeFile } from './weights';

export const recipe: Export<LabelRun> = {
  id: 'recipe',
  card: {
    title: 'The recipe',
    forWhom: 'For doing it again',
    about: 'recipe.json: every setting, seed, version and the fingerprint of the data.',
  },
  methods: ['full', 'lora', 'head'],
  write: async (run, name) => [recipeFile(run, `${name}-recipe.json`)],
};
