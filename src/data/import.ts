/** Streams a source into rows: bytes are hashed, decoded and parsed piece by piece, and only rows are kept. */
import { TabtuneError } from '../base/errors';
import type { ByteSource } from '../base/bytes';
import type { SourceFormat } from '../domain/dataset';
import { DelimitedReader } from './csv';
import { StreamDecoder, detectEncoding, hasByteOrderMark } from './decode';
import { detectFormat, isPlainText } from './detect';
import type { DetectedFormat } from './detect';
import { JsonReader } from './json';
import { JsonLinesReader } from './jsonl';
import { pacer } from './pause';
import { PlainTextReader } from './plain-text';
import { COLUMN_LIMIT } from './records';
import type { RecordReader, RecordSink } from './records';
import { RowWriter } from './row-store';
import type { DatasetStores } from './row-store';
import { Sha256 } from './sha256';

const PIECE_BYTES = 1 << 20;
const HEAD_BYTES = 1 << 18;

export interface ImportedRows {
  source: SourceFormat;
  columns: string[];
  rows: number;
  sha256: string;
  warnings: string[];
}

/** Collects columns and rows on behalf of a reader. */
class StoreSink implements RecordSink {
  readonly columns: string[] = [];
  readonly warnings: string[] = [];
  readable = 0;
  firstTrouble: string | null = null;
  private readonly indices = new Map<string, number>();

  constructor(
    private readonly file: string,
    private readonly writer: RowWriter,
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

  row(cells: string[], trouble?: Parameters<RecordSink['row']>[1]): void {
    if (!trouble) this.readable++;
    this.firstTrouble ??= trouble?.message ?? null;
    this.writer.append(cells, trouble);
  }

  warn(message: string): void {
    this.warnings.push(message);
  }
}

function readerFor(format: DetectedFormat, file: string, sink: RecordSink): RecordReader {
  if (format.format === 'text') return new PlainTextReader({ file }, sink);
  if (format.format === 'json') return new JsonReader({ file, layout: format.jsonLayout ?? 'array' }, sink);
  if (format.format === 'jsonl') return new JsonLinesReader({ file }, sink);
  const { delimiter = ',', hasHeader = false, namesDelimiter = false } = format;
  return new DelimitedReader({ file, delimiter, hasHeader, skipFirst: namesDelimiter }, sink);
}

async function detectSource(
  source: ByteSource,
): Promise<{ decoder: StreamDecoder; format: DetectedFormat; info: SourceFormat }> {
  const file = source.name;
  const head = await source.read(0, Math.min(HEAD_BYTES, source.size));
  const encoding = detectEncoding(head, file);
  const mark = hasByteOrderMark(head, encoding);
  const sample = new StreamDecoder(encoding, file, mark).push(head);
  if (sample.trim() === '' && source.size <= HEAD_BYTES)
    throw new TabtuneError('bad-data', 'The file holds nothing but white space.', {
      place: { file },
      fix: 'Choose a file with rows of text and labels.',
    });
  if (/^\s*<(!doctype html|html[\s>])/i.test(sample))
    throw new TabtuneError('bad-data', 'This is a web page, not a table of text.', {
      place: { file },
      fix: 'The download may have led to a page instead of the file: get the file itself.',
    });
  const whole = source.size <= HEAD_BYTES;
  const format: DetectedFormat = isPlainText(sample, whole, file) ? { format: 'text' } : detectFormat(sample, whole);
  const info: SourceFormat = {
    format: format.format,
    encoding,
    ...(format.delimiter === undefined ? {} : { delimiter: format.delimiter, hasHeader: format.hasHeader ?? false }),
  };
  return { decoder: new StreamDecoder(encoding, file, mark), format, info };
}

/**
 * Reads the whole source once and appends its rows to the stores.
 * Throws `bad-data`, `bad-encoding` (with the byte's offset) or `cancelled`.
 */
export async function importRows(
  source: ByteSource,
  stores: DatasetStores,
  options: {
    signal?: AbortSignal | undefined;
    onProgress?: ((doneBytes: number, totalBytes: number) => void) | undefined;
  },
): Promise<ImportedRows> {
  const file = source.name;
  if (source.size === 0)
    throw new TabtuneError('bad-data', 'The file is empty.', {
      place: { file },
      fix: 'Choose a file with rows of text and labels.',
    });
  const { decoder, format, info } = await detectSource(source);
  const writer = new RowWriter(stores);
  const sink = new StoreSink(file, writer);
  const reader = readerFor(format, file, sink);
  const hash = new Sha256();
  const pause = pacer(options.signal);
  for (let at = 0; at < source.size;) {
    const bytes = await source.read(at, Math.min(at + PIECE_BYTES, source.size));
    if (bytes.length === 0)
      throw new TabtuneError('bad-data', `The file ended at byte ${at} of ${source.size}.`, {
        place: { file, offset: at },
        fix: 'Open the file again; it may have changed while it was read.',
      });
    hash.update(bytes);
    reader.push(decoder.push(bytes));
    at += bytes.length;
    options.onProgress?.(at, source.size);
    await pause();
  }
  decoder.end();
  reader.end();
  writer.finish();
  if (sink.readable === 0) throw noRows(file, sink);
  return { source: info, columns: sink.columns, rows: writer.count, sha256: hash.hex(), warnings: sink.warnings };
}

function noRows(file: string, sink: StoreSink): TabtuneError {
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
