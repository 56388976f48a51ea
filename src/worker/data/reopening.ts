/** Opens the data set of an earlier run again, read and divided as it was then. */
import type { DatasetInfo } from '../../domain/dataset';
import type { RunStart } from '../../domain/run';
import { reopenStored } from './opening';
import type { Context } from '../link/server';
import type { Session } from '../session';

/**
 * The run's data set with the mapping and the split it was trained with, or null when it has been deleted. Call it
 * inside a turn of `dataTurns`.
 */
export async function reopenFor(
  session: Session,
  run: Pick<RunStart, 'datasetId' | 'mapping' | 'split'>,
  context: Context,
): Promise<DatasetInfo | null> {
  const storage = await session.storage();
  if (session.dataset?.info.id !== run.datasetId && !(await storage.dataset(run.datasetId))) return null;
  const dataset = await reopenStored(session, run.datasetId, context);
  if (JSON.stringify(dataset.info.mapping) !== JSON.stringify(run.mapping)) {
    await dataset.setMapping(run.mapping, {
      signal: context.signal,
      onProgress: (done, total) => context.progress({ label: 'Reopening the data set', done, total, unit: 'rows' }),
    });
  }
  if (JSON.stringify(dataset.info.split) !== JSON.stringify(run.split)) await dataset.setSplit(run.split);
  return dataset.info;
}
