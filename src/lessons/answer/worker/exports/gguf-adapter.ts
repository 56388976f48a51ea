/** The LoRA adapter as llama.cpp reads it. */
import { blobSource } from '../../../../base/bytes';
import { ggufPlan, readGgufAdapter, writeGgufAdapter } from '../../../../formats/gguf/adapter';
import { isPlainAdapter } from '../../../../worker/run/adapter-files';
import type { Export } from '../../../../worker/run/export';
import type { WritingRun } from '../run';
import { EXACT, ofTuned, rereadAs } from './weights';

export const ggufAdapter: Export<WritingRun> = {
  id: 'gguf-adapter',
  card: {
    title: 'The adapter for llama.cpp',
    forWhom: 'For llama.cpp with the base model',
    about: 'What was learned, as a GGUF adapter on top of the base model’s own GGUF.',
    use: 'llama-cli -m base.gguf --lora adapter.gguf',
  },
  methods: ['lora'],
  when: ({ model }) => isPlainAdapter(model),
  write: (run, name, call) =>
    ofTuned(run, call, async (tuned) => [
      {
        path: `${name}.lora.gguf`,
        bytes: writeGgufAdapter({
          config: run.model.checkpoint.config,
          tensors: await tuned.adapter(),
          alpha: run.start.config.lora.alpha,
          scalings: run.model.begun?.going?.plan.layers,
          name: run.summary.name,
        }),
      },
    ]),
  proof: {
    async reread(run, { name, blob }) {
      const { config, tensors } = run.model.begun?.base ?? run.model.checkpoint;
      const { alpha, tensors: adapter } = await readGgufAdapter(blobSource(name, blob), config);
      const plan = ggufPlan(adapter, alpha);
      return rereadAs(run, { config, tensors, training: run.start.config, adapter, plan }, run.renderer);
    },
    tolerance: EXACT,
  },
};
