/** Reads stored rows under a mapping: what its lesson reads of the cells, and the split that a column names. */
import type { SplitName } from '../domain/task';
import { parseSplit } from './columns';
import type { MappingReading, ReadRow, RowOutcome } from './reading';
import type { StoredRow } from './row-store';

/** `split` is null without a column that names it. */
export type StoredOutcome = { ok: true; row: ReadRow; split: SplitName | null } | Extract<RowOutcome, { ok: false }>;

/** Compiles a reading into a function over stored rows; `split` is the column that names the split, or null. */
export function storedReader(
  reading: MappingReading,
  columns: readonly string[],
  split: string | null,
): (stored: StoredRow) => StoredOutcome {
  const at = split === null ? -1 : columns.indexOf(split);
  return ({ cells, trouble }) => {
    if (trouble) return { ok: false, trouble };
    const outcome = reading.read(cells);
    if (!outcome.ok) return outcome;
    if (at < 0) return { ok: true, row: outcome.row, split: null };
    const cell = cells[at] ?? '';
    const named = parseSplit(cell);
    if (named !== null) return { ok: true, row: outcome.row, split: named };
    const message = `"${cell}" in "${split}" names no split: train, validation or test is expected.`;
    return { ok: false, trouble: { problem: 'unknown-split', message } };
  };
}
