/**
 * Reads and writes zip archives: what an archive claims is never believed, and what is written is the same for the same
 * files.
 */
import { Inflate, deflateSync } from 'fflate';
import { TabtuneError } from '../base/errors';
import type { ByteSource } from '../base/bytes';
import { crc32 } from './crc32';
import { safePath } from './folder';
import type { FolderFile } from './folder';
import { readDirectory } from './zip-directory';
import type { ZipEntry } from './zip-directory';

export interface ZipLimits {
  /** Most files in an archive. */
  files: number;
  /** Most bytes of all files together once unpacked, as really counted. */
  bytes: number;
}

const DEFAULT_LIMITS: ZipLimits = { files: 5_000, bytes: 4 * 1024 ** 3 };
const PIECE_BYTES = 1 << 20;
const LOCAL_HEADER = 0x04034b50;
const CENTRAL_HEADER = 0x02014b50;
const END_OF_DIRECTORY = 0x06054b50;
/** Names are UTF-8. */
const UTF8_FLAG = 0x0800;
/** 1 January 1980, so that equal files give equal archives. */
const DOS_DATE = 0x21;

function bad(archive: string, what: string, fix = 'Make or download the archive again.'): never {
  throw new TabtuneError('bad-model', `${archive}: ${what}`, { place: { file: archive }, fix });
}

/**
 * The archive's files; each is unpacked when its bytes are asked for, checked against its size and CRC-32, and may be
 * asked for again. Throws `bad-model` for damage, encryption, paths that leave the folder, a name that occurs twice, or
 * more than the limits allow.
 */
export async function readZip(source: ByteSource, limits: ZipLimits = DEFAULT_LIMITS): Promise<FolderFile[]> {
  const entries = await readDirectory(source, limits.files);
  // A name's unpacked size counts once, however often it is read.
  const unpacked = new Map<string, number>();
  const files = new Map<string, FolderFile>();
  for (const entry of entries) {
    const path = safePath(entry.name, source.name);
    if (path.endsWith('/')) continue;
    if (files.has(path)) bad(source.name, `"${path}" occurs twice.`);
    files.set(path, {
      path,
      size: entry.size,
      bytes: async () => {
        unpacked.delete(path);
        const budget = limits.bytes - [...unpacked.values()].reduce((sum, size) => sum + size, 0);
        if (entry.size > budget)
          bad(source.name, `unpacked it would hold more than the ${limits.bytes} bytes allowed.`);
        // Taken before the bytes are read, so that files unpacked side by side share the budget.
        unpacked.set(path, entry.size);
        return unpack(source, entry);
      },
    });
  }
  return [...files.values()];
}

async function unpack(source: ByteSource, entry: ZipEntry): Promise<Uint8Array> {
  let out = new Uint8Array(0);
  let length = 0;
  await streamEntry(source, entry, (piece) => {
    // Room is made once the entry's claims were looked at.
    if (length === 0) out = new Uint8Array(entry.size);
    out.set(piece, length);
    length += piece.length;
  });
  return out;
}

/** Takes the next bytes of what is being unpacked. */
export type Take = (piece: Uint8Array) => void;

/**
 * Unpacks one entry piece by piece; `pause` is awaited between pieces. Throws `bad-model` for damage, also when all
 * pieces have been given, and what `take` and `pause` throw.
 */
export async function streamEntry(
  source: ByteSource,
  entry: ZipEntry,
  take: Take,
  pause: () => Promise<void> = () => Promise.resolve(),
): Promise<void> {
  const header = await source.read(entry.offset, Math.min(entry.offset + 30, source.size));
  if (header.length < 30) bad(source.name, `"${entry.name}" lies beyond the end of the archive.`);
  const view = new DataView(header.buffer, header.byteOffset, header.byteLength);
  if (view.getUint32(0, true) !== LOCAL_HEADER) bad(source.name, `"${entry.name}" is not where the directory says.`);
  const start = entry.offset + 30 + view.getUint16(26, true) + view.getUint16(28, true);
  const end = start + entry.packedSize;
  if (end > source.size) bad(source.name, `"${entry.name}" is cut off.`);
  // Deflate packs at most 1032 bytes into one: what claims more is refused before room is made for it.
  const possible = entry.method === 8 ? entry.packedSize * 1032 : entry.packedSize;
  if (entry.size > possible)
    bad(
      source.name,
      `"${entry.name}" claims ${entry.size} bytes, more than its ${entry.packedSize} packed bytes can hold.`,
    );
  let length = 0;
  let crc = 0;
  const counted = (piece: Uint8Array): void => {
    length += piece.length;
    if (length > entry.size)
      bad(
        source.name,
        `"${entry.name}" unpacks to more than the ${entry.size} bytes it claims.`,
        'Do not trust this archive; get it from its source.',
      );
    crc = crc32(piece, crc);
    take(piece);
  };
  await unpackInto(source, entry, [start, end], counted, pause);
  if (length !== entry.size) bad(source.name, `"${entry.name}" unpacks to ${length} bytes instead of ${entry.size}.`);
  if (crc !== entry.crc) bad(source.name, `"${entry.name}" is damaged (its checksum is wrong).`);
}

