/** The whole model in Hugging Face layout; of LoRA, with the adapter worked into the weights. */
import { must } from '../../../../base/assert';
import { writeHfFolder } from '../../../../formats/hf-folder';
import type { Export } from '../../../../worker/run/export';
import type { LabelRun } from '../run';
import { reread, tolerance, weightFiles, wholeFolder } from './weights';

const parts: Pick<Export<LabelRun>, 'write' | 'proof'> = {
  write: (run, _, call) =>
    weightFiles(run, call, async (tuned, beside) =>
      writeHfFolder({
        ...beside,
        tensors: await tuned.merged(),
        architectures: [must(run.model.head, 'head').className],
      }),
    ),
  proof: { reread: (run, file) => reread(run, file, (files) => wholeFolder(run, files, 'full')), tolerance },
};
const use = 'AutoModelForSequenceClassification.from_pretrained("folder")';
const forWhom = 'For Python, and for this app';

export const full: Export<LabelRun> = {
  ...parts,
  id: 'full',
  card: {
    title: 'The whole model',
    forWhom,
    about: 'A zip in Hugging Face layout: weights, tokenizer, labels and a model card.',
    use,
  },
  methods: ['full'],
};

export const merged: Export<LabelRun> = {
  ...parts,
  id: 'merged',
  card: {
    title: 'The whole model, merged',
    forWhom,
    about: 'The adapter worked into the weights: a plain model in Hugging Face layout that needs nothing else.',
    use,
  },
  methods: ['lora'],
};
