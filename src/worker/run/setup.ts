/** What is fixed when a run starts: data, model and settings, checked against each other. */
import { TabtuneError } from '../../base/errors';
import type { Dataset } from '../../data/dataset';
import { isLanguageMapping, labelMapping } from '../../domain/dataset';
import type { DatasetInfo } from '../../domain/dataset';
import { checkLanguageConfig, isLanguageConfig } from '../../domain/language-config';
import { isLanguageStart } from '../../domain/run';
import type { LabelRunStart, LanguageRunStart, RunStart } from '../../domain/run';
import { checkConfig } from '../../domain/training-config';
import type { TrainingConfig } from '../../domain/training-config';
import { loadSource } from '../model/loading';
import type { TrainRequest } from '../link/protocol';
import { reopenFor } from '../data/reopening';
import type { Context } from '../link/server';
import type { LoadedDecoder, LoadedEncoder, LoadedModel, Session } from '../session';

export interface LabelSetup {
  kind: 'label';
  start: LabelRunStart;
  model: LoadedEncoder;
  info: DatasetInfo;
}

export interface LanguageSetup {
  kind: 'language';
  start: LanguageRunStart;
  model: LoadedDecoder;
  info: DatasetInfo;
}

export type Setup = LabelSetup | LanguageSetup;

/** The set-up of a new run on the open data set and model. Throws `bad-config` or `bad-data`. */
export function newSetup(session: Session, { config, runName }: TrainRequest): Setup {
  const { info } = session.requireDataset();
  const model = session.requireModel();
  const device = session.requireDevice();
  checkFit(info, model, config);
  const facts = {
    id: crypto.randomUUID(),
    name: runName,
    createdAt: new Date().toISOString(),
    datasetId: info.id,
    datasetName: info.name,
    datasetSha256: info.sha256,
    split: info.split,
    splitRows: info.splitRows,
    modelSource: model.source,
    backend: device.chosen,
    device: device.backends.find((report) => report.backend === device.chosen)?.name ?? device.chosen,
  };
  if (model.kind === 'encoder') {
    const mapping = labelMapping(info.mapping);
    const start: LabelRunStart = {
      ...facts,
      task: mapping.task,
      labels: labelsOf(info),
      mapping,
      model: model.info,
      config,
    };
    return { kind: 'label', start, model, info };
  }
  if (!isLanguageMapping(info.mapping))
    throw new TabtuneError('bad-config', `${model.info.name} writes text, and these rows are texts with labels.`, {
      fix: 'On the Data step, choose that answers are learned, or choose a model that gives labels.',
    });
  if (!isLanguageConfig(config))
    throw new TabtuneError('bad-config', 'These settings are for a model that gives labels.', {
      fix: 'Choose the method again.',
    });
  const start: LanguageRunStart = {
    ...facts,
    task: info.mapping.task,
    mapping: info.mapping,
    model: model.info,
    config,
  };
  return { kind: 'language', start, model, info };
}

const labelsOf = (info: DatasetInfo): string[] => info.labels.map((label) => label.name);

/**
 * The set-up of an interrupted run, its data set and model opened again. Throws `bad-data` when the data set is gone or
 * is divided otherwise now.
 */
export async function setupAgain(session: Session, start: RunStart, context: Context): Promise<Setup> {
  const info = await session.dataTurns.take(() => reopenFor(session, start, context));
  if (!info)
    throw new TabtuneError('bad-data', `The data set of this run, “${start.datasetName}”, has been deleted.`, {
      fix: 'Open the file again and train anew.',
    });
  const labels = isLanguageStart(start) ? [] : start.labels;
  if (JSON.stringify([start.splitRows, labels]) !== JSON.stringify([info.splitRows, labelsOf(info)]))
    throw new TabtuneError('bad-data', 'The rows are divided otherwise than when this run began, so it cannot go on.', {
      fix: 'Train anew.',
    });
  const model = await loadSource(session, start.modelSource, context);
  session.model = model;
  if (isLanguageStart(start) && model.kind === 'decoder') return { kind: 'language', start, model, info };
  if (!isLanguageStart(start) && model.kind === 'encoder') return { kind: 'label', start, model, info };
  throw new TabtuneError('bad-model', `The model of this run, “${start.model.name}”, is of another kind now.`, {
    fix: 'Train anew.',
  });
}

/** Throws `bad-config` for settings that do not suit the model, `bad-data` for data that cannot be trained on. */
function checkFit(info: DatasetInfo, model: LoadedModel, config: TrainingConfig): void {
  const problems = isLanguageConfig(config) ? checkLanguageConfig(config) : checkConfig(config);
  if (config.maxLength > model.info.maxPositions)
    problems.push(`maxLength must be at most ${model.info.maxPositions}, the longest input this model knows.`);
  problems.push(...adapterProblems(model, config));
  if (problems.length > 0)
    throw new TabtuneError('bad-config', problems.join(' '), { fix: 'Correct the settings under Advanced.' });
  if (info.health.blocker) throw new TabtuneError('bad-data', info.health.blocker, { fix: 'See the Data step.' });
  if (info.splitRows.train === 0)
    throw new TabtuneError('bad-data', 'There are no training rows.', { fix: 'Change the split on the Data step.' });
}

/** A model that was dropped with a LoRA adapter can only be gone on with as that adapter was made. */
function adapterProblems({ checkpoint: { adapter } }: LoadedModel, { method, lora }: TrainingConfig): string[] {
  if (!adapter) return [];
  if (method !== 'lora')
    return [
      'This model came with a LoRA adapter, which only the Balanced method can go on with. Drop the base ' +
        'model alone to train otherwise.',
    ];
  const { r, target_modules: targets, modules_to_save: saved } = adapter.config;
  const same = (a: readonly string[], b: readonly string[]): boolean =>
    a.length === b.length && a.every((name) => b.includes(name));
  if (lora.rank === r && same(lora.targetModules, targets) && same(lora.modulesToSave, saved)) return [];
  return [
    `This model came with a LoRA adapter of rank ${r} on ${targets.join(', ')}, saving ` +
      `${saved.join(', ') || 'no module'}: set the same under Advanced, or drop the base model alone.`,
  ];
}

/**
 * The open data set; throws `bad-data` when it is no longer the one that was checked. Call it inside a turn of
 * `dataTurns`.
 */
export function datasetFor(session: Session, { info }: Setup): Dataset {
  const dataset = session.requireDataset();
  if (dataset.info !== info && JSON.stringify(dataset.info) !== JSON.stringify(info))
    throw new TabtuneError('bad-data', 'The data set changed while the run was starting.', { fix: 'Start again.' });
  return dataset;
}
