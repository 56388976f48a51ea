/** Divides the scanned rows by split and counts labels and leaks over the parts. */
import { must } from '../base/assert';
import type { LabelCount, SplitConfig } from '../domain/dataset';
import { SPLITS } from '../domain/task';
import type { SplitName } from '../domain/task';
import { NO_LABEL, sortLabels } from './labels';
import type { Scan } from './scanned';
import { NO_SPLIT, assignSplit, splitCode } from './split';

export interface Division {
  /** Split code of each row. */
  splits: Uint8Array;
  splitRows: Record<SplitName, number>;
  splitFromColumn: boolean;
  /** In class order. */
  labels: LabelCount[];
  /** Repeats on the other side of the border between training and held-out rows than the row they repeat. */
  leaks: number;
}

/** Splits `rows` rows as their own column says, or seeded and stratified by their first label. */
export function divideRows(scan: Scan, rows: number, split: SplitConfig): Division {
  const splits = new Uint8Array(rows);
  const takesPart = (row: number): boolean =>
    scan.unusable[row] === 0 && !(split.dropDuplicates && scan.duplicates.originalOf(row) !== null);
  const names = scan.labels.names();
  if (scan.given) {
    for (let row = 0; row < rows; row++) splits[row] = takesPart(row) ? must(scan.given[row]) : NO_SPLIT;
  } else {
    const groupOf = (row: number): number =>
      scan.labels.firstOf(row) === NO_LABEL ? names.length : scan.labels.firstOf(row);
    assignSplit(splits, takesPart, groupOf, names.length + 1, split);
  }
  const splitRows: Record<SplitName, number> = { train: 0, validation: 0, test: 0 };
  for (const code of splits) if (code !== NO_SPLIT) splitRows[must(SPLITS[code - 1])]++;
  return {
    splits,
    splitRows,
    splitFromColumn: scan.given !== null,
    labels: countLabels(scan, splits, names),
    leaks: countLeaks(scan, splits),
  };
}

/** Label counts over usable rows, in class order. */
function countLabels(scan: Scan, splits: Uint8Array, names: readonly string[]): LabelCount[] {
  const counts = names.map((name): LabelCount => ({ name, count: 0, bySplit: { train: 0, validation: 0, test: 0 } }));
  splits.forEach((code, row) => {
    scan.labels.each(row, (label) => {
      const entry = must(counts[label]);
      entry.count++;
      if (code !== NO_SPLIT) entry.bySplit[must(SPLITS[code - 1])]++;
    });
  });
  const byName = new Map(counts.map((entry) => [entry.name, entry]));
  return sortLabels(names).map((name) => must(byName.get(name)));
}

function countLeaks(scan: Scan, splits: Uint8Array): number {
  const train = splitCode('train');
  let leaks = 0;
  for (let i = 0; i < scan.duplicates.count; i++) {
    const [row, original] = scan.duplicates.pairAt(i);
    const a = must(splits[row]);
    const b = must(splits[original]);
    if (a !== NO_SPLIT && b !== NO_SPLIT && (a === train) !== (b === train)) leaks++;
  }
  return leaks;
}
