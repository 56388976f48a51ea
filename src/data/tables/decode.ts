/** Bytes to text: finds the encoding by content and decodes a stream cut anywhere, refusing what is not text. */
import { must } from '../../base/assert';
import { TabtuneError } from '../../base/errors';
import type { TextEncodingName } from '../../domain/dataset';

const MAGICS: readonly { bytes: readonly number[]; what: string; fix: string }[] = [
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    what: 'a ZIP archive or an Excel workbook',
    fix: 'Unpack it, or save the sheet as CSV (UTF-8).',
  },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], what: 'an old Excel or Word file', fix: 'Save the sheet as CSV (UTF-8).' },
  { bytes: [0x1f, 0x8b], what: 'a gzip archive', fix: 'Unpack it first.' },
  { bytes: [0x50, 0x41, 0x52, 0x31], what: 'a Parquet file', fix: 'Convert it to CSV or JSONL.' },
  { bytes: [0x25, 0x50, 0x44, 0x46], what: 'a PDF', fix: 'Export the table as CSV.' },
  { bytes: [0x89, 0x50, 0x4e, 0x47], what: 'a PNG image', fix: 'Choose a CSV, TSV, JSON or JSONL file.' },
  { bytes: [0xff, 0xd8, 0xff], what: 'a JPEG image', fix: 'Choose a CSV, TSV, JSON or JSONL file.' },
  { bytes: [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], what: 'an SQLite database', fix: 'Export the table as CSV.' },
];

/**
 * The encoding of a file, by its first bytes: a byte order mark, else where zero bytes fall.
 * Throws `bad-data` for binary content and `bad-encoding` for UTF-32.
 */
export function detectEncoding(head: Uint8Array, file: string): TextEncodingName {
  const magic = MAGICS.find((known) => known.bytes.every((byte, i) => head[i] === byte));
  if (magic)
    throw new TabtuneError('bad-data', `This is ${magic.what}, not a table of text.`, {
      place: { file, offset: 0 },
      fix: magic.fix,
    });
  const [a, b, c, d] = head;
  if ((a === 0xff && b === 0xfe && c === 0 && d === 0) || (a === 0 && b === 0 && c === 0xfe && d === 0xff))
    throw new TabtuneError('bad-encoding', 'The file is UTF-32, which is not read here.', {
      place: { file, offset: 0 },
      fix: 'Save it as UTF-8.',
    });
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8-bom';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  if (a === 0xfe && b === 0xff) return 'utf-16be';
  const zeros = [0, 0];
  let controls = 0;
  head.forEach((byte, i) => {
    if (byte === 0) zeros[i & 1] = must(zeros[i & 1]) + 1;
    else if (byte < 32 && !(byte >= 9 && byte <= 13) && byte !== 27) controls++;
  });
  const pairs = Math.max(1, head.length >> 1);
  const [even, odd] = zeros as [number, number];
  // In UTF-16, commas, line breaks and ASCII letters have a zero byte on one side only.
  if (odd / pairs > 0.02 && even * 10 < odd && readsAsUtf16(head, 'utf-16le')) return 'utf-16le';
  if (even / pairs > 0.02 && odd * 10 < even && readsAsUtf16(head, 'utf-16be')) return 'utf-16be';
  if ((even + odd + controls) / Math.max(1, head.length) > 0.1 || (even + odd > 0 && !readsAsUtf8(head)))
    throw new TabtuneError('bad-data', 'This is a binary file, not a table of text.', {
      place: { file, offset: 0 },
      fix: 'Choose a CSV, TSV, JSON or JSONL file.',
    });
  return 'utf-8';
}

/** Whether the bytes are valid UTF-8, but for a character that may be cut at the end. */
function readsAsUtf8(head: Uint8Array): boolean {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(head.subarray(0, head.length - openUtf8(head)));
    return true;
  } catch {
    return false;
  }
}

/** Whether the bytes are valid UTF-16 with hardly any control characters. */
function readsAsUtf16(head: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): boolean {
  const whole = head.subarray(0, head.length - openUtf16(head, encoding === 'utf-16le'));
  try {
    const text = new TextDecoder(encoding, { fatal: true }).decode(whole);
    let controls = 0;
    for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 9) controls++;
    return controls * 50 < text.length;
  } catch {
    return false;
  }
}

