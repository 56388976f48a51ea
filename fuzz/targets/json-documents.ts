/**
 * Whole JSON files: a table in each of the ways in which pandas and datasets write it comes out the same; what is
 * spoilt is refused or said. Numbers keep their digits, and NaN is a missing cell.
 */
import fc from 'fast-check';
import { bytesSource, memoryStore } from '../../src/base/bytes';
import { importRows } from '../../src/data/import';
import { parseJson, cellOf } from '../../src/data/tables/json-values';
import { RowReader } from '../../src/data/row-store';
import { spoiltText, utf8 } from '../hostile';
import { agree, fuzzTarget, holds, outcomeOf } from '../target';

const LAYOUTS = ['records', 'lines', 'glued', 'split', 'columns', 'index', 'lists', 'wrapped', 'splits'] as const;
const cell = fc.oneof(
  fc.constantFrom('a', 'b c', 'ü, "x"', '[1]', '{', '}', '😀'),
  fc.string({ minLength: 1, maxLength: 6 }),
);
const table = fc.array(fc.tuple(cell, cell), { minLength: 3, maxLength: 8 });

function written(
  rows: readonly (readonly [string, string])[],
  layout: (typeof LAYOUTS)[number],
  indent: number,
): string {
  const objects = rows.map(([text, label]) => ({ text, label }));
  const json = (value: unknown): string => JSON.stringify(value, null, indent);
  const numbered = (of: (row: readonly [string, string]) => unknown): unknown =>
    Object.fromEntries(rows.map((row, i) => [String(i), of(row)]));
  switch (layout) {
    case 'records':
      return json(objects);
    case 'lines':
      return objects.map((row) => JSON.stringify(row)).join('\r\n');
    case 'glued':
      return objects.map(json).join('');
    case 'split':
      return json({ columns: ['text', 'label'], index: rows.map((_, i) => i), data: rows });
    case 'columns':
      return json({ text: numbered(([text]) => text), label: numbered(([, label]) => label) });
    case 'index':
      return json(numbered(([text, label]) => ({ text, label })));
    case 'lists':
      return json({ text: rows.map(([text]) => text), label: rows.map(([, label]) => label) });
    case 'wrapped':
      return json({ version: 1, nlu: { examples: objects } });
    case 'splits':
      return json({ train: objects.slice(0, 2), test: objects.slice(2) });
  }
}

async function read(text: string) {
  const stores = { rows: memoryStore(), index: memoryStore() };
  const imported = await importRows(bytesSource('f.json', utf8(text)), stores, {});
  return { ...imported, stored: new RowReader(stores, imported.rows).read(0, 100) };
}

export const jsonDocuments = fuzzTarget(
  'JSON documents',
  fc.record({ rows: table, layout: fc.constantFrom(...LAYOUTS), indent: fc.constantFrom(0, 1) }),
  async ({ rows, layout, indent }) => {
    const { columns, stored } = await read(written(rows, layout, indent));
    agree(columns.slice(0, 2), ['text', 'label'], `${layout} has other columns`);
    const texts = stored.map(({ cells }) => cells.slice(0, 2));
    agree(texts, rows, `${layout} gives other rows`);
    return true;
  },
  { refuses: false },
);

export const spoiltDocuments = fuzzTarget(
  'Spoilt JSON documents',
  spoiltText(
    fc
      .tuple(table, fc.constantFrom(...LAYOUTS), fc.constantFrom(0, 1))
      .map(([rows, layout, indent]) => written(rows, layout, indent)),
    ['{', '}', '[', ']', '"', ',', ':', '\n', 'NaN', '1e999', '12345678901234567890', '\ue000', '\\'],
  ),
  async (text) => {
    const opened = await outcomeOf(() => read(text));
    if (!opened.ok) return false;
    const { rows, stored } = opened.value;
    holds(rows === stored.length || rows > 100, 'rows are counted that are not there');
    return stored.every(({ trouble }) => trouble === null);
  },
);

const literal = fc.oneof(
  fc.bigInt().map(String),
  fc.double({ noNaN: true }).map((value) => (Number.isFinite(value) ? JSON.stringify(value) : '1e999')),
  fc.constantFrom('NaN', 'Infinity', '-Infinity', 'null', 'true', '-0', '1.50', '"NaN"', '"12345678901234567890"'),
);

export const jsonNumbers = fuzzTarget(
  'Numbers in JSON',
  literal,
  (text) => {
    const got = cellOf((parseJson(`{"a": ${text}, "0": [${text}]}`) as { a: unknown }).a);
    if (/^-?\d+$/.test(text)) holds(BigInt(got) === BigInt(text), `${text} became ${got}`);
    else if (/^-?(NaN|Infinity)$|null/.test(text)) agree(got, '', 'a missing number is read');
    else if (text === '1e999') agree(got, text, 'digits are lost');
    else agree(got, cellOf(JSON.parse(text)), 'JSON.parse reads another value');
    return true;
  },
  { refuses: false },
);
