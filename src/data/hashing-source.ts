/** A source that gives all bytes it is asked for, and is hashed while it is read. */
import type { ByteSource } from '../base/bytes';
import { TabtuneError } from '../base/errors';
import { Sha256 } from './sha256';

const PIECE_BYTES = 1 << 20;

/**
 * Bytes are hashed as they are read in their order, whatever is read again or ahead; a file that is streamed is thus
 * read once. What was skipped is read for the hash at the end.
 */
export class HashingSource implements ByteSource {
  readonly name: string;
  readonly size: number;
  private readonly hash = new Sha256();
  private hashedBytes = 0;

  constructor(private readonly source: ByteSource) {
    this.name = source.name;
    this.size = source.size;
  }

  /** All bytes [start, end). Throws `bad-data` when they are not within the file, or the source has fewer. */
  async read(start: number, end: number): Promise<Uint8Array> {
    if (!(start >= 0 && start <= end && end <= this.size))
      throw new TabtuneError('bad-data', `The file refers to bytes ${start} to ${end}, and has ${this.size}.`, {
        place: { file: this.name, offset: start },
        fix: 'It may be damaged or cut off: get it again.',
      });
    let bytes = await this.readSome(start, end);
    if (bytes.length < end - start) {
      // A source may give less than it is asked for.
      const whole = new Uint8Array(end - start);
      whole.set(bytes);
      for (let filled = bytes.length; filled < whole.length; filled += bytes.length) {
        bytes = await this.readSome(start + filled, end);
        whole.set(bytes, filled);
      }
      bytes = whole;
    }
    if (start <= this.hashedBytes && end > this.hashedBytes) {
      this.hash.update(bytes.subarray(this.hashedBytes - start));
      this.hashedBytes = end;
    }
    return bytes;
  }

  /** Hex SHA-256 of the whole file; to be asked for once. `pause` is awaited between pieces that were skipped. */
  async sha256(pause: () => Promise<void>): Promise<string> {
    while (this.hashedBytes < this.size) {
      await this.read(this.hashedBytes, Math.min(this.hashedBytes + PIECE_BYTES, this.size));
      await pause();
    }
    return this.hash.hex();
  }

  private async readSome(start: number, end: number): Promise<Uint8Array> {
    const bytes = await this.source.read(start, end);
    if (bytes.length > 0 || end <= start) return bytes;
    throw new TabtuneError('bad-data', `The file ended at byte ${start} of ${this.size}.`, {
      place: { file: this.name, offset: start },
      fix: 'Open the file again; it may have changed while it was read.',
    });
  }
}
