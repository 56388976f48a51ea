/** The LoRA adapter alone, as PEFT reads it. */
import { blobSource } from '../../../../base/bytes';
import { architectureNamed } from '../../../../domain/architectures';
import { readPeftAdapter, writePeftAdapter } from '../../../../formats/peft';
import { readZip } from '../../../../formats/zip';
import { adapterFiles, fitsItsBase, onItsBase } from '../../../../worker/run/adapter-files';
import type { Export } from '../../../../worker/run/export';
import { baseModelName } from '../../../../worker/run/recipe';
import type { WritingRun } from '../run';
import { languageCard } from './card';
import { recipeFile, recipeOf } from './recipe';
import { EXACT, ofTuned, rereadAs, resultsOf } from './weights';

export const adapter: Export<WritingRun> = {
  id: 'adapter',
  card: {
    title: 'The adapter alone',
    forWhom: 'For Python with PEFT',
    about: 'A small file with what was learned; it goes on top of the base model.',
    use: 'PeftModel.from_pretrained(base, "folder")',
  },
  methods: ['lora'],
  when: ({ model }) => fitsItsBase(model),
  write(run, _, call) {
    const recipe = recipeOf(run);
    return ofTuned(run, call, async (tuned) => [
      ...writePeftAdapter({
        config: run.start.config.lora,
        ...adapterFiles(run.model, await tuned.adapter()),
        taskType: 'CAUSAL_LM',
        fanInFanOut: architectureNamed(run.start.model.architecture).fanInFanOut,
        baseModelName: baseModelName(run.start),
        readme: languageCard(recipe, 'adapter', resultsOf(run)),
      }),
      recipeFile(recipe),
    ]);
  },
  proof: {
    async reread(run, { name, blob }) {
      const read = await readPeftAdapter(await readZip(blobSource(name, blob)));
      return rereadAs(run, { ...onItsBase(run.model, read), training: run.start.config }, run.renderer);
    },
    tolerance: EXACT,
  },
};
