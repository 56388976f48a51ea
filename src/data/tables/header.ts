/** Where a table begins, and whether its first record names the columns. */
import { must } from '../../base/assert';
import { KNOWN_NAMES, isNumeric } from '../columns';

/** One of the first records of a sample. */
export interface FirstRecord {
  cells: string[];
  /** The line, from 1, that it starts on. */
  line: number;
  /** Whether a blank line stands above it. */
  afterBlank: boolean;
}

/** How a table lies in its file. */
export interface Layout {
  /** The commonest number of cells. */
  width: number;
  /** Share of the table's records with that number. */
  agreement: number;
  firstLine: number;
  hasHeader: boolean;
  /** Whether the header lacks a name for the first column, as R writes it. */
  rowNames: boolean;
  /** What lines begin with that are comments, or ''. */
  comment: string;
  /** Whether the header has names that usually mean something. */
  known: boolean;
}

/** Most records above the table that are looked through. */
const PREAMBLE = 20;

const INVISIBLE = /[\u200b-\u200f\u2060\ufeff\u00ad]/g;

/** A name without what nobody sees: blanks of any kind around it, and characters of no width. */
export const visibleName = (cell: string): string => cell.replace(INVISIBLE, '').trim();

const isKnown = (cell: string): boolean => KNOWN_NAMES.has(visibleName(cell).toLowerCase());
const filledCells = (cells: readonly string[]): number => cells.filter((cell) => cell.trim() !== '').length;

/** Cells without the empty ones at the end. */
function trimmed(cells: readonly string[]): number {
  let width = cells.length;
  while (width > 1 && cells[width - 1] === '') width--;
  return width;
}

function commonest(widths: readonly number[]): number {
  const counts = new Map<number, number>();
  for (const width of widths) counts.set(width, (counts.get(width) ?? 0) + 1);
  let [best, most] = [1, 0];
  for (const [width, count] of counts)
    if (count > most || (count === most && width > best)) [best, most] = [width, count];
  return best;
}

/** The number of cells of the table: the commonest one, without a delimiter that ends each row. */
function tableWidth(rows: readonly string[][]): number {
  const width = commonest(rows.map(({ length }) => length));
  const widest = rows.filter(({ length }) => length === width);
  const shorter = rows.some(({ length }) => length === width - 1);
  return width > 2 && shorter && widest.every((cells) => cells[width - 1] === '') ? width - 1 : width;
}

/** Finds the table among the first records of a file. */
export function layoutOf(records: readonly FirstRecord[]): Layout {
  const width = tableWidth(records.map(({ cells }) => cells));
  const comment = commentOf(records, width);
  const start = firstOfTable(records, width);
  const table = records.slice(start).filter(({ cells }) => !isComment(cells, comment, width));
  const rows = table.map(({ cells }) => cells);
  const first = rows[0] ?? [];
  const rowNames = isRowNamesHeader(rows, width);
  const hasHeader = rowNames || detectHeader(rows);
  const fits = (cells: readonly string[]): boolean =>
    cells.length === width || (cells.length > width ? trimmed(cells) <= width : hasHeader && cells.length > 1);
  return {
    width,
    agreement:
      width < 2 ? 0 : rows.slice(rowNames ? 1 : 0).filter(fits).length / Math.max(1, rows.length - Number(rowNames)),
    firstLine: table[0]?.line ?? 1,
    hasHeader,
    rowNames,
    comment,
    known: hasHeader && first.length > 1 && first.some(isKnown),
  };
}

/** `#` when records that begin with it are there, and none of them is as wide as the table. */
function commentOf(records: readonly FirstRecord[], width: number): string {
  const marked = records.filter(({ cells }) => cells[0]?.startsWith('#'));
  return width > 1 && marked.length > 0 && marked.every(({ cells }) => cells.length !== width) ? '#' : '';
}

export const isComment = (cells: readonly string[], comment: string, width: number): boolean =>
  comment !== '' && cells.length !== width && must(cells[0]).startsWith(comment);

/** The place of the first record that belongs to the table: what stands above it are titles, remarks and the like. */
function firstOfTable(records: readonly FirstRecord[], width: number): number {
  const near = records.slice(0, PREAMBLE);
  // A row of names below a blank line or below remarks is the header, whatever the lines above look like.
  const named = near.findIndex(
    ({ cells, afterBlank }, i) =>
      i > 0 &&
      cells.filter(isKnown).length >= 2 &&
      (afterBlank || near.slice(0, i).every((above) => isRemark(above.cells, width))) &&
      !near.slice(0, i).some((above) => above.cells.some(isKnown)),
  );
  if (named > 0) return named;
  if (width < 2) {
    const table = near.findIndex(({ cells }) => !cells[0]?.startsWith('#'));
    return table > 0 && isKnown(must(near[table]).cells[0] ?? '') ? table : 0;
  }
  let start = 0;
  while (start < near.length - 1 && isRemark(must(near[start]).cells, width) && !mayBeHeader(records, start, width))
    start++;
  if (start === 0 || must(near[start]).cells.length !== width) return 0;
  const above = near.slice(0, start);
  const sure = above.every(({ cells }) => cells.length !== width);
  return sure || detectHeader(records.slice(start).map(({ cells }) => cells)) ? start : 0;
}

/** Whether a record looks like a line above a table rather than a part of it. */
const isRemark = (cells: readonly string[], width: number): boolean =>
  filledCells(cells) <= 1 || trimmed(cells) !== width || must(cells[0]).startsWith('#');

