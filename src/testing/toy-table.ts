/**
 * For tests: a binary format of tables that no stream could read. Its records lie in the file in reverse; where they
 * are stands in an index at the end, as in a Parquet file.
 *
 *     "TOY\0" · records · column names · index: uint32 offset of each row's record · footer: uint32 offset of the
 *     names, uint32 offset of the index, "\0YOT"
 *
 * A record, as the column names: uint32 count, then for each text uint32 bytes and UTF-8. All numbers little-endian.
 */
import { must } from '../base/assert';
import type { ByteSource } from '../base/bytes';
import { TabtuneError } from '../base/errors';
import type { SourceFormat } from '../domain/dataset';
import type { TableFormat } from '../data/tables/format';

const MAGIC = [0x54, 0x4f, 0x59, 0];
const FOOTER_BYTES = 12;
const begins = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes[i] === byte);
const ends = (bytes: Uint8Array): boolean => MAGIC.every((byte, i) => bytes.at(-1 - i) === byte);

interface ToyFound extends SourceFormat {
  /** Rows that the index tells of. */
  records: number;
}

/** A file of the format. */
export function toyFile(columns: readonly string[], rows: readonly (readonly string[])[]): Uint8Array<ArrayBuffer> {
  const out: number[] = [...MAGIC];
  const number = (value: number): void => void out.push(...[0, 8, 16, 24].map((shift) => (value >>> shift) & 0xff));
  const texts = (values: readonly string[]): number => {
    const at = out.length;
    number(values.length);
    for (const bytes of values.map((value) => new TextEncoder().encode(value))) {
      number(bytes.length);
      for (const byte of bytes) out.push(byte);
    }
    return at;
  };
  const offsets = rows.toReversed().map(texts).toReversed();
  const names = texts(columns);
  const index = out.length;
  offsets.forEach(number);
  number(names);
  number(index);
  return Uint8Array.from(out.concat(MAGIC.toReversed()));
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** The places of column names and index. */
async function readFooter(source: ByteSource): Promise<{ names: number; index: number; records: number } | null> {
  const bytes = await source.read(Math.max(0, source.size - FOOTER_BYTES), source.size);
  if (bytes.length < FOOTER_BYTES || !ends(bytes)) return null;
  const [names, index] = [viewOf(bytes).getUint32(0, true), viewOf(bytes).getUint32(4, true)];
  return { names, index, records: (source.size - FOOTER_BYTES - index) / 4 };
}

async function readTexts(source: ByteSource, at: number): Promise<string[]> {
  const number = async (place: number): Promise<number> =>
    viewOf(await source.read(place, place + 4)).getUint32(0, true);
  const texts: string[] = [];
  let place = at + 4;
  for (let left = await number(at); left > 0; left--) {
    const end = place + 4 + (await number(place));
    texts.push(new TextDecoder().decode(await source.read(place + 4, end)));
    place = end;
  }
  return texts;
}

export const toyTable: TableFormat<ToyFound> = {
  id: 'toy',
  name: 'a toy table',
  fileTypes: ['.toy'],
  async detect({ bytes, source }) {
    const footer = begins(bytes) ? await readFooter(source) : null;
    return footer && { format: 'toy', decimalComma: true, records: footer.records };
  },
  async read(source, sink, { records }) {
    const { names, index } = must(await readFooter(source));
    const columns = await readTexts(source, names);
    for (const name of columns) sink.column(name);
    for (let row = 0; row < records; row++) {
      const offset = viewOf(await source.read(index + 4 * row, index + 4 * row + 4)).getUint32(0, true);
      const cells = await readTexts(source, offset);
      if (cells.length > columns.length)
        throw new TabtuneError('bad-data', `Record ${row + 1} has more cells than there are columns.`, {
          place: { file: source.name, row: row + 1 },
          fix: 'Write the file again.',
        });
      if (cells.length === columns.length) sink.row(cells);
      else sink.row(cells, { problem: 'ragged', message: `Record ${row + 1} has ${cells.length} cells.` });
      await sink.progress(Math.floor((source.size * (row + 1)) / records));
    }
    if (records % 2) sink.warn('The number of records is odd.');
    return null;
  },
  words: ({ records }) => `of ${String(records)} records`,
};
