/** How a new run is to learn the numbers of its training rows. */
import { TabtuneError } from '../../../base/errors';
import { Spread } from '../../../domain/spread';
import { targetScaleOf } from '../../../domain/target-scale';
import type { TargetScale } from '../../../domain/target-scale';
import type { Setup } from '../../../worker/lesson';
import { Slices } from '../../../worker/link/server';
import { datasetFor } from '../../../worker/run/setup';
import type { Call } from '../../../worker/session';
import { exampleReader } from '../shared';
import { labelStart } from './start';

/** Null where it learns labels. Throws `bad-config` for logarithms of what has none, `bad-data`, `cancelled`. */
export async function targetScale({ session, context }: Call, setup: Setup): Promise<TargetScale | null> {
  const { mapping, config } = labelStart(setup.start);
  if (mapping.task !== 'regression') return null;
  const { logTargets } = config;
  const least = setup.info.target?.min ?? NaN;
  if (logTargets && !(least > 0))
    throw new TabtuneError('bad-config', `Only numbers above 0 have a logarithm; the smallest is ${least}.`, {
      fix: 'Switch “Learn the logarithm” off under Advanced, or leave such rows out.',
    });
  const spread = new Spread();
  await session.dataTurns.take(async () => {
    const dataset = datasetFor(session, setup);
    const read = exampleReader(mapping, dataset.info);
    const slices = new Slices(context.signal);
    for (const [row, cells] of dataset.cellsOf('train')) {
      const label = read(row, cells)?.label;
      if (typeof label === 'number') spread.add(logTargets ? Math.log(label) : label);
      if (!slices.over) continue;
      const { train: total } = dataset.info.splitRows;
      context.trainEvent({ type: 'phase', phase: 'numbers', done: spread.count, total });
      await slices.rest();
    }
  });
  return targetScaleOf(spread, logTargets);
}
