/** The LoRA adapter alone, as PEFT reads it. */
import { readPeftAdapter, writePeftAdapter } from '../../../../formats/peft';
import { adapterFiles, fitsItsBase, onItsBase } from '../../../../worker/run/adapter-files';
import type { Export } from '../../../../worker/run/export';
import { baseModelName } from '../../../../worker/run/recipe';
import type { LabelRun } from '../run';
import { reread, tolerance, weightFiles } from './weights';

export const adapter: Export<LabelRun> = {
  id: 'adapter',
  card: {
    title: 'The adapter alone',
    forWhom: 'For Python with PEFT',
    about: 'A small file with what was learned; it goes on top of the base model.',
    use: 'PeftModel.from_pretrained(base, "folder")',
  },
  methods: ['lora'],
  when: ({ model }) => fitsItsBase(model),
  write: (run, _, call) =>
    weightFiles(run, call, async (tuned, { readme }) =>
      writePeftAdapter({
        config: run.start.config.lora,
        ...adapterFiles(run.model, await tuned.adapter()),
        baseModelName: baseModelName(run.start),
        readme,
      }),
    ),
  proof: {
    reread: (run, file) =>
      reread(run, file, async (files) => ({
        options: { ...onItsBase(run.model, await readPeftAdapter(files)), training: run.start.config },
        tokenizer: run.model.tokenizer,
      })),
    tolerance,
  },
};