/** Packed bytes that are unpacked at once: at most 32 MB come of them. */
export const PACKED_BYTES = 1 << 15;

async function unpackInto(
  source: ByteSource,
  entry: ZipEntry,
  [start, end]: readonly [number, number],
  take: Take,
  pause: () => Promise<void>,
): Promise<void> {
  if (entry.method !== 0 && entry.method !== 8)
    bad(
      source.name,
      `"${entry.name}" is packed with method ${entry.method}, which is not supported.`,
      'Pack the folder again as an ordinary zip.',
    );
  const inflate = entry.method === 8 ? new Inflate(take) : null;
  for (let at = start; at < end; at += PIECE_BYTES) {
    const piece = await source.read(at, Math.min(at + PIECE_BYTES, end));
    for (let from = 0; from < piece.length; from += PACKED_BYTES) {
      const part = piece.subarray(from, from + PACKED_BYTES);
      if (!inflate) take(part);
      else {
        try {
          inflate.push(part, at + from + part.length >= end);
        } catch (error) {
          if (error instanceof TabtuneError) throw error;
          bad(source.name, `"${entry.name}" is damaged: ${error instanceof Error ? error.message : String(error)}.`);
        }
      }
      await pause();
    }
  }
}

/** Texts are worth packing; weights are not, and stay readable in place. */
const isText = (path: string): boolean => /\.(?:json|jsonl|txt|md|model)$/.test(path);

/**
 * An archive of the files, in the order given. Each must be below 4 GiB and so must the archive (`unsupported`
 * otherwise); weights are stored without copying them.
 */
export async function writeZip(files: readonly { path: string; bytes: Uint8Array }[]): Promise<Blob> {
  const parts: BlobPart[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let offset = 0;
  for (const { path, bytes } of files) {
    const packed = isText(path) ? deflateSync(bytes) : bytes;
    const method = packed.length < bytes.length ? 8 : 0;
    const content = method === 8 ? packed : bytes;
    const name = new TextEncoder().encode(path);
    const fields = { name, method, crc: crc32(bytes), packedSize: content.length, size: bytes.length };
    if (offset + 30 + name.length + content.length > 0xffffffff)
      throw new TabtuneError('unsupported', 'The export would be larger than 4 GiB, more than this archive can hold.', {
        fix: 'Export the LoRA adapter instead of the whole model.',
      });
    parts.push(header(LOCAL_HEADER, fields, 0), content as Uint8Array<ArrayBuffer>);
    directory.push(header(CENTRAL_HEADER, fields, offset));
    offset += 30 + name.length + content.length;
  }
  const directoryBytes = directory.reduce((sum, entry) => sum + entry.length, 0);
  const end = new DataView(new ArrayBuffer(22));
  end.setUint32(0, END_OF_DIRECTORY, true);
  end.setUint16(8, files.length, true);
  end.setUint16(10, files.length, true);
  end.setUint32(12, directoryBytes, true);
  end.setUint32(16, offset, true);
  return new Blob([...parts, ...directory, end.buffer], { type: 'application/zip' });
}

interface HeaderFields {
  name: Uint8Array;
  method: number;
  crc: number;
  packedSize: number;
  size: number;
}

/** A local header, or a central one that points to `offset`. */
function header(
  signature: number,
  { name, method, crc, packedSize, size }: HeaderFields,
  offset: number,
): Uint8Array<ArrayBuffer> {
  const central = signature === CENTRAL_HEADER;
  const fixed = central ? 46 : 30;
  const bytes = new Uint8Array(fixed + name.length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, signature, true);
  const shift = central ? 2 : 0;
  if (central) view.setUint16(4, 20, true);
  view.setUint16(4 + shift, 20, true);
  view.setUint16(6 + shift, UTF8_FLAG, true);
  view.setUint16(8 + shift, method, true);
  view.setUint16(12 + shift, DOS_DATE, true);
  view.setUint32(14 + shift, crc, true);
  view.setUint32(18 + shift, packedSize, true);
  view.setUint32(22 + shift, size, true);
  view.setUint16(26 + shift, name.length, true);
  if (central) view.setUint32(42, offset, true);
  bytes.set(name, fixed);
  return bytes;
}