/** Whether a record of another width may be the header all the same: wider, or one name short as R writes it. */
function mayBeHeader(records: readonly FirstRecord[], at: number, width: number): boolean {
  const { cells } = must(records[at]);
  if (filledCells(cells) < 2) return false;
  if (at > 0 || cells[0]?.startsWith('#')) return cells.filter(isKnown).length >= 2;
  return (
    cells.length >= width ||
    isRowNamesHeader(
      records.map((record) => record.cells),
      width,
    ) ||
    cells.some(isKnown)
  );
}

function isRowNamesHeader(rows: readonly string[][], width: number): boolean {
  const [first, ...rest] = rows;
  if (!first || width < 2 || first.length !== width - 1 || rest.length === 0) return false;
  const agree = rest.filter((cells) => cells.length === width).length;
  const numbered = rest.slice(0, 20).every((cells) => isNumeric(cells[0] ?? ''));
  return agree >= 0.9 * rest.length && first.every((cell) => !isNumeric(cell)) && (numbered || first.some(isKnown));
}

/** What a cell is made of: digits as 9, letters as a; long texts by their beginning. */
const shapeOf = (cell: string): string =>
  cell
    .slice(0, 40)
    .replace(/\p{L}+/gu, 'a')
    .replace(/\d+/g, '9')
    .replace(/\s+/g, ' ');

/** Evidence that `name` stands above these cells rather than being one of them; negative speaks against it. */
function evidenceOf(name: string, cells: readonly string[], first: string): number {
  const filled = cells.filter((cell) => cell !== '');
  if (filled.length === 0) return name === '' ? 0 : 0.5;
  if (filled.includes(first)) return filled.length > 3 && isNumeric(name) ? -1.5 : -3;
  if (name === '') return 0;
  const distinct = new Set(filled);
  const mean = filled.reduce((sum, cell) => sum + cell.length, 0) / filled.length;
  // A question of a survey is longer than all of its answers.
  const lengths = filled.map((cell) => cell.length);
  const outdoes = name.length > 1.2 * Math.max(...lengths);
  const shortest = Math.min(...lengths);
  let evidence = 0;
  if (filled.every(isNumeric)) evidence += isNumeric(name) ? -1 : 2;
  else if (isNumeric(name)) evidence += filled.some(isNumeric) ? -1 : 0.5;
  else if (name.length * 2.5 < mean || (filled.length > 4 && name.length * 1.25 < shortest)) evidence += 1;
  else if (name.length * 2 < mean && /^\S+(\s\S+)?$/.test(name)) evidence += 1;
  else if (name.length > mean && !outdoes) evidence -= filled.length > 5 && distinct.size * 2 < filled.length ? 0 : 1;
  // Cells that come again and again, and the name is none of them; cells of one shape, and the name has another.
  if (filled.length > 5 && distinct.size * 3 <= filled.length) evidence += 2;
  const shapes = new Set(filled.map(shapeOf));
  if (filled.length > 2 && shapes.size === 1 && /\d/.test(filled[0] ?? '') && !shapes.has(shapeOf(name))) evidence += 2;
  if (!outdoes && /[.!?]$|\s\S+\s\S+\s/.test(name)) evidence -= 2;
  if (/^[\p{L}_][\p{L}\p{N}_-]*$/u.test(name)) evidence += 0.5;
  return evidence;
}

/** Whether the first record names the columns rather than being a row itself. */
export function detectHeader(records: readonly string[][]): boolean {
  const [first, ...others] = records;
  if (!first) return false;
  // Where files were put together their header comes again.
  const rest = others.filter((cells) => first.length < 2 || !cells.every((cell, i) => cell === first[i]));
  const names = first.map(visibleName);
  if (names.every((name) => name === '')) return false;
  const columns = names.map((_, column) => rest.map((record) => record[column] ?? ''));
  const known = names.some(
    (name, i) => KNOWN_NAMES.has(name.toLowerCase()) && !must(columns[i]).includes(must(first[i])),
  );
  if (known) return true;
  if (rest.length === 0) return false;
  // Columns that nobody named are numbered from 0.
  if (
    names.length > 1 &&
    names.every((name, i) => name === String(i)) &&
    !rest.every((cells) => cells.every(isNumeric))
  )
    return true;
  const evidence = names.map((name, i) => evidenceOf(name, must(columns[i]), must(first[i])));
  return evidence.reduce((sum, one) => sum + one, 0) > 0.5;
}

/** Names for the columns as pandas makes them distinct (`a`, `a.1`), but for empty ones: `column 3`. */
export function columnNames(header: readonly string[]): string[] {
  const names = header.map(visibleName);
  const taken = new Set(names.filter((name) => name !== ''));
  const times = new Map<string, number>();
  const distinct = (base: string): string => {
    let [name, count] = [base, times.get(base) ?? 0];
    while (count > 0 && taken.has((name = `${base}.${count}`))) count++;
    times.set(base, count + 1);
    taken.add(name);
    return name;
  };
  const given = names.map((name) => (name === '' ? '' : distinct(name)));
  return given.map((name, i) => {
    if (name !== '') return name;
    let own = `column ${i + 1}`;
    for (let n = 1; taken.has(own); n++) own = `column ${i + 1}.${n}`;
    taken.add(own);
    return own;
  });
}
