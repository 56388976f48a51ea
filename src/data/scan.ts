/** One pass over the stored rows under a mapping: which are usable and why not, labels, repeats, lengths, targets. */
import { must } from '../base/assert';
import { isLanguageMapping } from '../domain/dataset';
import type { ColumnMapping, RowProblem, TargetSummary } from '../domain/dataset';
import { DuplicateList, SeenTexts } from './duplicates';
import type { TextAndLabel } from './duplicates';
import { RowLabels } from './labels';
import { pacer } from './pause';
import { keyOf } from './read-language';
import { rowReader } from './read-row';
import type { ReadRow, RowOutcome } from './read-row';
import type { RowReader, StoredRow } from './row-store';
import { splitCode } from './split';

export const PROBLEMS: readonly RowProblem[] = [
  'empty-text',
  'empty-pair',
  'missing-label',
  'bad-label',
  'ragged',
  'malformed',
  'unknown-split',
  'empty-prompt',
  'empty-answer',
  'bad-messages',
  'bad-roles',
  'equal-sides',
];

/** What the pass found. Memory is a few bytes a row, whatever the texts. */
export interface Scan {
  /** Per row 0 when usable, else 1 + the place of its problem in `PROBLEMS`. */
  problems: Uint8Array;
  /** Per row the split code that a column names; null without such a column. */
  given: Uint8Array | null;
  labels: RowLabels;
  duplicates: DuplicateList;
  conflicts: number;
  usable: number;
  byProblem: Partial<Record<RowProblem, number>>;
  longestCharacters: number;
  totalCharacters: number;
  /** Texts that are JSON rather than prose. */
  structured: number;
  target: TargetSummary | null;
}

export interface ScanOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((doneRows: number, totalRows: number) => void) | undefined;
}

/**
 * What two rows have to share to be repeats: the text, the pair where there is one, and the label or number; or the
 * whole conversation.
 */
function contentOf(row: ReadRow): TextAndLabel {
  if (row.language) return keyOf(row.language);
  return {
    text: row.pair === null ? row.text : JSON.stringify([row.text, row.pair]),
    label: Number.isNaN(row.target) ? JSON.stringify([...row.labels].sort()) : String(row.target),
  };
}

/** Mean and spread of a stream of numbers (B. P. Welford, 1962). */
class Spread {
  count = 0;
  private mean = 0;
  private squares = 0;
  private min = Infinity;
  private max = -Infinity;

  add(value: number): void {
    const before = value - this.mean;
    this.count++;
    this.mean += before / this.count;
    this.squares += before * (value - this.mean);
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
  }

  summary(): TargetSummary | null {
    if (this.count === 0) return null;
    return { min: this.min, max: this.max, mean: this.mean, standardDeviation: Math.sqrt(this.squares / this.count) };
  }
}

/** Reads every row once under the mapping; it can be cancelled and lets other work in between. */
export async function scanRows(
  reader: RowReader,
  columns: readonly string[],
  mapping: ColumnMapping,
  decimalComma: boolean,
  options: ScanOptions = {},
): Promise<Scan> {
  const read = rowReader(mapping, columns, decimalComma);
  const scan: Scan = {
    problems: new Uint8Array(reader.count),
    given: mapping.split === null ? null : new Uint8Array(reader.count),
    labels: new RowLabels(
      reader.count,
      mapping.task === 'multi-label',
      !isLanguageMapping(mapping) && mapping.labelLayout === 'one-hot' ? mapping.labels : [],
    ),
    duplicates: new DuplicateList(),
    conflicts: 0,
    usable: 0,
    byProblem: {},
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
  scan.target = mapping.task === 'regression' ? spread.summary() : null;
  return scan;
}

function earlierContent(reader: RowReader, read: (stored: StoredRow) => RowOutcome, row: number): TextAndLabel | null {
  const outcome = read(must(reader.read(row, 1)[0]));
  return outcome.ok ? contentOf(outcome.row) : null;
}

function takeRow(scan: Scan, seen: SeenTexts, spread: Spread, at: number, outcome: RowOutcome): void {
  if (!outcome.ok) {
    const { problem } = outcome.trouble;
    scan.problems[at] = PROBLEMS.indexOf(problem) + 1;
    scan.byProblem[problem] = (scan.byProblem[problem] ?? 0) + 1;
    scan.labels.skip(at);
    return;
  }
  const { row } = outcome;
  const characters = row.text.length + (row.pair?.length ?? 0);
  scan.usable++;
  scan.totalCharacters += characters;
  scan.longestCharacters = Math.max(scan.longestCharacters, characters);
  if (/^\s*(\[\s*["[{]|\{\s*")/.test(row.text)) scan.structured++;
  scan.labels.set(at, row.labels);
  if (scan.given && row.split) scan.given[at] = splitCode(row.split);
  if (!Number.isNaN(row.target)) spread.add(row.target);
  const { duplicateOf, conflict } = seen.add(at, contentOf(row));
  if (duplicateOf !== null) scan.duplicates.push(at, duplicateOf);
  if (conflict) scan.conflicts++;
}
