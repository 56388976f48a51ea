/**
 * Tables of many kinds as pandas reads them when it is told how (differential.py); the app is told nothing. A file of
 * another seed is named by TABTUNE_TABLES.
 */
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { bytesSource, memoryStore } from '../../base/bytes';
import { importRows } from '../import';
import { RowReader } from '../row-store';
import { TabtuneError } from '../../base/errors';

type Cell = string | null | { n: number } | { j: unknown };
interface Case {
  kind: string;
  name: string;
  data: string;
  /** What pandas was told. */
  arguments: object;
  columns: string[];
  rows: Cell[][];
}

const path = process.env['TABTUNE_TABLES'] ?? new URL('differential.json.gz', import.meta.url);
const { cases } = JSON.parse(gunzipSync(readFileSync(path)).toString()) as { cases: Case[] };

/** A cell in one form for both sides. */
function form(cell: Cell, ours: string): [string, string] {
  if (cell === null) return ['', ours];
  if (typeof cell === 'string') return [cell, ours];
  if ('n' in cell) return [String(cell.n), String(Number(ours))];
  return [JSON.stringify(cell.j), ours];
}

async function differenceOf({ name, data, columns, rows }: Case): Promise<string | null> {
  const stores = { rows: memoryStore(), index: memoryStore() };
  const imported = await importRows(bytesSource(name, Uint8Array.from(Buffer.from(data, 'base64'))), stores, {});
  const { source } = imported;
  const how = JSON.stringify({ ...source, wishes: undefined, lists: undefined });
  if (JSON.stringify(imported.columns) !== JSON.stringify(columns))
    return `columns ${JSON.stringify(imported.columns)} for ${JSON.stringify(columns)}: ${how}`;
  if (imported.rows !== rows.length) return `${imported.rows} rows for ${rows.length}: ${how}`;
  const stored = new RowReader(stores, imported.rows).read(0, imported.rows);
  for (const [i, { cells, trouble }] of stored.entries())
    for (const [k, expected] of (rows[i] ?? []).entries()) {
      const [wanted, got] = form(expected, cells[k] ?? '');
      if (wanted !== got)
        return `row ${i + 1}: ${JSON.stringify(got)} for ${JSON.stringify(wanted)} (${trouble?.message}): ${how}`;
    }
  return null;
}

it(`${cases.length} tables are read as pandas reads them`, async () => {
  const unequal: string[] = [];
  const refused: string[] = [];
  for (const [number, one] of cases.entries()) {
    const what = `case ${number}, ${one.kind} ${JSON.stringify(one.arguments)}`;
    try {
      const difference = await differenceOf(one);
      if (difference !== null) unequal.push(`${what}: ${difference}`);
    } catch (error) {
      if (!(error instanceof TabtuneError)) throw error;
      refused.push(`${what}: ${error.message}`);
    }
  }
  expect({ unequal, refused }).toEqual({ unequal: [], refused: [] });
});
