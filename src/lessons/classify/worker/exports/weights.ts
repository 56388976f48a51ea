/** What exports of weights have in common: labels, card and recipe beside them, and how they are read back. */
import { blobSource } from '../../../../base/bytes';
import { IN_UNIT } from '../../../../domain/target-scale';
import type { TargetScale } from '../../../../domain/target-scale';
import type { TaskKind } from '../../../../domain/task';
import type { Method } from '../../../../domain/training-config';
import { buildModel } from '../../../../engine/build-model';
import { configOfAnswers } from '../../../../engine/target-head';
import type { BuildOptions, FineTuneModel, HfConfig } from '../../../../engine/types';
import { readHfFolder } from '../../../../formats/hf-folder';
import type { FolderFile } from '../../../../formats/folder';
import { readZip } from '../../../../formats/zip';
import type { TextTokenizer } from '../../../../text/tokenizer';
import { loadTokenizer } from '../../../../text/tokenizer';
import type { Figures, OneFile, OutFile, Reread } from '../../../../worker/run/export';
import { VERSIONS, publicBaseModel } from '../../../../worker/run/recipe';
import type { Call } from '../../../../worker/session';
import type { LabelRun } from '../run';
import { predictRows } from '../run';
import { modelCard } from './card';
import { recipeJson } from './recipe-json';

/** What a folder holds beside its weights. */
export interface Beside {
  config: HfConfig;
  labels: readonly string[];
  task: TaskKind;
  tokenizerFiles: ReadonlyMap<string, Uint8Array>;
  readme: string;
}

/** The files that `make` writes of the trained model, and the recipe. */
export async function weightFiles(
  run: LabelRun,
  { session }: Call,
  make: (tuned: FineTuneModel, beside: Beside) => Promise<OutFile[]>,
): Promise<OutFile[]> {
  const { record, model } = run;
  const { config, tokenizerFiles } = model.checkpoint;
  const readme = modelCard(record, publicBaseModel(record));
  const beside = {
    config: configOfAnswers(config, record.targetScale),
    labels: record.labels,
    task: record.mapping.task,
    tokenizerFiles,
    readme,
  };
  const files = await session.engineTurns.take(async () => make(await run.tuned(), beside));
  return [...files, recipeFile(run, 'recipe.json')];
}

export const recipeFile = ({ record }: LabelRun, path: string): OutFile => ({
  path,
  bytes: new TextEncoder().encode(recipeJson(record, VERSIONS)),
});

/** A share of the largest logit, where that is above 1; of numbers, of their spread, and what 32-bit floats round. */
export function tolerance(expected: Figures, { start: { targetScale } }: LabelRun): number {
  const largest = expected.reduce((most, row) => Math.max(most, ...Array.from(row, Math.abs)), 0);
  if (!targetScale) return 1e-3 * Math.max(1, largest);
  return targetScale.log ? 1e-3 * largest : 1e-3 * targetScale.std + 1e-6 * largest;
}

/** What a file that was exported of such a run answers. */
const asExported = (scale: TargetScale): TargetScale => ({ ...IN_UNIT, log: scale.log });

/** How a model is built of a folder, and what reads text for it. */
export interface Reopened {
  options: Pick<BuildOptions, 'config' | 'tensors' | 'training' | 'adapter' | 'plan'>;
  tokenizer: TextTokenizer;
}

/** An export that is opened by `open`, to be built and asked for the run's rows. */
export async function reread(
  run: LabelRun,
  { name, blob }: OneFile,
  open: (files: readonly FolderFile[]) => Promise<Reopened>,
): Promise<Reread> {
  const { options, tokenizer } = await open(await readZip(blobSource(name, blob)));
  const { labels, mapping, targetScale } = run.start;
  const targets = targetScale && asExported(targetScale);
  return {
    misread: null,
    async build() {
      const model = await buildModel({ ...options, task: mapping.task, labels, targets });
      const rows = run.encodedReplay(tokenizer);
      return {
        figures: (call) => predictRows(call, async () => model, rows, 'Replaying them on the exported files'),
        dispose: () => model.dispose(),
      };
    },
  };
}

/** Opens a folder in Hugging Face layout whose weights are whole. */
export async function wholeFolder(
  run: LabelRun,
  files: readonly FolderFile[],
  method: Exclude<Method, 'lora'>,
): Promise<Reopened> {
  const { config, tensors, tokenizerFiles, denseHead } = await readHfFolder(files);
  const all = new Map([...tensors, ...(denseHead ?? []).map((tensor) => [tensor.name, tensor] as const)]);
  return {
    options: { config, tensors: all, training: { ...run.start.config, method } },
    tokenizer: loadTokenizer(tokenizerFiles, config),
  };
}
