/** Folders of data as `datasets.load_dataset` and `sklearn.datasets.load_files` read them (several.py). */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, strFromU8 } from 'fflate';
import { describe, expect, it } from 'vitest';
import { must } from '../../base/assert';
import { Dataset } from '../../data/dataset';
import { memoryStores, rowLessons } from '../../testing/data';
import { Scratch } from './scratch';
import { openFiles } from './unpack';

type Rows = Record<string, Record<string, string>[]>;

interface Layout {
  name: string;
  files: Record<string, string | { base64: string }>;
  /** What the libraries make of it, or their error. */
  expected: Rows | { error: string };
  /** What is wanted where that is something else, and why. */
  ours?: Rows;
  why?: string;
}

const LAYOUTS = JSON.parse(
  strFromU8(gunzipSync(readFileSync(join(import.meta.dirname, 'several.json.gz')))),
) as Layout[];

const context = { signal: new AbortController().signal, progress: () => undefined } as never;
const inMemory = (): Scratch => new Scratch(() => Promise.reject(new Error('Nothing here is that large.')));

async function opened({ files }: Layout, backwards = false): Promise<Dataset> {
  const dropped = Object.entries(files).map(([path, content]) => ({
    path: `dropped/${path}`,
    file: new File([typeof content === 'string' ? content : Buffer.from(content.base64, 'base64')], path),
  }));
  const several = await openFiles(backwards ? dropped.reverse() : dropped, inMemory(), context);
  return Dataset.import(several, 'test', memoryStores(), rowLessons, { durable: false });
}

/** Rows by split, without the columns that say where a row comes from. */
function rowsOf(dataset: Dataset): Rows {
  const { columns, mapping } = dataset.info;
  const found: Rows = {};
  for (const { cells } of dataset.rows(0, 10_000, 'all').rows) {
    const row = Object.fromEntries(columns.map((name, i) => [name, cells[i] ?? '']));
    const split = mapping.split === null ? 'train' : must(row[mapping.split]);
    const added = new Set(['file', mapping.split]);
    (found[split] ??= []).push(Object.fromEntries(Object.entries(row).filter(([name]) => !added.has(name))));
  }
  return found;
}

const inAnyOrder = (rows: Rows): Record<string, string[]> =>
  Object.fromEntries(
    Object.entries(rows).map(([split, its]) => [
      split,
      its.map((row) => JSON.stringify(Object.entries(row).sort())).sort(),
    ]),
  );

describe('a folder of data', () => {
  const usual = LAYOUTS.filter(({ ours }) => !ours);
  it.each(usual)('$name: as in datasets', async (layout) => {
    expect(layout.expected).not.toHaveProperty('error');
    expect(inAnyOrder(rowsOf(await opened(layout)))).toEqual(inAnyOrder(layout.expected as Rows));
  });

  it.each(LAYOUTS.filter(({ ours }) => ours))('$name: $why', async (layout) => {
    expect(inAnyOrder(rowsOf(await opened(layout)))).toEqual(inAnyOrder(must(layout.ours)));
  });

  it('is the same in whatever order its files come', async () => {
    for (const layout of LAYOUTS) {
      const [one, other] = [await opened(layout), await opened(layout, true)];
      expect(other.info.sha256, layout.name).toBe(one.info.sha256);
      expect(other.rows(0, 1000, 'all'), layout.name).toEqual(one.rows(0, 1000, 'all'));
      expect(other.info.splitRows, layout.name).toEqual(one.info.splitRows);
    }
  });

  it('there are at least 60 of them, most as in datasets', () => {
    expect(LAYOUTS.length).toBeGreaterThan(60);
    expect(usual.length).toBeGreaterThan(40);
  });
});
