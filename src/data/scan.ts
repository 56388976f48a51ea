/** One pass over the stored rows under a mapping: which are usable and why not, labels, repeats, lengths, targets. */
import { must } from '../base/assert';
import type { TargetSummary } from '../domain/dataset';
import { Spread } from '../domain/spread';
import { DuplicateList, SeenTexts } from './duplicates';
import type { TextAndLabel } from './duplicates';
import { RowLabels } from './labels';
import { pacer } from './pause';
import type { StoredOutcome } from './read-row';
import type { MappingReading } from './reading';
import type { RowReader, StoredRow } from './row-store';
import type { Scan } from './scanned';
import { splitCode } from './split';

export interface ScanOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((doneRows: number, totalRows: number) => void) | undefined;
}

function summaryOf({ count, min, max, mean, standardDeviation, skewness }: Spread): TargetSummary | null {
  return count === 0 ? null : { min, max, mean, standardDeviation, skewness };
}

/** How stored rows are read, and whether a column of theirs names the split. */
export interface RowsRead {
  read: (stored: StoredRow) => StoredOutcome;
  splitGiven: boolean;
}

/** Reads every row once; it can be cancelled and lets other work in between. */
export async function scanRows(
  reader: RowReader,
  { classes, numbers }: Pick<MappingReading, 'classes' | 'numbers'>,
  { read, splitGiven }: RowsRead,
  options: ScanOptions = {},
): Promise<Scan> {
  const scan: Scan = {
    unusable: new Uint8Array(reader.count),
    given: splitGiven ? new Uint8Array(reader.count) : null,
    labels: new RowLabels(reader.count, classes.several, classes.known),
    duplicates: new DuplicateList(),
    conflicts: 0,
    usable: 0,
    byProblem: new Map(),
    longestCharacters: 0,
    totalCharacters: 0,
    structured: 0,
    target: null,
  };
  const seen = new SeenTexts(reader.count, (row) => earlierContent(reader, read, row));
  const spread = new Spread();
  const pause = pacer(options.signal);
  for (const { first, rows } of reader.pieces()) {
    rows.forEach((stored, i) => takeRow(scan, seen, spread, first + i, read(stored)));
    options.onProgress?.(first + rows.length, reader.count);
    await pause();
  }
  scan.target = numbers ? summaryOf(spread) : null;
  return scan;
}

function earlierContent(reader: RowReader, read: RowsRead['read'], row: number): TextAndLabel | null {
  const outcome = read(must(reader.read(row, 1)[0]));
  return outcome.ok ? outcome.row.repeat : null;
}

function takeRow(scan: Scan, seen: SeenTexts, spread: Spread, at: number, outcome: StoredOutcome): void {
  if (!outcome.ok) {
    const { problem } = outcome.trouble;
    scan.unusable[at] = 1;
    scan.byProblem.set(problem, (scan.byProblem.get(problem) ?? 0) + 1);
    scan.labels.skip(at);
    return;
  }
  const { row, split } = outcome;
  const characters = row.texts.reduce((sum, { length }) => sum + length, 0);
  scan.usable++;
  scan.totalCharacters += characters;
  scan.longestCharacters = Math.max(scan.longestCharacters, characters);
  if (/^\s*(\[\s*["[{]|\{\s*")/.test(row.texts[0] ?? '')) scan.structured++;
  scan.labels.set(at, row.labels);
  if (scan.given && split) scan.given[at] = splitCode(split);
  if (!Number.isNaN(row.target)) spread.add(row.target);
  const { duplicateOf, conflict } = seen.add(at, row.repeat);
  if (duplicateOf !== null) scan.duplicates.push(at, duplicateOf);
  if (conflict) scan.conflicts++;
}
