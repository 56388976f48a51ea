/** Columns of label cells against what Python says that they hold (cells.py). */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import type { Dataset } from '../../../data/dataset';
import { openRows } from '../../../testing/data';
import { joinInPython, joinedText } from './join';
import { reading } from './rows';
import { mappingSchema } from './schema';
import { variants } from './variants';

interface Case {
  kind: 'labels' | 'numbers' | 'spellings' | 'joined';
  name: string;
  cells: string[];
  /** Of labels: a list of names a row; null where there is none. */
  rows: unknown[];
  classes: string[] | null;
}

const { cases } = JSON.parse(gunzipSync(readFileSync(new URL('cells.json.gz', import.meta.url))).toString()) as {
  cases: Case[];
};

const opened = (cells: readonly string[]): Promise<Dataset> =>
  openRows(cells.map((label, row) => ({ text: `text ${row}`, label })));

/** What each row teaches, as Python has it: names, a number, or null. */
function taught({ info }: Dataset, cells: readonly string[]): unknown[] {
  const mapping = mappingSchema.parse(info.mapping);
  const rows = reading(mapping, { columns: ['text', 'label'], decimalComma: false });
  return cells.map((label) => {
    const outcome = rows.read(['text', label]);
    if (!outcome.ok) return null;
    return mapping.task === 'regression' ? outcome.row.target : [...outcome.row.labels].sort(byCodePoint);
  });
}

const byCodePoint = (a: string, b: string): number => (a < b ? -1 : Number(a > b));

const of = (kind: Case['kind']): [string, Case][] =>
  cases.filter((one) => one.kind === kind).map((one) => [one.name, one]);

it('there are enough of them', () => {
  expect(cases.length).toBeGreaterThan(180);
});

describe('labels', () => {
  it.each(of('labels'))('%s', async (_name, { cells, rows, classes }) => {
    const dataset = await opened(cells);
    expect(taught(dataset, cells)).toEqual(rows);
    if (classes) expect(dataset.info.labels.map(({ name }) => name).sort(byCodePoint)).toEqual(classes);
  });
});

describe('numbers', () => {
  it.each(of('numbers'))('%s', async (_name, { cells, rows }) => {
    const dataset = await opened(cells);
    expect(taught(dataset, cells)).toEqual(rows);
    expect(mappingSchema.parse(dataset.info.mapping).task).toBe('regression');
  });
});

it.each(of('spellings'))('spellings of %s', (_name, { cells, rows }) => {
  const groups = variants(new Map(cells.map((label) => [label, 1])));
  expect(groups.map((group) => group.sort(byCodePoint)).sort((a, b) => byCodePoint(a[0] ?? '', b[0] ?? ''))).toEqual(
    rows,
  );
});

it.each(of('joined'))('several columns as one text: %s', (_name, { cells, rows, classes }) => {
  const columns = classes ?? [];
  expect([joinedText(columns, [...columns.keys()], cells), joinInPython(columns)]).toEqual(rows);
});
