/** Streams a source into rows: its format is found and reads it piece by piece; bytes are hashed on the way. */
import type { ByteSource } from '../base/bytes';
import { TabtuneError } from '../base/errors';
import type { ReadWishes, SourceFormat } from '../domain/dataset';
import { HashingSource } from './hashing-source';
import { pacer } from './pause';
import { COLUMN_LIMIT } from './records';
import type { RowTrouble } from './records';
import { RowWriter } from './row-store';
import type { DatasetStores } from './row-store';
import { TABLE_FORMATS } from './tables';
import type { TableFormat, TableSink } from './tables/format';
import { readHead } from './tables/head';

export interface ImportedRows {
  /** Name and bytes of the file, or of several files together. */
  name: string;
  bytes: number;
  source: SourceFormat;
  columns: string[];
  rows: number;
  sha256: string;
  warnings: string[];
  /** A column that names the split of each row by where it comes from. */
  splitColumn?: string | undefined;
  /** A column that names the file of each row, which says nothing of its content. */
  fileColumn?: string | undefined;
}

/** Collects columns and rows on behalf of a format. */
export class StoreSink implements RereadSink {
  columns: string[] = [];
  warnings: string[] = [];
  readable = 0;
  firstTrouble: string | null = null;
  private indices = new Map<string, number>();

  constructor(
    private readonly file: string,
    private readonly writer: RowWriter,
    readonly progress: TableSink['progress'],
  ) {}

  column(name: string): number {
    const known = this.indices.get(name);
    if (known !== undefined) return known;
    if (this.columns.length >= COLUMN_LIMIT)
      throw new TabtuneError('bad-data', `There are more than ${COLUMN_LIMIT.toLocaleString('en')} columns.`, {
        place: { file: this.file, row: this.writer.count + 1 },
        fix: 'Each row should have the same few columns, such as text and label.',
      });
    this.indices.set(name, this.columns.length);
    this.columns.push(name);
    return this.columns.length - 1;
  }

  row(cells: string[], trouble?: RowTrouble): void {
    if (!trouble) this.readable++;
    this.firstTrouble ??= trouble?.message ?? null;
    this.writer.append(cells, trouble);
  }

  warn(message: string): void {
    this.warnings.push(message);
  }

  mark(): () => void {
    const { columns, warnings, readable, firstTrouble, indices } = this;
    const kept = { columns: [...columns], warnings: [...warnings], readable, firstTrouble, indices: new Map(indices) };
    const rows = this.writer.mark();
    return () => {
      this.writer.rewind(rows);
      Object.assign(this, kept);
    };
  }
}

/** The first format that takes the file. Throws `bad-data` or `bad-encoding` when none does. */
async function detectFormat(
  source: ByteSource,
  wishes: ReadWishes,
): Promise<{ format: TableFormat; found: SourceFormat }> {
  const head = await readHead(source, wishes);
  for (const format of TABLE_FORMATS) {
    const found = await format.detect(head);
    if (found) return { format, found };
  }
  throw head.refusal ?? new TabtuneError('internal', 'No format takes a text.');
}

export interface ReadOptions {
  signal?: AbortSignal | undefined;
  onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  /** How the person wants it to be read; what they did not say is found. */
  wishes?: ReadWishes | undefined;
}

/** A sink that can forget what it was given. */
export interface RereadSink extends TableSink {
  /** What is here now, to be gone back to when a file has to be read anew: call the function for that. */
  mark(): () => void;
}

/** How often a file may be read anew because what came contradicts what was found. */
const ATTEMPTS = 4;

/** Reads one file into the sink; returns how it was read, and tells how it is about to be. */
export async function readFile(
  source: ByteSource,
  sink: RereadSink,
  wishes: ReadWishes,
  onFound: (found: SourceFormat) => void = () => undefined,
): Promise<SourceFormat> {
  let { format, found } = await detectFormat(source, wishes);
  for (let attempt = 1; ; attempt++) {
    onFound(found);
    const goBack = sink.mark();
    const better = await format.read(source, sink, found);
    if (!better || attempt === ATTEMPTS) return found;
    goBack();
    found = better;
    format = TABLE_FORMATS.find(({ id }) => id === found.format) ?? format;
  }
}

/**
 * Reads the whole source and appends its rows to the stores.
 * Throws `bad-data`, `bad-encoding` (with the byte's offset) or `cancelled`.
 */
export async function importRows(
  source: ByteSource,
  stores: DatasetStores,
  options: ReadOptions,
): Promise<ImportedRows> {
  const file = source.name;
  if (source.size === 0)
    throw new TabtuneError('bad-data', 'The file is empty.', {
      place: { file },
      fix: 'Choose a file with rows of text and labels.',
    });
  const hashed = new HashingSource(source);
  const pause = pacer(options.signal);
  const writer = new RowWriter(stores);
  const sink = new StoreSink(file, writer, (done) => {
    options.onProgress?.(done, source.size);
    return pause();
  });
  const found = await readFile(hashed, sink, options.wishes ?? {});
  writer.finish();
  if (sink.readable === 0) throw noRows(file, sink);
  const sha256 = await hashed.sha256(pause);
  return {
    name: file,
    bytes: source.size,
    source: found,
    columns: sink.columns,
    rows: writer.count,
    sha256,
    warnings: sink.warnings,
  };
}

export function noRows(file: string, sink: StoreSink): TabtuneError {
  const reason =
    sink.firstTrouble ??
    (sink.columns.length > 0
      ? `there is only the line of column names (${sink.columns.slice(0, 5).join(', ')})`
      : 'there are none');
  return new TabtuneError('bad-data', `No rows could be read: ${reason.replace(/\.$/, '')}.`, {
    place: { file },
    fix: 'Each row needs a text and a label, as CSV with a header, or as JSON objects.',
  });
}
