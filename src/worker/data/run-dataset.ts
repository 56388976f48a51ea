/** The data set of an earlier run, read and divided as it was then. */
import { sameValue } from '../../base/same-value';
import type { DatasetInfo } from '../../domain/dataset';
import type { RunStart } from '../../domain/run';
import type { Context } from '../link/server';
import type { Session } from '../session';
import { reopenStored } from './dataset';

/**
 * The run's data set with the mapping and the split it was trained with, or null when it has been deleted. Its rows are
 * read once, and not at all when it is open as it was. Call it inside a turn of `dataTurns`.
 */
export async function reopenFor(
  session: Session,
  { datasetId, mapping, split }: Pick<RunStart, 'datasetId' | 'mapping' | 'split'>,
  context: Context,
): Promise<DatasetInfo | null> {
  const storage = await session.storage();
  if (session.dataset?.info.id !== datasetId && !(await storage.dataset(datasetId))) return null;
  const dataset = await reopenStored(session, datasetId, context, { mapping, split });
  if (!sameValue(dataset.info.mapping, mapping))
    await dataset.setMapping(mapping, {
      signal: context.signal,
      onProgress: (done, total) => context.progress({ label: 'Reopening the data set', done, total, unit: 'rows' }),
    });
  if (!sameValue(dataset.info.split, split)) await dataset.setSplit(split);
  return dataset.info;
}
