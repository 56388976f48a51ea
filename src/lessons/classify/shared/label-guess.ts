/** How the cells of a label column are to be read, by the cells themselves. */
import { parseFlag, parseList, parseVector, partsOf } from '../../../data/columns';
import { parseListCell } from '../../../data/list-cell';
import { MISSING_WORDS } from '../../../data/no-label';
import { findNumberFormat, readNumber } from '../../../data/number-cell';
import type { FirstRows } from '../../../data/reading';
import { AS_BEFORE } from './schema';
import type { ClassifyMapping } from './schema';
import { findSeparator } from './separators';
import { sameNumbers } from './variants';

/** More different whole numbers than this are taken as a measure, not as classes. */
const MOST_NUMBER_CLASSES = 20;
/** Columns whose name says that there are several labels need less to be taken so. */
const PLURAL = /^(labels|tags|topics|categories|genres)$/i;

export type LabelGuess = Pick<
  ClassifyMapping,
  'labels' | 'labelLayout' | 'task' | 'separator' | 'names' | 'noLabel' | 'emptyIsNone' | 'merged' | 'decimal' | 'unit'
>;

/** As nothing is known yet: words for "no label" are what pandas takes for them. */
export const UNKNOWN: Omit<LabelGuess, 'labels'> = {
  labelLayout: 'column',
  task: 'single-label',
  separator: AS_BEFORE.separator,
  names: [],
  noLabel: [...MISSING_WORDS],
  emptyIsNone: false,
  merged: {},
  decimal: null,
  unit: '',
};

/** The filled cells of a column, those aside that mean that there is nothing. */
export function cellsOf({ rows }: FirstRows, index: number): string[] {
  const missing = new Set(MISSING_WORDS);
  return rows.map((row) => (row[index] ?? '').trim()).filter((cell) => cell !== '' && !missing.has(cell));
}

/** How the labels of this column are read. */
export function guessLabels(first: FirstRows, name: string): LabelGuess {
  const cells = cellsOf(first, first.columns.indexOf(name));
  const found = guessCells(name, cells, first.decimalComma);
  const names = found.labelLayout === 'vector' ? namesIn(first, found.names?.length ?? 0) : null;
  return { ...UNKNOWN, ...found, ...(names ? { names } : {}), labels: [name] };
}

/** How these filled cells are read, where they are not just labels. */
export function guessCells(name: string, cells: readonly string[], decimalComma: boolean): Partial<LabelGuess> {
  return (
    vectors(cells) ??
    lists(name, cells) ??
    // `1,2` is a number before it is two labels, unless the column is named for several.
    (PLURAL.test(name) ? null : measure(cells, decimalComma)) ??
    separated(name, cells) ??
    measure(cells, decimalComma) ?? { merged: sameNumbers(counts(cells)) }
  );
}

const share = (cells: readonly string[], test: (cell: string) => boolean): number =>
  cells.length === 0 ? 0 : cells.filter(test).length / cells.length;

/** `[1, 0, 0]`, all of one length: the places are the labels. */
function vectors(cells: readonly string[]): Partial<LabelGuess> | null {
  const read = cells.map(parseVector);
  const length = read.find((flags) => flags !== null)?.length ?? 0;
  const fits = read.filter((flags) => flags?.length === length);
  // `0,1` may as well be a number; `0 1` is seldom a vector.
  const bracketed = cells.some((cell) => /^[[(a-z]/i.test(cell));
  if (fits.length === 0 || fits.length < 0.95 * cells.length || (length < 3 && !bracketed)) return null;
  const one = fits.every((flags) => flags?.filter(Boolean).length === 1);
  return {
    labelLayout: 'vector',
    task: one ? 'single-label' : 'multi-label',
    names: Array.from({ length }, (_, place) => `label ${place + 1}`),
  };
}

/** Names for so many places: a list that stands in every row of another column. */
function namesIn({ columns, rows }: FirstRows, length: number): string[] | null {
  for (const index of columns.keys()) {
    const cell = rows[0]?.[index] ?? '';
    const listed = parseListCell(cell);
    if (!listed || listed.scores || listed.items.length !== length) continue;
    const names = listed.items.map((item) => item.trim());
    const usable = new Set(names).size === length && names.every((item) => item !== '' && parseFlag(item) === null);
    if (usable && rows.length > 1 && rows.every((row) => row[index] === cell)) return names;
  }
  return null;
}

/** JSON, Python and NumPy lists, `{"choices": […]}` and scores, also beside plain labels. */
function lists(name: string, cells: readonly string[]): Partial<LabelGuess> | null {
  const listed = cells.map(parseListCell);
  const found = listed.filter((list) => list !== null);
  // Annotation tools write lists and objects where there are several choices, and a plain text where there is one.
  const several =
    cells.some((cell) => cell.startsWith('{') && parseListCell(cell)) ||
    found.filter(({ items }) => items.length > 1).length > 0.02 * cells.length;
  if (found.length === 0 || (found.length < 0.5 * cells.length && !several)) return null;
  const names = new Set<string>();
  for (const { scores } of found) for (const [label] of scores ?? []) names.add(label);
  const { separator = '' } =
    separated(
      name,
      cells.filter((_, i) => listed[i] === null),
    ) ?? {};
  const one = cells.every((cell) => parseList(cell, separator)?.length === 1);
  return { labelLayout: 'list', separator, task: one ? 'single-label' : 'multi-label', names: [...names] };
}

/** `food, music`, `food#music`. */
function separated(name: string, cells: readonly string[]): Partial<LabelGuess> | null {
  const found = findSeparator(cells);
  if (found?.sure && share(cells, (cell) => partsOf(cell, found.separator).length > 1) > 0.01)
    return { labelLayout: 'list', task: 'multi-label', separator: found.separator };
  // Bars and semicolons part labels even where these are too many to recur.
  const parted = share(cells, (cell) => cell.length < 200 && /^[^|;]+([|;][^|;]+)+$/.test(cell));
  if (parted <= (PLURAL.test(name) ? 0.05 : 0.3)) return null;
  const bars = cells.some((cell) => cell.includes('|'));
  const semicolons = cells.some((cell) => cell.includes(';'));
  return { labelLayout: 'list', task: 'multi-label', separator: bars && semicolons ? null : bars ? '|' : ';' };
}

/** Numbers that are no classes: fractions, or many different ones. */
function measure(cells: readonly string[], decimalComma: boolean): Partial<LabelGuess> | null {
  const format = findNumberFormat(cells, decimalComma ? ',' : '.');
  const { decimal, unit } = format;
  const values = cells.map((cell) => readNumber(cell, format)).filter((value) => !Number.isNaN(value));
  const whole = values.filter(Number.isInteger).length;
  const measured = format.share > 0.95 && (whole < 0.99 * values.length || new Set(values).size > MOST_NUMBER_CLASSES);
  return measured ? { task: 'regression', decimal, unit } : null;
}

function counts(cells: readonly string[]): Map<string, number> {
  const found = new Map<string, number>();
  for (const cell of cells) found.set(cell, (found.get(cell) ?? 0) + 1);
  return found;
}
