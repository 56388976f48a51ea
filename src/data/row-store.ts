/** Rows kept outside of memory: each is JSON text in an append-only byte store, found through a store of offsets. */
import { must } from '../base/assert';
import { TabtuneError } from '../base/errors';
import type { ByteStore } from '../base/bytes';
import type { RowTrouble } from './records';

/** Row bytes, and the offset of each row's end as a little-endian float64. */
export interface DatasetStores {
  rows: ByteStore;
  index: ByteStore;
}

export interface StoredRow {
  cells: string[];
  trouble: RowTrouble | null;
}

const BUFFER_BYTES = 1 << 20;
const INDEX_ROWS = 1 << 13;
/** Rows and bytes that are read at once when going through all of them. */
const PIECE_ROWS = 4096;
const PIECE_BYTES = 4 << 20;

const encoder = new TextEncoder();
const decoder = new TextDecoder();

const damaged = (cause?: unknown): TabtuneError =>
  new TabtuneError('storage', 'The stored rows of this data set are damaged or incomplete.', {
    fix: 'Open the file again.',
    cause,
  });

const areCells = (value: unknown): value is string[] =>
  Array.isArray(value) && value.every((cell) => typeof cell === 'string');

/** Throws `storage` for anything but a row as `RowWriter` writes it. */
function parseRow(text: string): StoredRow {
  let stored: unknown;
  try {
    stored = JSON.parse(text);
  } catch (cause) {
    throw damaged(cause);
  }
  if (areCells(stored)) return { cells: stored, trouble: null };
  const { cells, trouble } = (stored ?? {}) as { cells?: unknown; trouble?: Partial<RowTrouble> | null };
  if (!areCells(cells) || typeof trouble?.message !== 'string' || typeof trouble.problem !== 'string') throw damaged();
  return { cells, trouble: { problem: trouble.problem, message: trouble.message } };
}

/** Where a writer stands: rows, and the bytes that they take. */
export interface RowMark {
  readonly count: number;
  readonly bytes: number;
}

/** Appends rows, buffered; `finish` writes out what is left. */
export class RowWriter {
  count = 0;
  private buffer = new Uint8Array(BUFFER_BYTES);
  private used = 0;
  private written = 0;
  private readonly ends = new Float64Array(INDEX_ROWS);
  private pending = 0;

  constructor(private readonly stores: DatasetStores) {}

  append(cells: string[], trouble?: RowTrouble): void {
    const text = JSON.stringify(trouble ? { cells, trouble } : cells);
    const most = text.length * 3;
    if (this.used + most > this.buffer.length) this.flushRows();
    if (most > this.buffer.length) this.buffer = new Uint8Array(most);
    this.used += encoder.encodeInto(text, this.buffer.subarray(this.used)).written;
    this.ends[this.pending++] = this.written + this.used;
    this.count++;
    if (this.pending === INDEX_ROWS) this.flushIndex();
  }

  /** A place to come back to with `rewind`. */
  mark(): RowMark {
    this.flushRows();
    this.flushIndex();
    return { count: this.count, bytes: this.written };
  }

  /** Forgets the rows that came after the mark. */
  rewind({ count, bytes }: RowMark): void {
    this.used = 0;
    this.pending = 0;
    this.count = count;
    this.written = bytes;
    this.stores.rows.truncate(bytes);
    this.stores.index.truncate(count * 8);
  }

  finish(): void {
    this.flushRows();
    this.flushIndex();
    this.stores.rows.flush();
    this.stores.index.flush();
  }

  private flushRows(): void {
    if (this.used > 0) this.stores.rows.append(this.buffer.subarray(0, this.used));
    this.written += this.used;
    this.used = 0;
    if (this.buffer.length > BUFFER_BYTES) this.buffer = new Uint8Array(BUFFER_BYTES);
  }

  private flushIndex(): void {
    const bytes = new Uint8Array(this.pending * 8);
    const view = new DataView(bytes.buffer);
    for (let i = 0; i < this.pending; i++) view.setFloat64(i * 8, must(this.ends[i]), true);
    if (bytes.length > 0) this.stores.index.append(bytes);
    this.pending = 0;
  }
}

/** Reads stored rows by number, counted from 0. Throws `storage` when the stores don't belong together. */
export class RowReader {
  constructor(
    private readonly stores: DatasetStores,
    readonly count: number,
  ) {
    const ends = stores.index.size === count * 8 ? (count === 0 ? 0 : this.ends(count - 1, 1)[1]) : -1;
    if (ends !== stores.rows.size) throw damaged();
  }

  read(from: number, count: number): StoredRow[] {
    const end = Math.min(this.count, from + count);
    const rows: StoredRow[] = [];
    for (let at = Math.max(0, from); at < end;) {
      const piece = this.piece(at, end);
      rows.push(...piece);
      at += piece.length;
    }
    return rows;
  }

  /** All rows from `from` on, read in pieces of bounded size. */
  *pieces(from = 0): Generator<{ first: number; rows: StoredRow[] }> {
    for (let first = from; first < this.count;) {
      const rows = this.piece(first, this.count);
      yield { first, rows };
      first += rows.length;
    }
  }

  /** Some rows from `first` on, at least one, as many as fit a piece. */
  private piece(first: number, end: number): StoredRow[] {
    const ends = this.ends(first, Math.min(PIECE_ROWS, end - first));
    const start = must(ends[0]);
    for (let i = 1; i < ends.length; i++)
      if (!(must(ends[i]) >= must(ends[i - 1]) && must(ends[i]) <= this.stores.rows.size && Number.isInteger(ends[i])))
        throw damaged();
    if (!(start >= 0 && Number.isInteger(start))) throw damaged();
    let count = 1;
    while (count + 1 < ends.length && must(ends[count + 1]) - start <= PIECE_BYTES) count++;
    const bytes = this.stores.rows.read(start, must(ends[count]) - start);
    return Array.from({ length: count }, (_, i) =>
      parseRow(decoder.decode(bytes.subarray(must(ends[i]) - start, must(ends[i + 1]) - start))),
    );
  }

  /** Start of row `first`, then the end of each of `count` rows. */
  private ends(first: number, count: number): Float64Array {
    const skip = first === 0 ? 0 : 1;
    const bytes = this.stores.index.read((first - skip) * 8, (count + skip) * 8);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const out = new Float64Array(count + 1);
    for (let i = 0; i < count + skip; i++) out[i + 1 - skip] = view.getFloat64(i * 8, true);
    return out;
  }
}
