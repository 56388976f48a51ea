/** What is fixed when a run starts: data, model and settings, checked against each other. */
import { TabtuneError } from '../../base/errors';
import { sameValue } from '../../base/same-value';
import type { Dataset } from '../../data/dataset';
import type { DatasetInfo } from '../../domain/dataset';
import { RUN_VERSION } from '../../domain/run';
import type { RunStart } from '../../domain/run';
import type { TrainingConfig } from '../../domain/training-config';
import { lessonOf } from '../../lessons/index';
import { reopenFor } from '../data/run-dataset';
import type { Setup } from '../lesson';
import type { TrainRequest } from '../link/protocol';
import type { Context } from '../link/server';
import { loadSource } from '../model/base-model';
import { asAdapterSays, begunAs } from '../model/begin';
import { refuseMisfit } from '../model/fit';
import type { LoadedModel, Session } from '../session';

/** The set-up of a new run on the open data set and model. Throws `bad-config` or `bad-data`. */
export function newSetup(session: Session, { config, runName }: TrainRequest): Setup {
  const { info } = session.requireDataset();
  const loaded = session.requireModel();
  const device = session.requireDevice();
  checkFit(info, loaded, config);
  // Settings that the lesson does not have are not kept with the run.
  const own = asAdapterSays(lessonOf(info.mapping).settings.schema.parse(config), loaded.info);
  const model = begunAs(loaded, own);
  const start: RunStart = {
    version: RUN_VERSION,
    id: crypto.randomUUID(),
    name: runName,
    createdAt: new Date().toISOString(),
    datasetId: info.id,
    datasetName: info.name,
    datasetSha256: info.sha256,
    mapping: info.mapping,
    split: info.split,
    splitRows: info.splitRows,
    labels: labelsOf(info),
    model: model.info,
    modelSource: model.source,
    config: own,
    backend: device.chosen,
    device: device.backends.find((report) => report.backend === device.chosen)?.name ?? device.chosen,
  };
  return { start, model, info };
}

const labelsOf = (info: DatasetInfo): string[] => info.labels.map((label) => label.name);

/** Whether the rows are divided, and their classes numbered, as they were for a run. */
export const isDividedAs = (info: DatasetInfo, run: Pick<RunStart, 'splitRows' | 'labels'>): boolean =>
  sameValue([info.splitRows, labelsOf(info)], [run.splitRows, run.labels]);

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
  if (!isDividedAs(info, start))
    throw new TabtuneError('bad-data', 'The rows are divided otherwise than when this run began, so it cannot go on.', {
      fix: 'Train anew.',
    });
  const model = await loadSource(session, start.modelSource, context);
  session.model = model;
  refuseOther(start, model);
  return { start, model: begunAs(model, start.config), info };
}

/** Throws `bad-model` when what lies where a run's model came from cannot learn its rows any more. */
export function refuseOther({ mapping, model }: RunStart, { info }: LoadedModel): void {
  if (lessonOf(mapping).fits(info)) return;
  throw new TabtuneError('bad-model', `The model of this run, “${model.name}”, is of another kind now.`, {
    fix: 'Train anew.',
  });
}

/** Throws `bad-config` for a model or settings that do not suit, `bad-data` for data that cannot be trained on. */
function checkFit(info: DatasetInfo, model: LoadedModel, config: TrainingConfig): void {
  refuseMisfit(info.mapping, model.info);
  const problems = lessonOf(info.mapping).problemsOf(config);
  if (config.maxLength > model.info.maxPositions)
    problems.push(`maxLength must be at most ${model.info.maxPositions}, the longest input this model knows.`);
  if (problems.length > 0)
    throw new TabtuneError('bad-config', problems.join(' '), { fix: 'Correct the settings under Advanced.' });
  if (info.health.blocker) throw new TabtuneError('bad-data', info.health.blocker, { fix: 'See the Data step.' });
  if (info.splitRows.train === 0)
    throw new TabtuneError('bad-data', 'There are no training rows.', { fix: 'Change the split on the Data step.' });
}

/**
 * The open data set; throws `bad-data` when it is no longer the one that was checked. Call it inside a turn of
 * `dataTurns`.
 */
export function datasetFor(session: Session, { info }: Setup): Dataset {
  const dataset = session.requireDataset();
  if (!sameValue(dataset.info, info))
    throw new TabtuneError('bad-data', 'The data set changed while the run was starting.', { fix: 'Start again.' });
  return dataset;
}
