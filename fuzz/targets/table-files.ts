/**
 * Whole files of any bytes: encoding, format, columns and mapping are found, or the file is refused; nothing is read
 * that is not there.
 */
import fc from 'fast-check';
import { bytesSource, memoryStore } from '../../src/base/bytes';
import { Dataset } from '../../src/data/dataset';
import { conversationsOf, examplesOf, rowLessons } from '../../src/testing/data';
import { agree, fuzzTarget, holds, outcomeOf } from '../target';
import { spoiltBytes, utf8 } from '../hostile';

function encoded(text: string, encoding: 'utf-8' | 'bom' | 'le' | 'be'): Uint8Array {
  if (encoding === 'utf-8') return utf8(text);
  if (encoding === 'bom') return utf8(`\ufeff${text}`);
  const view = new DataView(new ArrayBuffer(2 * text.length + 2));
  [0xfeff, ...Array.from({ length: text.length }, (_, i) => text.charCodeAt(i))].forEach((code, i) =>
    view.setUint16(2 * i, code, encoding === 'le'),
  );
  return new Uint8Array(view.buffer);
}

const phrase = fc.constantFrom(
  'good',
  'bad day',
  'so, so',
  '"quoted"',
  'über',
  '日本',
  '',
  '1',
  '0',
  '3.5',
  'a|b',
  '["a","b"]',
  'train',
  '[{"role":"user","content":"Hi"},{"role":"assistant","content":"Hello"}]',
);
const name = fc.constantFrom(
  'text',
  'label',
  'prompt',
  'completion',
  'messages',
  'chosen',
  'rejected',
  'split',
  'x',
  '__proto__',
  'labels',
);
const table = fc
  .uniqueArray(name, { minLength: 1, maxLength: 4 })
  .chain((names) =>
    fc.record({
      names: fc.constant(names),
      rows: fc.array(fc.array(phrase, { minLength: names.length, maxLength: names.length }), {
        minLength: 1,
        maxLength: 8,
      }),
    }),
  );
const quoted = (cell: string): string => (/[",;\t\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
const asObjects = (names: readonly string[], rows: readonly string[][]) =>
  rows.map(
    (row) =>
      JSON.parse(`{${names.map((key, i) => `${JSON.stringify(key)}:${JSON.stringify(row[i])}`).join(',')}}`) as unknown,
  );
const written = fc
  .tuple(table, fc.constantFrom(',', ';', '\t', 'json', 'jsonl', 'wrapped'))
  .map(([{ names, rows }, format]) => {
    if (format === 'json') return JSON.stringify(asObjects(names, rows));
    if (format === 'jsonl')
      return asObjects(names, rows)
        .map((row) => JSON.stringify(row))
        .join('\n');
    if (format === 'wrapped') return JSON.stringify({ data: asObjects(names, rows) }, null, 1);
    return [names, ...rows].map((row) => row.map(quoted).join(format)).join('\n');
  });
const file = fc.record({
  bytes: fc.oneof(
    {
      weight: 6,
      arbitrary: spoiltBytes(
        fc
          .tuple(
            written,
            fc.constantFrom('utf-8' as const, 'utf-8' as const, 'bom' as const, 'le' as const, 'be' as const),
          )
          .map(([text, encoding]) => encoded(text, encoding)),
      ),
    },
    { weight: 1, arbitrary: fc.uint8Array({ maxLength: 80 }) },
  ),
  name: fc.constantFrom('rows.csv', 'rows.txt', 'rows.md', 'rows.json', 'rows'),
});

export const tableFiles = fuzzTarget('Table files of any bytes', file, async ({ bytes, name: fileName }) => {
  const opened = await outcomeOf(() =>
    Dataset.import(bytesSource(fileName, bytes), 'fuzz', { rows: memoryStore(), index: memoryStore() }, rowLessons, {
      durable: false,
    }),
  );
  if (!opened.ok) {
    holds(
      opened.error.place?.file === fileName || opened.error.code === 'bad-config',
      'the refusal does not name the file',
    );
    return false;
  }
  const { info } = opened.value;
  const { rows, total } = opened.value.rows(0, info.rows, 'all');
  holds(rows.length === info.rows && total === info.rows, 'not every row can be read');
  holds(
    rows.every(({ cells }) => cells.length === info.columns.length),
    'a row has more or fewer cells than there are columns',
  );
  agree(rows.filter(({ issue }) => issue === null).length, info.usableRows, 'usable rows are counted wrongly');
  agree(new Set(info.columns).size, info.columns.length, 'a column occurs twice');
  const used = info.splitRows.train + info.splitRows.validation + info.splitRows.test;
  holds(used <= info.usableRows, 'more rows are used than are usable');
  for (const split of ['train', 'validation', 'test'] as const) {
    const count = examplesOf(opened.value, split).length + conversationsOf(opened.value, split).length;
    agree(count, info.splitRows[split], `the ${split} rows are counted wrongly`);
  }
  return true;
});