/** Bytes at the end that begin a UTF-8 character whose rest is still to come. */
function openUtf8(bytes: Uint8Array): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = must(bytes[bytes.length - back]);
    if ((byte & 0xc0) === 0x80) continue;
    const need = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc0 ? 2 : 1;
    return need > back ? back : 0;
  }
  return 0;
}

/** Bytes at the end that begin a UTF-16 character whose rest is still to come. */
function openUtf16(bytes: Uint8Array, littleEndian: boolean): number {
  const odd = bytes.length & 1;
  const last = bytes.length - odd;
  if (last < 2) return odd;
  const high = must(bytes[last - (littleEndian ? 1 : 2)]);
  return high >= 0xd8 && high <= 0xdb ? odd + 2 : odd;
}

/** Length of the longest valid prefix, by halving: only used to say where a bad byte is. */
function validPrefix(decoder: TextDecoder, bytes: Uint8Array, open: (bytes: Uint8Array) => number): number {
  let good = 0;
  let bad = bytes.length;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    const piece = bytes.subarray(0, middle);
    try {
      decoder.decode(piece.subarray(0, middle - open(piece)));
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return good - open(bytes.subarray(0, good));
}

/** Decodes a stream of bytes strictly; the same text comes out wherever the stream is cut. */
export class StreamDecoder {
  private carry = new Uint8Array(0);
  private offset = 0;
  private readonly decoder: TextDecoder;
  private readonly open: (bytes: Uint8Array) => number;
  private bomBytes: number;

  constructor(
    private readonly encoding: TextEncodingName,
    private readonly file: string,
    hasMark: boolean,
  ) {
    const name = encoding === 'utf-8-bom' ? 'utf-8' : encoding;
    this.decoder = new TextDecoder(name, { fatal: true, ignoreBOM: true });
    this.open = name === 'utf-8' ? openUtf8 : (bytes) => openUtf16(bytes, name === 'utf-16le');
    this.bomBytes = hasMark ? (name === 'utf-8' ? 3 : 2) : 0;
  }

  /** The text of these bytes; throws `bad-encoding` with the offset of the first byte that does not fit. */
  push(bytes: Uint8Array): string {
    let piece = bytes;
    if (this.bomBytes > 0) {
      const skipped = Math.min(this.bomBytes, piece.length);
      this.bomBytes -= skipped;
      this.offset += skipped;
      piece = piece.subarray(skipped);
    }
    if (this.carry.length > 0) {
      const joined = new Uint8Array(this.carry.length + piece.length);
      joined.set(this.carry);
      joined.set(piece, this.carry.length);
      piece = joined;
    }
    const held = this.open(piece);
    const whole = piece.subarray(0, piece.length - held);
    const text = this.decode(whole);
    this.carry = piece.slice(piece.length - held);
    this.offset += whole.length;
    return text;
  }

  /** Throws when the stream stops inside a character. */
  end(): void {
    if (this.carry.length > 0) throw this.failure(this.offset);
  }

  private decode(bytes: Uint8Array): string {
    try {
      return this.decoder.decode(bytes);
    } catch {
      throw this.failure(this.offset + validPrefix(this.decoder, bytes, this.open));
    }
  }

  private failure(offset: number): TabtuneError {
    const name = this.encoding.startsWith('utf-8') ? 'UTF-8' : 'UTF-16';
    return new TabtuneError(
      'bad-encoding',
      `The file is not valid ${name}: the byte at offset ${offset} does not fit.`,
      {
        place: { file: this.file, offset },
        fix: 'Save it again as UTF-8 (in Excel: "CSV UTF-8"). It may be in an older encoding such as Windows-1252.',
      },
    );
  }
}

/** Whether the bytes begin with the byte order mark of the encoding. */
export function hasByteOrderMark(head: Uint8Array, encoding: TextEncodingName): boolean {
  if (encoding === 'utf-8-bom') return true;
  if (encoding === 'utf-16le') return head[0] === 0xff && head[1] === 0xfe;
  if (encoding === 'utf-16be') return head[0] === 0xfe && head[1] === 0xff;
  return false;
}
