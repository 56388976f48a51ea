/** What a run answers to `cellRows`: test rows of one cell of the confusion matrix, the surest first. */
import { TabtuneError } from '../../../base/errors';
import { argMax } from '../../../domain/metric-formulas';
import type { Ask } from '../../../worker/run/run';
import type { CellRow } from '../shared/asked';
import { cellSchema } from '../shared/asked';
import { judged } from './report';
import type { LabelRun } from './run';

const MOST_CELL_ROWS = 1000;

export function cellRows(run: LabelRun): Ask {
  return async (params, call): Promise<CellRow[]> => {
    const cell = cellSchema.parse(params);
    if (run.start.mapping.task !== 'single-label')
      throw new TabtuneError('bad-config', 'Only single-label runs have a confusion matrix.');
    const { data, logits } = await run.testLogits(call);
    return data.testRows
      .flatMap((example, i) => {
        const row = logits[i];
        const isThere = row && example.label === cell.actual && argMax(row) === cell.predicted;
        return isThere ? [judged(run, example, row)] : [];
      })
      .sort((a, b) => b.confidence - a.confidence)
      .slice(0, MOST_CELL_ROWS);
  };
}
