/**
 * Walks through the header of a GGUF file value by value, never past its end and never on the word of a count that
 * cannot be true.
 */
import { TabtuneError } from '../../base/errors';
import type { ErrorPlace } from '../../base/errors';

export type GgufNumbers =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array
  | Float64Array
  | BigUint64Array
  | BigInt64Array;

/**
 * A value of the metadata; 64-bit integers are numbers where a double holds them exactly. Lists of booleans hold 0 and
 * 1.
 */
export type GgufValue = string | number | bigint | boolean | GgufNumbers | readonly string[] | readonly GgufValue[];

/** Says that the part of the file at hand ends within a value; the reader then asks for more of it. */
export class NeedMoreBytes extends Error {}

/** `enum gguf_metadata_value_type` of the specification. */
const STRING = 8;
const ARRAY = 9;
const BOOL = 7;
const SCALAR_BYTES: Readonly<Record<number, number>> = {
  0: 1,
  1: 1,
  2: 2,
  3: 2,
  4: 4,
  5: 4,
  6: 4,
  7: 1,
  10: 8,
  11: 8,
  12: 8,
};
const ARRAYS = {
  0: Uint8Array,
  1: Int8Array,
  2: Uint16Array,
  3: Int16Array,
  4: Uint32Array,
  5: Int32Array,
  6: Float32Array,
  7: Uint8Array,
  10: BigUint64Array,
  11: BigInt64Array,
  12: Float64Array,
} as const;
const DEEPEST_LIST = 4;

/** A 64-bit integer as a number where that is exact. */
const plain = (value: bigint): number | bigint =>
  value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value;

export class GgufCursor {
  at = 0;
  private readonly view: DataView;
  private readonly text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

  /** @param bytes the file's beginning @param size bytes of the whole file */
  constructor(
    private readonly bytes: Uint8Array,
    private readonly size: number,
    private readonly file: string,
  ) {
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(what: string, place: ErrorPlace = {}): never {
    throw new TabtuneError('bad-model', `${this.file}: ${what}`, {
      place: { file: this.file, offset: this.at, ...place },
      fix: 'The file is damaged or incomplete: download or export it again.',
    });
  }

  /** Checks that `count` items of at least `bytesEach` can follow, whatever the count claims. */
  room(count: number, bytesEach: number, what: string): void {
    if (count * bytesEach > this.size - this.at)
      this.fail(`it claims ${count} ${what}, more than the ${this.size - this.at} bytes that follow can hold.`);
  }

  u32(): number {
    return this.view.getUint32(this.advance(4), true);
  }

  /** A count, length or offset of 64 bits; one that a double cannot hold cannot be true. */
  u64(what: string): number {
    const value = this.view.getBigUint64(this.advance(8), true);
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) {
      this.at -= 8;
      this.fail(`${what} is ${value}, more than any file holds.`);
    }
    return Number(value);
  }

  /** Bytes, then UTF-8. A text of the metadata that is no UTF-8 is read with replacement characters when `lenient`. */
  string(what: string, lenient = false): string {
    const length = this.u64(`the length of ${what}`);
    this.room(length, 1, `bytes for ${what}`);
    const start = this.advance(length);
    const bytes = this.bytes.subarray(start, start + length);
    try {
      return this.text.decode(bytes);
    } catch {
      return lenient
        ? new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes)
        : this.fail(`${what} is not UTF-8.`, { offset: start });
    }
  }

  /** A value of the metadata with its type in front. */
  value(key: string): GgufValue {
    const type = this.u32();
    return this.typed(type, key, 0);
  }

  private typed(type: number, key: string, depth: number): GgufValue {
    if (type === STRING) return this.string(`"${key}"`, true);
    if (type === ARRAY) return this.list(key, depth + 1);
    const width = SCALAR_BYTES[type] ?? this.fail(`"${key}" has the unknown type ${type}.`);
    return this.scalar(type, this.advance(width), key);
  }

  private scalar(type: number, at: number, key: string): GgufValue {
    const { view } = this;
    switch (type) {
      case 0:
        return view.getUint8(at);
      case 1:
        return view.getInt8(at);
      case 2:
        return view.getUint16(at, true);
      case 3:
        return view.getInt16(at, true);
      case 4:
        return view.getUint32(at, true);
      case 5:
        return view.getInt32(at, true);
      case 6:
        return view.getFloat32(at, true);
      case BOOL: {
        const value = view.getUint8(at);
        return value > 1 ? this.fail(`"${key}" is neither true nor false, but ${value}.`, { offset: at }) : value === 1;
      }
      case 10:
        return plain(view.getBigUint64(at, true));
      case 11:
        return plain(view.getBigInt64(at, true));
      default:
        return view.getFloat64(at, true);
    }
  }

  private list(key: string, depth: number): GgufValue {
    if (depth > DEEPEST_LIST) this.fail(`"${key}" is a list nested deeper than ${DEEPEST_LIST} levels.`);
    const type = this.u32();
    const count = this.u64(`the length of "${key}"`);
    if (type === STRING) {
      this.room(count, 8, `texts in "${key}"`);
      return Array.from({ length: count }, () => this.string(`a text of "${key}"`, true));
    }
    if (type === ARRAY) {
      this.room(count, 12, `lists in "${key}"`);
      return Array.from({ length: count }, () => this.list(key, depth + 1));
    }
    const width = SCALAR_BYTES[type] ?? this.fail(`"${key}" is a list of the unknown type ${type}.`);
    this.room(count, width, `values in "${key}"`);
    const start = this.advance(count * width);
    const copy = this.bytes.slice(start, start + count * width).buffer;
    return new ARRAYS[type as keyof typeof ARRAYS](copy);
  }

  /** The place of the next `count` bytes, which are taken. */
  private advance(count: number): number {
    const start = this.at;
    if (start + count > this.size) this.fail(`the file ends after ${this.size} bytes, within its header.`);
    if (start + count > this.bytes.length) throw new NeedMoreBytes();
    this.at = start + count;
    return start;
  }
}
