/** Feeds a reader of rows with a text in pieces, and keeps all that it says. */
import type { RowSink, RowTrouble } from '../../src/data/records';
import type { TextReader } from '../../src/data/tables/text-stream';

export interface Collected {
  columns: string[];
  rows: string[][];
  troubles: (RowTrouble & { index: number })[];
  warnings: string[];
}

/** What a reader makes of the text when it comes in pieces of `size` characters. */
export function collect(make: (sink: RowSink) => TextReader, text: string, size: number): Collected {
  const out: Collected = { columns: [], rows: [], troubles: [], warnings: [] };
  const indices = new Map<string, number>();
  const reader = make({
    column: (name) => {
      const known = indices.get(name);
      if (known !== undefined) return known;
      indices.set(name, out.columns.length);
      return out.columns.push(name) - 1;
    },
    row: (cells, trouble) => {
      if (trouble) out.troubles.push({ index: out.rows.length, ...trouble });
      out.rows.push(cells);
    },
    warn: (message) => out.warnings.push(message),
  });
  for (let at = 0; at < text.length; at += size) reader.push(text.slice(at, at + size));
  reader.end();
  return out;
}
