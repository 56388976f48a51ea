/** Looks at the first rows of each of several files, and finds those that are of one table. */
import { must } from '../../base/assert';
import { TabtuneError } from '../../base/errors';
import type { ReadWishes, SourceFormat } from '../../domain/dataset';
import { SPLIT_NAMES, parseSplit } from '../columns';
import { readFile } from '../import';
import type { RereadSink } from '../import';
import { COLUMN_LIMIT } from '../records';
import type { LeftOut, PlacedFile } from './files';

const ROWS_LOOKED_AT = 50;
/** What ends a reading that has seen enough. */
const ENOUGH = Symbol('enough');

/** A file as its first rows show it. */
export interface Surveyed extends PlacedFile {
  found: SourceFormat;
  columns: string[];
  rows: string[][];
}

class SurveySink implements RereadSink {
  columns: string[] = [];
  rows: string[][] = [];
  private read = 0;

  constructor(private readonly pause: () => Promise<void>) {}

  progress(): Promise<void> {
    return this.pause();
  }

  column(name: string): number {
    const known = this.columns.indexOf(name);
    return known >= 0 || this.columns.length >= COLUMN_LIMIT ? known : this.columns.push(name) - 1;
  }

  row(cells: string[], trouble?: unknown): void {
    if (!trouble) this.rows.push(cells);
    // eslint-disable-next-line @typescript-eslint/only-throw-error -- no error, but the way out of a reader
    if (++this.read >= ROWS_LOOKED_AT) throw ENOUGH;
  }

  warn(): void {
    // It is said when the whole file is read.
  }

  mark(): () => void {
    return () => {
      this.columns = [];
      this.rows = [];
      this.read = 0;
    };
  }
}

/** The first rows of a file, or what reading it threw, with its name as the place. Throws `cancelled`. */
export async function survey(
  file: PlacedFile,
  pause: () => Promise<void>,
  wishes: ReadWishes,
): Promise<Surveyed | TabtuneError> {
  const sink = new SurveySink(pause);
  let found: SourceFormat = { format: '', decimalComma: false };
  try {
    await readFile(file.source, sink, wishes, (finding) => (found = finding));
  } catch (thrown) {
    if (thrown !== ENOUGH) return broken(file, thrown);
  }
  return { ...file, found, columns: sink.columns, rows: sink.rows };
}

function broken(file: PlacedFile, thrown: unknown): TabtuneError {
  if (!(thrown instanceof TabtuneError) || thrown.code === 'cancelled') throw thrown;
  const { code, message, place, fix } = thrown;
  return new TabtuneError(code, message, {
    place: { ...place, file: file.path },
    fix: `${fix ?? 'Get the file again.'} Or drop the other files without it.`,
    cause: thrown,
  });
}

const plain = (name: string): string => name.trim().toLowerCase();

/** The mean length of a column's cells in the first rows. */
const meanLength = ({ rows }: Surveyed, column: number): number =>
  rows.reduce((sum, cells) => sum + (cells[column]?.length ?? 0), 0) / Math.max(1, rows.length);

/** The column with the longest cells, which is what most tables are about. */
function widest(file: Surveyed): string {
  const lengths = file.columns.map((_, column) => meanLength(file, column));
  return plain(file.columns[lengths.indexOf(Math.max(...lengths))] ?? '');
}

/** Whether no row of it names the columns. */
export const isHeadless = ({ found, columns }: Surveyed): boolean =>
  found.hasHeader === false && columns.every((name, i) => name === `column ${i + 1}`);

/** Whether the rows of `other` belong into the table that begins with `main`. */
function fits(main: Surveyed, other: Surveyed): boolean {
  // Paragraphs are no rows of a table that has a column “text”.
  if ((main.found.format === 'text') !== (other.found.format === 'text')) return false;
  if (isHeadless(other) || isHeadless(main)) return other.columns.length === main.columns.length;
  const names = new Set(main.columns.map(plain));
  const shared = other.columns.filter((name) => names.has(plain(name)));
  return (
    shared.length * 2 >= other.columns.length &&
    shared.length * 2 >= main.columns.length &&
    shared.some((name) => plain(name) === widest(main))
  );
}

/**
 * The files of one table: those that fit to the columns that hold the most bytes, the earlier among equals. The others
 * are left out.
 */
export function largestTable(files: readonly Surveyed[]): { main: Surveyed; joined: Surveyed[]; leftOut: LeftOut[] } {
  const groups = new Map<string, { first: Surveyed; bytes: number }>();
  for (const file of files) {
    const key = JSON.stringify(file.columns.map(plain).sort());
    const group = groups.get(key) ?? { first: file, bytes: 0 };
    group.bytes += file.source.size;
    groups.set(key, group);
  }
  const largest = must([...groups.values()].sort((a, b) => b.bytes - a.bytes)[0]).first;
  const joined: Surveyed[] = [];
  const leftOut: LeftOut[] = [];
  for (const file of files)
    if (file === largest || fits(largest, file)) joined.push(file);
    else leftOut.push({ path: file.path, why: 'tables with other columns: drop them by themselves' });
  return { main: mainOf(joined, largest), joined, leftOut };
}

/** The file whose columns come first: the first with names for at least as many, as many where others have no names. */
function mainOf(joined: readonly Surveyed[], largest: Surveyed): Surveyed {
  const count = largest.columns.length;
  const exact = joined.some(isHeadless);
  const named = joined.filter((file) => !isHeadless(file));
  return named.find(({ columns }) => (exact ? columns.length === count : columns.length >= count)) ?? largest;
}

/** The column inside the files that names splits, or null. */
export function splitColumnOf(files: readonly Surveyed[]): string | null {
  for (const file of files)
    for (const [column, name] of file.columns.entries()) {
      if (!SPLIT_NAMES.some((known) => known === plain(name))) continue;
      const filled = file.rows.map((cells) => (cells[column] ?? '').trim()).filter((cell) => cell !== '');
      const naming = filled.filter((cell) => parseSplit(cell) !== null).length;
      if (naming * 2 > filled.length) return name;
    }
  return null;
}
