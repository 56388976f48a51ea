/** Reads a tar archive as it streams: ustar, with the long names of GNU tar and of pax (POSIX.1-2001). */
import { TabtuneError } from '../../base/errors';
import type { Take } from '../zip';

const BLOCK = 512;
/** Longest record of a name that is believed. */
const NAME_BYTES = 1 << 16;

/** A file in the archive; what it asks for with `take` it gets, piece by piece, before the next one. */
export interface TarFile {
  path: string;
  size: number;
}

const decoder = new TextDecoder();
const textOf = (bytes: Uint8Array): string => decoder.decode(bytes).replace(/\0[^]*$/, '');

/** A number in octal, or in base 256 where it is larger than that holds. */
function numberOf(bytes: Uint8Array): number {
  const [first = 0] = bytes;
  if (first & 0x80) return bytes.subarray(1).reduce((sum, byte) => sum * 256 + byte, first & 0x7f);
  return parseInt(textOf(bytes).trim() || '0', 8);
}

/** The fields of a pax record: "27 path=a long name\n", its length in front. */
function paxFields(record: Uint8Array): Map<string, string> {
  const fields = new Map<string, string>();
  for (let at = 0; at < record.length;) {
    const space = record.indexOf(32, at);
    const length = space < 0 ? NaN : Number(decoder.decode(record.subarray(at, space)));
    if (!(length > space - at)) break;
    const field = decoder.decode(record.subarray(space + 1, at + length - 1));
    const equals = field.indexOf('=');
    if (equals > 0) fields.set(field.slice(0, equals), field.slice(equals + 1));
    at += length;
  }
  return fields;
}

/** What the bytes behind a header are. */
type Kind = 'file' | 'gnu name' | 'pax' | 'other';

const KINDS: Readonly<Record<string, Kind>> = { '0': 'file', '': 'file', '7': 'file', L: 'gnu name', x: 'pax' };

/** Push the archive's bytes as they come, cut anywhere, and `end` it. Throws `bad-data` for no whole archive. */
export class TarReader {
  private readonly block = new Uint8Array(BLOCK);
  private filled = 0;
  private kind: Kind = 'other';
  private left = 0;
  private padding = 0;
  private record: number[] = [];
  private take: Take | null = null;
  private ended = false;
  private name: string | null = null;
  private size: number | null = null;

  /** @param open is told of each file, and returns what takes its bytes, or null when they are not wanted */
  constructor(
    private readonly file: string,
    private readonly open: (entry: TarFile) => Take | null,
  ) {}

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.ended;) {
      if (this.left > 0) {
        const piece = bytes.subarray(at, at + this.left);
        this.content(piece);
        this.left -= piece.length;
        at += piece.length;
        if (this.left === 0) this.contentEnds();
      } else if (this.padding > 0) {
        const skipped = Math.min(this.padding, bytes.length - at);
        this.padding -= skipped;
        at += skipped;
      } else {
        const piece = bytes.subarray(at, at + BLOCK - this.filled);
        this.block.set(piece, this.filled);
        this.filled += piece.length;
        at += piece.length;
        if (this.filled === BLOCK) this.header();
      }
    }
  }

  end(): void {
    if (!this.ended) this.bad('it ends without the mark of its end: it was cut off.');
  }

  private bad(what: string): never {
    throw new TabtuneError('bad-data', `${this.file}: ${what}`, {
      place: { file: this.file },
      fix: 'Get or pack the archive again.',
    });
  }

  private header(): void {
    const { block } = this;
    this.filled = 0;
    // An archive ends with empty blocks.
    if (block.every((byte) => byte === 0)) {
      this.ended = true;
      return;
    }
    // The sum is of all bytes, those of the sum itself taken for spaces.
    const sum = block.reduce((total, byte, i) => total + (i >= 148 && i < 156 ? 32 : byte), 0);
    if (numberOf(block.subarray(148, 156)) !== sum) this.bad('it is damaged (a checksum is wrong).');
    this.kind = KINDS[textOf(block.subarray(156, 157))] ?? 'other';
    this.left =
      this.kind === 'file' ? (this.size ?? numberOf(block.subarray(124, 136))) : numberOf(block.subarray(124, 136));
    if (!Number.isSafeInteger(this.left) || this.left < 0) this.bad('a size in it is impossible.');
    this.padding = (BLOCK - (this.left % BLOCK)) % BLOCK;
    this.record = [];
    this.take = null;
    if (this.kind === 'file') {
      const prefix = textOf(block.subarray(257, 262)) === 'ustar' ? textOf(block.subarray(345, 500)) : '';
      const short = textOf(block.subarray(0, 100));
      const path = this.name ?? (prefix ? `${prefix}/${short}` : short);
      this.take = this.open({ path, size: this.left });
      this.name = this.size = null;
    } else if (this.kind !== 'other' && this.left > NAME_BYTES) this.bad('a name in it is too long.');
    if (this.left === 0) this.contentEnds();
  }

  private content(piece: Uint8Array): void {
    if (this.kind === 'file') this.take?.(piece);
    else if (this.kind !== 'other') this.record.push(...piece);
  }

  private contentEnds(): void {
    const record = Uint8Array.from(this.record);
    if (this.kind === 'gnu name') this.name = textOf(record);
    if (this.kind !== 'pax') return;
    const fields = paxFields(record);
    this.name = fields.get('path') ?? this.name;
    const size = fields.get('size');
    if (size !== undefined) this.size = Number(size);
  }
}
