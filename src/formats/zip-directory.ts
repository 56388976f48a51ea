/** Finds and reads the directory at the end of a zip archive (APPNOTE 6.3, with zip64). */
import { TabtuneError } from '../base/errors';
import type { ByteSource } from '../base/bytes';

/** One file as the directory describes it; sizes in bytes, and not to be believed. */
export interface ZipEntry {
  name: string;
  method: number;
  crc: number;
  packedSize: number;
  size: number;
  /** Where its local header begins. */
  offset: number;
}

const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
const CENTRAL = 0x02014b50;
/** The end record with the longest comment that it can have. */
const LONGEST_END = 22 + 0xffff;
const MAX_DIRECTORY_BYTES = 64 * 1024 ** 2;

function bad(archive: string, what: string): never {
  throw new TabtuneError('bad-model', `${archive}: ${what}`, {
    place: { file: archive },
    fix: 'Make or download the archive again, unencrypted and in one part.',
  });
}

const viewOf = (bytes: Uint8Array): DataView => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);

function wide(view: DataView, at: number, archive: string): number {
  const value = view.getBigUint64(at, true);
  return value <= BigInt(Number.MAX_SAFE_INTEGER)
    ? Number(value)
    : bad(archive, 'a size in the archive is impossible.');
}

/** The entries, at most `limit`. Throws `bad-model` when this is no whole, plain zip archive. */
export async function readDirectory(source: ByteSource, limit: number): Promise<ZipEntry[]> {
  const { count, offset, bytes } = await findDirectory(source);
  if (count > limit) bad(source.name, `it holds ${count} files; at most ${limit} are allowed.`);
  if (bytes > MAX_DIRECTORY_BYTES || offset + bytes > source.size)
    bad(source.name, 'its directory does not fit into the file.');
  const directory = await source.read(offset, offset + bytes);
  const view = viewOf(directory);
  const entries: ZipEntry[] = [];
  let at = 0;
  for (let index = 0; index < count; index++) {
    if (at + 46 > directory.length || view.getUint32(at, true) !== CENTRAL)
      bad(source.name, 'its directory is damaged.');
    const [nameLength, extraLength, commentLength] = [
      view.getUint16(at + 28, true),
      view.getUint16(at + 30, true),
      view.getUint16(at + 32, true),
    ];
    const next = at + 46 + nameLength + extraLength + commentLength;
    if (next > directory.length) bad(source.name, 'its directory is damaged.');
    entries.push(readEntry(directory.subarray(at, next), nameLength, extraLength, source.name));
    at = next;
  }
  return entries;
}

/** Code page 437 above ASCII, in which archives name files that say nothing else (APPNOTE, appendix D). */
const CP437 =
  'ÇüéâäàåçêëèïîìÄÅÉæÆôöòûùÿÖÜ¢£¥₧ƒáíóúñÑªº¿⌐¬½¼¡«»░▒▓│┤╡╢╖╕╣║╗╝╜╛┐' +
  '└┴┬├─┼╞╟╚╔╩╦╠═╬╧╨╤╥╙╘╒╓╫╪┘┌█▄▌▐▀αßΓπΣσµτΦΘΩδ∞φε∩≡±≥≤⌠⌡÷≈°∙·√ⁿ²■\u00a0';

/** Names are UTF-8, marked as such or not; what is none is of code page 437. */
function nameOf(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return Array.from(bytes, (byte) => (byte < 128 ? String.fromCharCode(byte) : (CP437[byte - 128] ?? ''))).join('');
  }
}

/** One record of the directory, its name and extra fields included. */
function readEntry(record: Uint8Array, nameLength: number, extraLength: number, archive: string): ZipEntry {
  const view = viewOf(record);
  if (view.getUint16(8, true) & 1) bad(archive, 'it is encrypted.');
  const start = 46 + nameLength;
  const name = nameOf(record.subarray(46, start));
  const entry: ZipEntry = {
    name,
    method: view.getUint16(10, true),
    crc: view.getUint32(16, true),
    packedSize: view.getUint32(20, true),
    size: view.getUint32(24, true),
    offset: view.getUint32(42, true),
  };
  for (let extra = start; extra + 4 <= start + extraLength; extra += 4 + view.getUint16(extra + 2, true))
    if (view.getUint16(extra, true) === 1)
      readZip64Sizes(
        view,
        extra + 4,
        Math.min(start + extraLength, extra + 4 + view.getUint16(extra + 2, true)),
        entry,
        archive,
      );
  return entry;
}

/** The extra field 1 holds, in this order, those values that are 0xffffffff in the entry itself. */
function readZip64Sizes(view: DataView, from: number, end: number, entry: ZipEntry, archive: string): void {
  let at = from;
  for (const field of ['size', 'packedSize', 'offset'] as const) {
    if (entry[field] !== 0xffffffff) continue;
    if (at + 8 > end) bad(archive, 'its directory is damaged.');
    entry[field] = wide(view, at, archive);
    at += 8;
  }
}

async function findDirectory(source: ByteSource): Promise<{ count: number; offset: number; bytes: number }> {
  const tailStart = Math.max(0, source.size - LONGEST_END - 20);
  const tail = await source.read(tailStart, source.size);
  const view = viewOf(tail);
  let at = tail.length - 22;
  while (at >= 0 && !(view.getUint32(at, true) === END && at + 22 + view.getUint16(at + 20, true) === tail.length))
    at--;
  if (at < 0) return bad(source.name, 'this is no zip archive, or its end is missing.');
  const plain = {
    count: view.getUint16(at + 10, true),
    bytes: view.getUint32(at + 12, true),
    offset: view.getUint32(at + 16, true),
  };
  if (at < 20 || view.getUint32(at - 20, true) !== LOCATOR_64) return plain;
  const recordAt = wide(view, at - 20 + 8, source.name);
  if (recordAt + 56 > source.size) return bad(source.name, 'its directory is damaged.');
  const record = viewOf(await source.read(recordAt, recordAt + 56));
  if (record.getUint32(0, true) !== END_64) return bad(source.name, 'its directory is damaged.');
  return {
    count: wide(record, 32, source.name),
    bytes: wide(record, 40, source.name),
    offset: wide(record, 48, source.name),
  };
}
