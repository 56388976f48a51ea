/** Writes GGUF files of version 3: metadata, tensor infos, and the weights one tensor at a time. */
import { must } from '../../base/assert';
import { TabtuneError } from '../../base/errors';
import { GGUF_TYPES, packedBytes } from './types';
import type { GgufType } from './types';

/** A value of the metadata with the type it is stored as. */
export type GgufEntry =
  | { type: 'string'; value: string }
  | { type: 'bool'; value: boolean }
  | { type: 'u32' | 'f32'; value: number }
  | { type: 'strings'; value: readonly string[] }
  | { type: 'i32s'; value: readonly number[] | Int32Array }
  | { type: 'f32s'; value: readonly number[] | Float32Array };

export interface GgufTensor {
  name: string;
  type: GgufType;
  /** Row-major, outermost first; the innermost a multiple of the type's block. */
  shape: readonly number[];
  /**
   * The packed blocks; asked for once, when the tensor's turn comes, so that they need not all be in memory beside the
   * file.
   */
  pack: () => Uint8Array;
}

const ALIGNMENT = 32;
/** `enum gguf_metadata_value_type`. */
const CODES = { u32: 4, i32: 5, f32: 6, bool: 7, string: 8, array: 9 } as const;

/** Collects the bytes of the header. */
class Sink {
  private bytes = new Uint8Array(1 << 16);
  private readonly encoder = new TextEncoder();
  length = 0;

  private grow(count: number): DataView {
    if (this.length + count > this.bytes.length) {
      const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
      grown.set(this.bytes.subarray(0, this.length));
      this.bytes = grown;
    }
    const view = new DataView(this.bytes.buffer, this.length, count);
    this.length += count;
    return view;
  }

  u8(value: number): void {
    this.grow(1).setUint8(0, value);
  }

  u32(value: number): void {
    this.grow(4).setUint32(0, value, true);
  }

  i32(value: number): void {
    this.grow(4).setInt32(0, value, true);
  }

  f32(value: number): void {
    this.grow(4).setFloat32(0, value, true);
  }

  u64(value: number): void {
    this.grow(8).setBigUint64(0, BigInt(value), true);
  }

  string(value: string): void {
    const bytes = this.encoder.encode(value);
    this.u64(bytes.length);
    this.grow(bytes.length);
    this.bytes.set(bytes, this.length - bytes.length);
  }

  list(code: number, count: number): void {
    this.u32(CODES.array);
    this.u32(code);
    this.u64(count);
  }

  taken(): Uint8Array {
    return this.bytes.subarray(0, this.length);
  }
}

function writeEntry(sink: Sink, key: string, entry: GgufEntry): void {
  sink.string(key);
  switch (entry.type) {
    case 'string':
      sink.u32(CODES.string);
      return sink.string(entry.value);
    case 'bool':
      sink.u32(CODES.bool);
      return sink.u8(entry.value ? 1 : 0);
    case 'u32':
    case 'f32':
      sink.u32(CODES[entry.type]);
      return sink[entry.type](entry.value);
    case 'strings':
      sink.list(CODES.string, entry.value.length);
      return entry.value.forEach((text) => sink.string(text));
    case 'i32s':
      sink.list(CODES.i32, entry.value.length);
      return entry.value.forEach((value) => sink.i32(value));
    case 'f32s':
      sink.list(CODES.f32, entry.value.length);
      return entry.value.forEach((value) => sink.f32(value));
  }
}

const padded = (length: number): number => Math.ceil(length / ALIGNMENT) * ALIGNMENT;

function sizeOf({ name, type, shape }: GgufTensor): number {
  const { blockValues } = GGUF_TYPES[type];
  if ((shape.at(-1) ?? 0) % blockValues !== 0)
    throw new TabtuneError(
      'internal',
      `"${name}" has the shape [${shape.join(', ')}], whose rows are no multiple of ${type}’s ${blockValues}.`,
      { place: { tensor: name } },
    );
  return packedBytes(
    type,
    shape.reduce((product, size) => product * size, 1),
  );
}

/**
 * The file's bytes. Layout: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Throws `internal` when a
 * tensor's bytes are not those of its shape.
 */
export function writeGguf(
  metadata: ReadonlyMap<string, GgufEntry>,
  tensors: readonly GgufTensor[],
): Uint8Array<ArrayBuffer> {
  const sink = new Sink();
  sink.u32(0x46554747);
  sink.u32(3);
  sink.u64(tensors.length);
  sink.u64(metadata.size);
  for (const [key, entry] of metadata) writeEntry(sink, key, entry);
  const sizes = tensors.map(sizeOf);
  let offset = 0;
  for (const [i, { name, type, shape }] of tensors.entries()) {
    sink.string(name);
    sink.u32(shape.length);
    for (const size of shape.toReversed()) sink.u64(size);
    sink.u32(GGUF_TYPES[type].id);
    sink.u64(offset);
    offset += padded(must(sizes[i]));
  }
  const dataStart = padded(sink.length);
  const file = new Uint8Array(dataStart + offset);
  file.set(sink.taken());
  let at = dataStart;
  for (const [i, tensor] of tensors.entries()) {
    const bytes = tensor.pack();
    if (bytes.length !== sizes[i])
      throw new TabtuneError(
        'internal',
        `"${tensor.name}" has ${bytes.length} bytes, not those of ${tensor.type} [${tensor.shape.join(', ')}].`,
        { place: { tensor: tensor.name } },
      );
    file.set(bytes, at);
    at += padded(bytes.length);
  }
  return file;
}
