/** Finds the encoding of a file by its first bytes, and refuses what is not text. */
import { must } from '../../base/assert';
import { TabtuneError } from '../../base/errors';
import type { TextEncodingName } from '../../domain/dataset';
import { decodeExactly, openUtf8 } from './decode';
import { legacyEncoding } from './legacy-encoding';

const TABLE_FIX = 'Choose a CSV, TSV, JSON or JSONL file.';
const MAGICS: readonly { bytes: readonly number[]; what: string; fix: string }[] = [
  {
    bytes: [0x50, 0x4b, 0x03, 0x04],
    what: 'a ZIP archive or an Excel workbook',
    fix: 'Unpack it, or save the sheet as CSV (UTF-8).',
  },
  { bytes: [0xd0, 0xcf, 0x11, 0xe0], what: 'an old Excel or Word file', fix: 'Save the sheet as CSV (UTF-8).' },
  { bytes: [0x1f, 0x8b], what: 'a gzip archive', fix: 'Unpack it first.' },
  { bytes: [0x42, 0x5a, 0x68, 0x39], what: 'a bzip2 archive', fix: 'Unpack it first.' },
  { bytes: [0x28, 0xb5, 0x2f, 0xfd], what: 'a Zstandard archive', fix: 'Unpack it first.' },
  { bytes: [0xfd, 0x37, 0x7a, 0x58, 0x5a], what: 'an XZ archive', fix: 'Unpack it first.' },
  { bytes: [0x37, 0x7a, 0xbc, 0xaf], what: 'a 7-Zip archive', fix: 'Unpack it first.' },
  { bytes: [0x50, 0x41, 0x52, 0x31], what: 'a Parquet file', fix: 'Convert it to CSV or JSONL.' },
  { bytes: [0x41, 0x52, 0x52, 0x4f, 0x57, 0x31], what: 'an Arrow file', fix: 'Convert it to CSV or JSONL.' },
  { bytes: [0x89, 0x48, 0x44, 0x46], what: 'an HDF5 file', fix: 'Export the table as CSV.' },
  { bytes: [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], what: 'a NumPy file', fix: 'Export the table as CSV.' },
  { bytes: [0x25, 0x50, 0x44, 0x46], what: 'a PDF', fix: 'Export the table as CSV.' },
  { bytes: [0x89, 0x50, 0x4e, 0x47], what: 'a PNG image', fix: TABLE_FIX },
  { bytes: [0xff, 0xd8, 0xff], what: 'a JPEG image', fix: TABLE_FIX },
  { bytes: [0x53, 0x51, 0x4c, 0x69, 0x74, 0x65], what: 'an SQLite database', fix: 'Export the table as CSV.' },
];

const binary = (file: string): TabtuneError =>
  new TabtuneError('bad-data', 'This is a binary file, not a table of text.', {
    place: { file, offset: 0 },
    fix: TABLE_FIX,
  });

/** Throws `bad-data` for files that are known by their first bytes, and `bad-encoding` for UTF-32. */
function refuseKnown(head: Uint8Array, file: string): void {
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
}

/** The encoding that a byte order mark names, or null. */
function markedEncoding([a, b, c]: Uint8Array): TextEncodingName | null {
  if (a === 0xef && b === 0xbb && c === 0xbf) return 'utf-8-bom';
  if (a === 0xff && b === 0xfe) return 'utf-16le';
  return a === 0xfe && b === 0xff ? 'utf-16be' : null;
}

/**
 * The encoding of a file: a byte order mark decides, else where zero bytes fall, whether it is UTF-8, and what its
 * letters look like. Throws `bad-data` for binary content and `bad-encoding` for UTF-32.
 * @param whole whether `head` is the whole file
 */
export async function detectEncoding(head: Uint8Array, file: string, whole: boolean): Promise<TextEncodingName> {
  refuseKnown(head, file);
  const marked = markedEncoding(head);
  if (marked) return marked;
  const zeros = [0, 0];
  let controls = 0;
  head.forEach((byte, i) => {
    if (byte === 0) zeros[i & 1] = must(zeros[i & 1]) + 1;
    else if (byte < 32 && !(byte >= 9 && byte <= 13) && byte !== 27) controls++;
  });
  const pairs = Math.max(1, head.length >> 1);
  const [even, odd] = zeros as [number, number];
  // In UTF-16, commas, line breaks and ASCII letters have a zero byte on one side only.
  const cut = whole ? 0 : openUtf8(head);
  const isUtf8 = decodeExactly(head.subarray(0, head.length - cut), 'utf-8') !== null;
  // A stray zero in a text of ASCII does not make it UTF-16.
  const least = isUtf8 ? 0.2 : 0.02;
  if (odd / pairs > least && even * 10 < odd && readsAsUtf16(head, 'utf-16le')) return 'utf-16le';
  if (even / pairs > least && odd * 10 < even && readsAsUtf16(head, 'utf-16be')) return 'utf-16be';
  const odds = even + odd + controls;
  if (odds / Math.max(1, head.length) > 0.1) throw binary(file);
  if (isUtf8) return 'utf-8';
  if (even + odd > 0 || controls * 100 > head.length) throw binary(file);
  return (isUtf8ButForAFew(head) ? null : await legacyEncoding(head)) ?? 'utf-8';
}

/** Whether the bytes are valid UTF-16 with hardly any control characters. */
function readsAsUtf16(head: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): boolean {
  const even = head.length - (head.length & 1);
  const high = head[even - (encoding === 'utf-16le' ? 1 : 2)] ?? 0;
  const text = decodeExactly(head.subarray(0, high >= 0xd8 && high <= 0xdb ? even - 2 : even), encoding);
  if (text === null) return false;
  let controls = 0;
  for (let i = 0; i < text.length; i++) if (text.charCodeAt(i) < 9) controls++;
  return controls * 50 < text.length;
}

/** Whether far more characters of several bytes are whole than broken, as where a UTF-8 file was damaged or cut off. */
export function isUtf8ButForAFew(bytes: Uint8Array): boolean {
  const text = new TextDecoder('utf-8').decode(bytes);
  let [good, bad] = [0, 0];
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === 0xfffd) bad++;
    else if (code > 0x7f) good++;
  }
  return good >= 3 * bad || (bad === 1 && text.endsWith('\ufffd') && (openUtf8(bytes) > 1 || good > 0));
}
