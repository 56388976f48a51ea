/** Which column of each file becomes which column of the table that they are joined to. */
import { must } from '../../base/assert';
import type { RereadSink } from '../import';
import type { RowTrouble } from '../records';
import { listed, someOf } from './names';
import type { Surveyed } from './survey';
import { isHeadless } from './survey';

/** A name that no column has yet: `file`, `file (2)`, … */
export function freeName(wanted: readonly string[], columns: readonly string[]): string {
  const taken = new Set(columns.map((name) => name.trim().toLowerCase()));
  for (const name of wanted) if (!taken.has(name)) return name;
  for (let n = 2; ; n++) {
    const name = `${must(wanted[0])} (${n})`;
    if (!taken.has(name)) return name;
  }
}

/** The name in the joined table for each column of a file that has another one there. */
export function renamedColumns(main: Surveyed, file: Surveyed): Map<string, string> {
  const renamed = new Map<string, string>();
  if (file === main) return renamed;
  if (isHeadless(file) && !isHeadless(main)) {
    file.columns.forEach((name, i) => renamed.set(name, must(main.columns[i])));
    return renamed;
  }
  const loose = new Map(main.columns.map((name) => [name.trim().toLowerCase(), name]));
  for (const name of file.columns) {
    const same = loose.get(name.trim().toLowerCase());
    if (same !== undefined && same !== name && !main.columns.includes(name) && !file.columns.includes(same))
      renamed.set(name, same);
  }
  return renamed;
}

/** What is to be said of columns that differ, in sentences. */
export function columnWords(main: Surveyed, file: Surveyed, renamed: ReadonlyMap<string, string>): string[] {
  if (file === main) return [];
  const [first] = renamed;
  if (first && isHeadless(file))
    return [`No row of it names the columns: they are taken in the order of ${main.name}.`];
  const have = new Set(file.columns.map((name) => renamed.get(name) ?? name));
  const missing = main.columns.filter((name) => !have.has(name));
  const further = [...have].filter((name) => !main.columns.includes(name));
  const quoted = (names: readonly string[]): string => someOf(names.map((name) => `“${name}”`));
  return [
    ...(missing.length ? [`It has no ${quoted(missing)}, so these cells are empty in its rows.`] : []),
    ...(further.length ? [`It also has ${quoted(further)}, which ${main.name} has not.`] : []),
    ...(renamed.size ? [`${listed([...renamed].map(([from, to]) => `“${from}” is taken for “${to}”`))}.`] : []),
  ];
}

/** Takes the rows of one file into the table: cells by the names of their columns, and what all its rows have. */
export class PartSink implements RereadSink {
  warnings: string[] = [];
  rows = 0;
  private columns: number[] = [];
  private readonly indices = new Map<string, number>();

  constructor(
    private readonly table: RereadSink,
    private readonly renamed: ReadonlyMap<string, string>,
    /** Cells that all rows of the file have, by column of the table. */
    private readonly constants: ReadonlyMap<number, string>,
    readonly progress: RereadSink['progress'],
  ) {}

  column(name: string): number {
    const known = this.indices.get(name);
    if (known !== undefined) return known;
    this.indices.set(name, this.columns.length);
    return this.columns.push(this.table.column(this.renamed.get(name) ?? name)) - 1;
  }

  row(cells: string[], trouble?: RowTrouble): void {
    const out: string[] = [];
    const put = (cell: string, at: number): void => {
      while (out.length < at) out.push('');
      out[at] = cell;
    };
    cells.forEach((cell, i) => put(cell, this.columns[i] ?? i));
    for (const [at, cell] of this.constants) put(cell, at);
    this.rows++;
    this.table.row(out, trouble);
  }

  warn(message: string): void {
    this.warnings.push(message);
  }

  /** A part is marked at its beginning only. */
  mark(): () => void {
    const goBack = this.table.mark();
    return () => {
      goBack();
      this.rows = 0;
      this.warnings = [];
      this.columns = [];
      this.indices.clear();
    };
  }
}
