/** The LoRA adapter alone, as PEFT reads it. */
import { configOfAnswers } from '../../../../engine/target-head';
import { belongsTo } from '../../../../engine/nn/lora';
import type { NamedTensor } from '../../../../formats/tensor';
import { readPeftAdapter, writePeftAdapter } from '../../../../formats/peft';
import { adapterFiles, fitsItsBase, onItsBase } from '../../../../worker/run/adapter-files';
import type { Export } from '../../../../worker/run/export';
import { baseModelName } from '../../../../worker/run/recipe';
import type { LabelRun } from '../run';
import { reread, tolerance, weightFiles } from './weights';

/** Layers that are in the adapter whole and are not named yet: the head of numbers always is. */
function savedBeside(tensors: readonly NamedTensor[], named: readonly string[]): string[] {
  const whole = tensors.map(({ name }) => name).filter((name) => !/\.lora_[AB]\.weight$/.test(name));
  const layers = whole.map((name) => name.replace(/^base_model\.model\.|\.(weight|bias)$/g, ''));
  return [...new Set(layers)].filter((layer) => !belongsTo(`${layer}.weight`, named));
}

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
    weightFiles(run, call, async (tuned, { readme }) => {
      const tensors = await tuned.adapter();
      const { lora } = run.start.config;
      return writePeftAdapter({
        config: { ...lora, modulesToSave: [...lora.modulesToSave, ...savedBeside(tensors, lora.modulesToSave)] },
        ...adapterFiles(run.model, tensors),
        baseModelName: baseModelName(run.start),
        readme,
      });
    }),
  proof: {
    reread: (run, file) =>
      reread(run, file, async (files) => {
        const { config, ...rest } = onItsBase(run.model, await readPeftAdapter(files));
        const answers = configOfAnswers(config, run.start.targetScale);
        const { tokenizer } = run.model;
        return { options: { ...rest, config: answers, training: run.start.config }, tokenizer };
      }),
    tolerance,
  },
};
