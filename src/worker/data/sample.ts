/** Counting over the rows of a data set, others in between. */
import { TabtuneError } from '../../base/errors';
import { Slices } from '../link/server';
import type { Call } from '../session';

/** Rows that are looked at; larger sets are sampled evenly. */
const MOST_ROWS = 2000;

/**
 * Takes usable rows (from 1) of the open data set, evenly spread where there are many. Throws `cancelled`, also when
 * another request has closed the data set meanwhile.
 */
export async function overSample(
  { session, context }: Call,
  take: (row: number, cells: readonly string[]) => void,
): Promise<void> {
  const dataset = session.requireDataset();
  const { rows } = dataset.info;
  const stride = Math.max(1, Math.floor(rows / MOST_ROWS));
  const slices = new Slices(context.signal);
  for (let row = 1; row <= rows; row += stride) {
    const cells = dataset.cells(row);
    if (cells) take(row, cells);
    if (!slices.over) continue;
    await slices.rest();
    if (session.dataset !== dataset) throw new TabtuneError('cancelled', 'The data set has been closed.');
  }
}
