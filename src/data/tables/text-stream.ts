/** What the formats that are text have in common: the file is decoded as it streams, and read in pieces of text. */
import type { ByteSource } from '../../base/bytes';
import { TabtuneError } from '../../base/errors';
import type { SourceFormat, TextEncodingName } from '../../domain/dataset';
import { StreamDecoder } from './decode';
import { ENCODING_WORDS } from './encoding-words';
import { legacyEncoding } from './legacy-encoding';
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

/** Bytes that are kept of lines that contradict the encoding. */
const CONTRADICTION_BYTES = 1 << 16;

/**
 * Streams the file once, from its first byte to its last; bytes that do not fit the encoding are replaced, and counted
 * in a warning. Returns another encoding where what came contradicts the one that was found by the beginning.
 */
export async function readText(
  source: ByteSource,
  sink: TableSink,
  { encoding, wishes }: TextFound,
  reader: TextReader,
  pieceBytes = PIECE_BYTES,
): Promise<TextEncodingName | null> {
  const decoder = new StreamDecoder(encoding);
  let contradiction: Uint8Array | null = null;
  for (let at = 0; at < source.size;) {
    const bytes = await source.read(at, Math.min(at + pieceBytes, source.size));
    const plain = !decoder.beyondAscii;
    reader.push(decoder.push(bytes));
    // Nothing but ASCII so far, and then something that is not UTF-8: the guess is made anew.
    if (plain && decoder.replaced > 0 && encoding === 'utf-8' && !wishes?.encoding)
      contradiction = linesBeyondAscii(bytes);
    at += bytes.length;
    await sink.progress(at);
  }
  reader.push(decoder.end());
  reader.end();
  if (decoder.replaced > 0) sink.warn(replacedInWords(decoder, encoding));
  return contradiction && legacyEncoding(contradiction);
}

/** What follows the first byte beyond ASCII, from the beginning of its line on. */
function linesBeyondAscii(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex((byte) => byte >= 0x80);
  const start = bytes.lastIndexOf(10, first) + 1;
  return bytes.slice(start, start + CONTRADICTION_BYTES);
}

function replacedInWords({ replaced, firstLine }: StreamDecoder, encoding: TextEncodingName): string {
  const one = replaced === 1;
  const places = one ? 'At one place' : `At ${replaced.toLocaleString('en')} places`;
  const first = `${one ? '' : 'the first '}on line ${firstLine.toLocaleString('en')}`;
  return (
    `${places} the bytes are no ${ENCODING_WORDS[encoding]} and were replaced by “�”, ${first}. If letters are ` +
    'wrong, choose another encoding under “How the file was read”.'
  );
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

/** Such as "in UTF-8". */
export const encodingInWords = ({ encoding }: SourceFormat): string =>
  encoding === undefined ? '' : `in ${ENCODING_WORDS[encoding]}`;
