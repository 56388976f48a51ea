/**
 * The files of each export, and how each is read back into a model: what is written here is what `verifyExport` reads.
 */
import { TabtuneError } from '../../../base/errors';
import { bareName } from '../../../domain/architectures';
import type { LabelRun, RunSummary } from '../../../domain/run';
import type { Method, TrainingConfig } from '../../../domain/training-config';
import type { BuildOptions, FineTuneModel } from '../../../engine/types';
import type { FolderFile } from '../../../formats/folder';
import { readHfFolder, writeHfFolder } from '../../../formats/hf-folder';
import { modelCard } from '../../../formats/model-card';
import { readPeftAdapter, writePeftAdapter } from '../../../formats/peft';
import { writeSentenceTransformers } from '../../../formats/sentence-transformers';
import type { NamedTensor } from '../../../formats/tensor';
import { EMBEDDED_MODELS } from '../../../hub/embedded';
import type { TextTokenizer } from '../../../text/tokenizer';
import { loadTokenizer } from '../../../text/tokenizer';
import type { LabelExport } from '../../../worker/link/protocol';
import type { LoadedEncoder } from '../../../worker/session';

/** Exports that carry weights. */
export type WeightsKind = Exclude<LabelExport, 'predictions' | 'recipe'>;
export type OutFile = { path: string; bytes: Uint8Array };

export const WEIGHTS_FOR_METHOD: Record<Method, readonly WeightsKind[]> = {
  full: ['full'],
  lora: ['adapter', 'merged'],
  head: ['sentence-transformers'],
};

/** The kind, if a run of this method has such an export; throws `bad-config` else. */
export function kindAmong<K extends string>(
  kinds: Partial<Record<Method, readonly K[]>>,
  kind: string,
  method: Method,
): K {
  const offered = kinds[method] ?? [];
  const found = offered.find((one) => one === kind);
  if (found !== undefined) return found;
  throw new TabtuneError('bad-config', `A run of the method “${method}” has no export of the kind “${kind}”.`, {
    fix: `Choose ${offered.join(' or ')}.`,
  });
}

/** What others call the base model: its id on the Hub where it has one. */
export function baseModelName(run: Pick<RunSummary, 'modelSource'>): string {
  const { modelSource: source } = run;
  switch (source.kind) {
    case 'hub':
      return source.id;
    case 'embedded':
      return EMBEDDED_MODELS.find((card) => card.id === source.id)?.hubId ?? source.id;
    case 'files':
      return source.name;
  }
}

/** The folder's files, weights in F32. */
export async function exportFiles(
  kind: WeightsKind,
  run: LabelRun,
  model: LoadedEncoder,
  tuned: FineTuneModel,
): Promise<OutFile[]> {
  const { config, tokenizerFiles } = model.checkpoint;
  const readme = modelCard(run, run.modelSource.kind === 'files' ? null : baseModelName(run));
  const shared = { config, labels: run.labels, task: run.task, tokenizerFiles, readme };
  switch (kind) {
    case 'full':
    case 'merged':
      return writeHfFolder({ ...shared, tensors: await tuned.merged(), architectures: [model.sequenceClass] });
    case 'adapter':
      return writePeftAdapter({
        config: run.config.lora,
        tensors: await tuned.adapter(),
        baseModelName: baseModelName(run),
        readme,
      });
    case 'sentence-transformers': {
      const tensors = await tuned.merged();
      const head = (name: string): NamedTensor => {
        const tensor = tensors.find((candidate) => candidate.name === name);
        if (!tensor) throw new TabtuneError('internal', `The head has no “${name}”.`);
        return tensor;
      };
      const encoderTensors = tensors
        .filter(({ name }) => !name.startsWith('linear.'))
        .map((tensor) => ({ ...tensor, name: bareName(tensor.name) }));
      const dense = { weight: head('linear.weight'), bias: head('linear.bias') };
      return writeSentenceTransformers({ ...shared, encoderTensors, dense, maxLength: run.config.maxLength });
    }
  }
}

/** Reads an export as anybody's folder is read, and says how its model is to be built. */
export async function readExport(
  kind: WeightsKind,
  files: readonly FolderFile[],
  run: LabelRun,
  model: LoadedEncoder,
): Promise<{ options: BuildOptions; tokenizer: TextTokenizer }> {
  const { task, labels, config: training } = run;
  if (kind === 'adapter') {
    const { config, tensors } = await readPeftAdapter(files);
    const lora: TrainingConfig['lora'] = {
      rank: config.r,
      alpha: config.lora_alpha,
      dropout: config.lora_dropout,
      targetModules: config.target_modules,
      modulesToSave: config.modules_to_save,
    };
    const base = model.checkpoint;
    return {
      options: {
        config: base.config,
        tensors: base.tensors,
        task,
        labels,
        training: { ...training, lora },
        adapter: tensors,
      },
      tokenizer: model.tokenizer,
    };
  }
  const { config, tensors, tokenizerFiles, denseHead } = await readHfFolder(files);
  const all = new Map([...tensors, ...(denseHead ?? []).map((tensor) => [tensor.name, tensor] as const)]);
  const method: Method = kind === 'sentence-transformers' ? 'head' : 'full';
  return {
    options: { config, tensors: all, task, labels, training: { ...training, method } },
    tokenizer: loadTokenizer(tokenizerFiles, config),
  };
}
