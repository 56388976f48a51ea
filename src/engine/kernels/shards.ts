/** Tables that are larger than what a GPU binds at once, kept as several shards of whole rows. */
import { must } from '../../base/assert';
import type { Matrix } from './packed/matrix';

/** Rows of a shard start at a multiple of this where the limit allows it: products are fastest at such widths. */
const ALIGNED = 32;

/** A table [V, H] whose rows lie in shards, one after the other; all trained or all frozen. */
export class RowShards {
  readonly shards: readonly Matrix[];

  constructor(shards: readonly Matrix[]) {
    this.shards = shards;
  }

  get shape(): readonly [rows: number, columns: number] {
    return [this.shards.reduce((sum, { shape: [rows] }) => sum + rows, 0), must(this.shards[0], 'shard').shape[1]];
  }

  /** Of each shard, the first of its rows in the table. */
  get starts(): number[] {
    let next = 0;
    return this.shards.map(({ shape: [rows] }) => (next += rows) - rows);
  }
}

/** A table whole or in shards. */
export type Table = Matrix | RowShards;

/** The table's shards; itself when it is whole. */
export const shardsOf = (table: Table): readonly Matrix[] => (table instanceof RowShards ? table.shards : [table]);

/** Of each shard, the first of its rows in the table. */
export const startsOf = (table: Table): readonly number[] => (table instanceof RowShards ? table.starts : [0]);

/** Some rows of a table. */
export interface RowRange {
  at: number;
  rows: number;
}

/**
 * The fewest shards of about equal size.
 * @param most bytes of a shard at most, not less than a row takes; null: no limit
 */
export function rowRanges(rows: number, rowBytes: number, most: number | null): RowRange[] {
  if (most === null || rows * rowBytes <= most) return [{ at: 0, rows }];
  const even = Math.ceil(rows / Math.ceil(rows / Math.floor(most / rowBytes)));
  const aligned = Math.ceil(even / ALIGNED) * ALIGNED;
  const each = aligned * rowBytes <= most ? aligned : even;
  return Array.from({ length: Math.ceil(rows / each) }, (_, i) => ({
    at: i * each,
    rows: Math.min(each, rows - i * each),
  }));
}
