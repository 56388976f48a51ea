/**
 * Divides usable rows into train, validation and test: seeded, stratified by class, or as a column of the data says.
 */
import { must } from '../base/assert';
import { TabtuneError } from '../base/errors';
import { SeededRandom } from '../base/random';
import type { SplitConfig } from '../domain/dataset';
import { SPLITS } from '../domain/task';
import type { SplitName } from '../domain/task';

/** Per-row split codes: 0 for none, then 1 more than the place in `SPLITS`. */
export const NO_SPLIT = 0;

export function splitCode(name: SplitName): number {
  return SPLITS.indexOf(name) + 1;
}

/** Throws `bad-config` unless the shares are from 0 to 1, add up to 1 and leave something to train on. */
export function checkSplit(split: SplitConfig): void {
  const shares = [split.train, split.validation, split.test];
  const sum = shares.reduce((total, share) => total + share, 0);
  if (shares.some((share) => !(share >= 0 && share <= 1)) || Math.abs(sum - 1) > 1e-6 || split.train <= 0)
    throw new TabtuneError(
      'bad-config',
      `The shares of the split add up to ${Number(sum.toFixed(4))}; they have to add up to 1, with some ` +
        'rows for training.',
      { fix: 'For example train 0.8, validation 0.1, test 0.1.' },
    );
  if (!Number.isInteger(split.seed))
    throw new TabtuneError('bad-config', `The seed ${split.seed} is not a whole number.`, { fix: 'For example 42.' });
}

/**
 * How many rows of each class go to a part of the given share. Rounding is carried from class to class, so that many
 * small classes together still give their share; each class keeps at least one row that is not taken.
 */
function quotas(counts: Uint32Array, share: number, order: readonly number[], taken: Uint32Array): Uint32Array {
  const out = new Uint32Array(counts.length);
  let wanted = 0;
  let given = 0;
  for (const group of order) {
    const count = must(counts[group]);
    wanted += count * share;
    const most = Math.max(0, Math.min(Math.ceil(count * share), count - 1 - must(taken[group])));
    out[group] = Math.max(0, Math.min(most, Math.round(wanted) - given));
    given += out[group];
  }
  return out;
}

/**
 * Writes a split code for each row that takes part. `groups[row]` is the class to stratify by, below `groupCount`.
 * The same rows, groups and seed always give the same split.
 */
export function assignSplit(
  codes: Uint8Array,
  takesPart: (row: number) => boolean,
  groupOf: (row: number) => number,
  groupCount: number,
  split: SplitConfig,
): void {
  codes.fill(NO_SPLIT);
  let rows = 0;
  const counts = new Uint32Array(groupCount);
  for (let row = 0; row < codes.length; row++)
    if (takesPart(row)) {
      rows++;
      counts[groupOf(row)] = must(counts[groupOf(row)]) + 1;
    }
  const order = new Uint32Array(rows);
  for (let row = 0, at = 0; row < codes.length; row++) if (takesPart(row)) order[at++] = row;
  new SeededRandom(split.seed, 'split').shuffle(order);
  const groups = Array.from(counts.keys());
  const test = quotas(counts, split.test, groups, new Uint32Array(groupCount));
  // Counted from the other end, so that the odd rows of small classes don't all come from the same ones.
  const validation = quotas(counts, split.validation, groups.reverse(), test);
  const [train, valid, held] = SPLITS.map(splitCode) as [number, number, number];
  for (const row of order) {
    const group = groupOf(row);
    if (must(test[group]) > 0) {
      test[group] = must(test[group]) - 1;
      codes[row] = held;
    } else if (must(validation[group]) > 0) {
      validation[group] = must(validation[group]) - 1;
      codes[row] = valid;
    } else codes[row] = train;
  }
}
