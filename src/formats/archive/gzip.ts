/** Unpacks gzip (RFC 1952), also of several members one after the other, piece by piece. */
import { Gunzip } from 'fflate';
import type { ByteSource } from '../../base/bytes';
import { TabtuneError } from '../../base/errors';
import { crc32 } from '../crc32';
import { PACKED_BYTES } from '../zip';
import type { Take } from '../zip';

const PIECE_BYTES = 1 << 20;
/** Checksum and length at the end of a member. */
const TRAILER_BYTES = 8;

function bad(file: string, what: string): never {
  throw new TabtuneError('bad-data', `${file}: ${what}`, {
    place: { file },
    fix: 'It may have been cut off: get or pack it again.',
  });
}

/** What a member came to, to be compared with what its end says. */
interface Member {
  crc: number;
  length: number;
}

/**
 * Gives the unpacked bytes to `take`; `pause` is told the packed bytes that are done and awaited between pieces. Throws
 * `bad-data` for damage, and what `take` and `pause` throw.
 */
export async function gunzip(
  source: ByteSource,
  take: Take,
  pause: (doneBytes: number) => Promise<void>,
): Promise<void> {
  let member: Member = { crc: 0, length: 0 };
  const ended: (Member & { end: number })[] = [];
  const stream = new Gunzip((piece) => {
    if (piece.length === 0) return;
    member = { crc: crc32(piece, member.crc), length: member.length + piece.length };
    take(piece);
  });
  stream.onmember = (start) => {
    ended.push({ ...member, end: start });
    member = { crc: 0, length: 0 };
  };
  const { size: end } = source;
  for (let at = 0; at < end; at += PIECE_BYTES) {
    const piece = await source.read(at, Math.min(at + PIECE_BYTES, end));
    for (let from = 0; from < piece.length; from += PACKED_BYTES) {
      const part = piece.subarray(from, from + PACKED_BYTES);
      try {
        stream.push(part, at + from + part.length >= end);
      } catch (error) {
        if (error instanceof TabtuneError) throw error;
        bad(source.name, `it is damaged: ${error instanceof Error ? error.message : String(error)}.`);
      }
      await pause(at + from + part.length);
    }
  }
  for (const one of [...ended, { ...member, end }]) await check(source, one);
}

async function check(source: ByteSource, { crc, length, end }: Member & { end: number }): Promise<void> {
  const trailer = await source.read(Math.max(0, end - TRAILER_BYTES), end);
  const view = new DataView(trailer.buffer, trailer.byteOffset, trailer.byteLength);
  if (trailer.length < TRAILER_BYTES || view.getUint32(4, true) !== length % 2 ** 32)
    bad(source.name, 'it ends before its end: it was cut off.');
  if (view.getUint32(0, true) !== crc) bad(source.name, 'it is damaged (its checksum is wrong).');
}
