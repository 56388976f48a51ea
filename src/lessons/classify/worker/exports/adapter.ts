/** The LoRA adapter alone, as PEFT reads it. */
import { readPeftAdapter, writePeftAdapter } from '../../../../formats/peft';
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
  write: (run, _, call) =>
    weightFiles(run, call, async (tuned, { readme }) =>
      writePeftAdapter({
        config: run.start.config.lora,
        tensors: await tuned.adapter(),
        baseModelName: baseModelName(run.start),
        readme,
      }),
    ),
  proof: {
    reread: (run, file) =>
      reread(run, file, async (files) => {
        const { config, tensors } = await readPeftAdapter(files);
        const lora = {
          rank: config.r,
          alpha: config.lora_alpha,
          dropout: config.lora_dropout,
          targetModules: config.target_modules,
          modulesToSave: config.modules_to_save,
        };
        const { checkpoint, tokenizer } = run.model;
        return {
          options: {
            config: checkpoint.config,
            tensors: checkpoint.tensors,
            training: { ...run.start.config, lora },
            adapter: tensors,
          },
          tokenizer,
        };
      }),
    tolerance,
  },
};
