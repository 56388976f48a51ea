/** Tables by columns, or by rows under names, as pandas' `to_json` and `Dataset.to_dict` write them. */
import { TabtuneError } from '../../base/errors';
import type { ByteSource } from '../../base/bytes';
import { isList, isObject } from '../../base/json';
import { parseSplit } from '../columns';
import type { TableSink } from './format';
import type { Orientation } from './json-layout';
import { splitPart } from './json-layout';
import { JsonRows } from './json-reader';
import { entriesOf, parseJson } from './json-values';
import { readText } from './text-stream';
import type { TextFound } from './text-stream';

/** Largest file that is held in memory; rows in a list have no such bound. */
const WHOLE_LIMIT = 128 << 20;
/** Rows between two turns for the worker's other messages. */
const ROWS_AT_ONCE = 2000;

type Row = readonly (readonly [string, unknown])[];

/** Reads a document of a known orientation. Throws `bad-data` for one that is too large, or broken. */
export async function readWholeTable(
  source: ByteSource,
  sink: TableSink,
  found: TextFound & { orientation: Orientation },
): Promise<void> {
  const place = { file: source.name };
  if (source.size > WHOLE_LIMIT)
    throw new TabtuneError(
      'bad-data',
      `This JSON is a table by columns of more than ${WHOLE_LIMIT >> 20} MB, which would have to be held in memory.`,
      { place, fix: 'Write a row a line instead, in pandas: df.to_json("rows.jsonl", orient="records", lines=True).' },
    );
  const parts: string[] = [];
  await readText(source, sink, found, { push: (text) => void parts.push(text), end: () => undefined });
  let value: unknown;
  try {
    value = parseJson(parts.join(''));
  } catch (cause) {
    throw new TabtuneError(
      'bad-data',
      `The JSON cannot be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
      { place, fix: 'A bracket or a quote may be missing, or the file was cut off.', cause },
    );
  }
  const rows = new JsonRows(sink);
  let count = 0;
  for (const row of rowsOf(isObject(value) ? value : {}, found.orientation)) {
    rows.row(row);
    if (++count % ROWS_AT_ONCE === 0) await sink.progress(source.size);
  }
}

type Fields = Map<string, unknown>;
const fieldsOf = (value: unknown): Fields => new Map(isObject(value) ? entriesOf(value) : []);
const listOf = (value: unknown): unknown[] => (isList(value) ? value : []);

function rowsOf(value: object, orientation: Orientation): Iterable<Row> {
  const fields = fieldsOf(value);
  switch (orientation) {
    case 'split':
      return splitRows(fields);
    case 'table':
      return tableRows(fields);
    case 'columns':
      return columnRows(fields);
    case 'index':
      return [...fields.values()].map((row) => [...fieldsOf(row)]);
    case 'by-column':
      return byColumn(fields);
    case 'split-tables':
      return splitTables(fields);
  }
}

/** `{"columns": ["text"], "index": [0], "data": [["a"]]}`; names that come twice are made distinct as in CSV. */
function* splitRows(fields: Fields): Generator<Row> {
  const names = distinct(listOf(fields.get('columns')).map((name) => (isList(name) ? name.join('_') : String(name))));
  for (const row of listOf(fields.get('data')))
    yield listOf(row).map((cell, i) => [names[i] ?? `column ${i + 1}`, cell]);
}

function distinct(names: readonly string[]): string[] {
  const used = new Set<string>();
  return names.map((name) => {
    let own = name;
    for (let n = 1; used.has(own); n++) own = `${name}.${n}`;
    used.add(own);
    return own;
  });
}

/** `{"schema": {…, "primaryKey": ["index"]}, "data": [{"index": 0, "text": "a"}]}`: rows without the index. */
function* tableRows(fields: Fields): Generator<Row> {
  const keys = new Set(listOf(fieldsOf(fields.get('schema')).get('primaryKey')).map(String));
  for (const row of listOf(fields.get('data'))) yield [...fieldsOf(row)].filter(([name]) => !keys.has(name));
}

/** `{"text": {"0": "a", "1": "b"}}`: rows in the order in which their names come. */
function* columnRows(fields: Fields): Generator<Row> {
  const columns = [...fields].map(([name, cells]) => [name, fieldsOf(cells)] as const);
  const names = new Set(columns.flatMap(([, cells]) => [...cells.keys()]));
  for (const name of names) yield columns.map(([column, cells]) => [column, cells.get(name)] as const);
}

/** `{"text": ["a", "b"], "label": ["x", "y"]}`. */
function* byColumn(fields: Fields): Generator<Row> {
  const columns = [...fields]
    .filter(([, cells]) => isList(cells))
    .map(([name, cells]) => [name, listOf(cells)] as const);
  const count = Math.max(0, ...columns.map(([, cells]) => cells.length));
  for (let i = 0; i < count; i++) yield columns.map(([name, cells]) => [name, cells[i]] as const);
}

/** `{"train": {"text": […]}, "test": {"text": […]}}`. */
function* splitTables(fields: Fields): Generator<Row> {
  for (const [name, table] of fields)
    for (const row of byColumn(fieldsOf(table)))
      yield [...row.filter(([key]) => key !== 'split'), ['split', parseSplit(splitPart(name)) ?? name]];
}
