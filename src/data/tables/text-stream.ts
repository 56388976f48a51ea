/** What the formats that are text have in common: the file is decoded as it streams, and read in pieces of text. */
import type { ByteSource } from '../../base/bytes';
import { TabtuneError } from '../../base/errors';
import type { SourceFormat, TextEncodingName } from '../../domain/dataset';
import { StreamDecoder, hasByteOrderMark } from './decode';
import type { TableSink } from './format';

const PIECE_BYTES = 1 << 20;

/** Longest record that is accepted, in characters; it bounds memory when a quote or a bracket is never closed. */
export const RECORD_LIMIT = 16 * 1024 * 1024;

/** What every text format finds out about a file. */
export interface TextFound extends SourceFormat {
  encoding: TextEncodingName;
}

/** Reads one format incrementally. `push` takes text cut anywhere; `end` reads what is left. */
export interface TextReader {
  push(text: string): void;
  end(): void;
}

/** Streams the file once, from its first byte to its last. Throws `bad-encoding` with the byte's offset. */
export async function readText(
  source: ByteSource,
  sink: TableSink,
  { encoding }: TextFound,
  reader: TextReader,
  pieceBytes = PIECE_BYTES,
): Promise<void> {
  let decoder: StreamDecoder | null = null;
  for (let at = 0; at < source.size;) {
    const bytes = await source.read(at, Math.min(at + pieceBytes, source.size));
    decoder ??= new StreamDecoder(encoding, source.name, hasByteOrderMark(bytes, encoding));
    reader.push(decoder.push(bytes));
    at += bytes.length;
    await sink.progress(at);
  }
  decoder?.end();
  reader.end();
}

export function recordTooLong(file: string, line: number, fix: string): TabtuneError {
  return new TabtuneError(
    'bad-data',
    `The record that starts on line ${line} is longer than ${RECORD_LIMIT / 1024 / 1024} million characters.`,
    { place: { file, line }, fix },
  );
}

/** Line breaks in `text` between two places; `\r\n` counts once. */
export function countLines(text: string, from: number, to: number): number {
  let lines = 0;
  for (let i = from; i < to; i++) {
    const code = text.charCodeAt(i);
    if (code === 10 || (code === 13 && text.charCodeAt(i + 1) !== 10)) lines++;
  }
  return lines;
}

const ENCODING_WORDS: Record<TextEncodingName, string> = {
  'utf-8': 'UTF-8',
  'utf-8-bom': 'UTF-8 with a byte-order mark',
  'utf-16le': 'UTF-16 (little-endian)',
  'utf-16be': 'UTF-16 (big-endian)',
};

/** Such as "in UTF-8". */
export const encodingInWords = ({ encoding }: SourceFormat): string =>
  encoding === undefined ? '' : `in ${ENCODING_WORDS[encoding]}`;
