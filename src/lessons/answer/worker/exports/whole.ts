/** The whole model in Hugging Face layout; of LoRA, with the adapter worked into the weights. */
import { blobSource } from '../../../../base/bytes';
import { must } from '../../../../base/assert';
import { readHfFolder } from '../../../../formats/hf-folder';
import { readZip } from '../../../../formats/zip';
import type { Export, OutFile } from '../../../../worker/run/export';
import type { Call } from '../../../../worker/session';
import type { WritingRun } from '../run';
import { languageCard } from './card';
import { writeLanguageFolder } from './folder';
import { recipeFile, recipeOf } from './recipe';
import { EXACT, ofTuned, ownTemplate, rereadWhole, resultsOf } from './weights';

/** The trained model as a folder, with card and recipe. */
export function wholeFiles(run: WritingRun, call: Call): Promise<OutFile[]> {
  const { config, tokenizerFiles } = run.model.checkpoint;
  const recipe = recipeOf(run);
  return ofTuned(run, call, async (tuned) => [
    ...writeLanguageFolder({
      config,
      tensors: await tuned.merged(),
      tokenizerFiles,
      chat: { settings: {}, generationConfig: run.chat.generationConfig, jinja: null },
      chatTemplate: ownTemplate(run),
      className: must(run.model.writing, 'what it writes with').className,
      readme: languageCard(recipe, 'merged', resultsOf(run)),
    }),
    recipeFile(recipe),
  ]);
}

const parts: Pick<Export<WritingRun>, 'write' | 'proof'> = {
  write: (run, _, call) => wholeFiles(run, call),
  proof: {
    reread: async (run, { name, blob }) => rereadWhole(run, await readHfFolder(await readZip(blobSource(name, blob)))),
    tolerance: EXACT,
  },
};
const use = 'AutoModelForCausalLM.from_pretrained("folder")';
const forWhom = 'For Python, and for this app';

export const full: Export<WritingRun> = {
  ...parts,
  id: 'full',
  card: {
    title: 'The whole model',
    forWhom,
    about: 'A zip in Hugging Face layout: weights, tokenizer, chat template and a model card.',
    use,
  },
  methods: ['full'],
};

export const merged: Export<WritingRun> = {
  ...parts,
  id: 'merged',
  card: {
    title: 'The whole model, merged',
    forWhom,
    about:
      'The adapter worked into the weights: a plain model in Hugging Face layout with tokenizer and chat template.',
    use,
  },
  methods: ['lora'],
};
