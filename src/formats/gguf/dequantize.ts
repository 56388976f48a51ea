/**
 * Turns the packed blocks of GGUF tensors into 32-bit floats: the quantizations with blocks of 32 values, and the doors
 * to all others.
 */
import { must } from '../../base/assert';
import { halfValues, toFloat32 } from '../dtype';
import { unpackQ4K, unpackQ5K, unpackQ6K } from './dequantize-k';
import { GGUF_TYPES } from './types';
import type { GgufType } from './types';

/**
 * Writes the values of all blocks in `bytes` to `out`. Formulas: ggml-quants.c, `dequantize_row_*`; every step is
 * rounded to 32 bits as there.
 */
export type Unpack = (bytes: Uint8Array, out: Float32Array) => void;

/** Types that are stored as single floats; the others come in blocks. */
export type FloatType = 'F32' | 'F16' | 'BF16';
export const isFloatType = (type: GgufType): type is FloatType => type === 'F32' || type === 'F16' || type === 'BF16';

const { fround } = Math;

/** Values w = d · (q − 8) of 4 bits; the first half of a block in the low nibbles. Block: d (f16), 16 bytes. */
const unpackQ40: Unpack = (bytes, out) => {
  const half = halfValues();
  for (let at = 0, to = 0; to < out.length; at += 18, to += 32) {
    const d = must(half[must(bytes[at]) | (must(bytes[at + 1]) << 8)]);
    for (let i = 0; i < 16; i++) {
      const pair = must(bytes[at + 2 + i]);
      out[to + i] = d * ((pair & 15) - 8);
      out[to + 16 + i] = d * ((pair >> 4) - 8);
    }
  }
};

/** w = d · q + m. Block: d, m (f16), 16 bytes. The sixteen possible values are made once for each block. */
const unpackQ41: Unpack = (bytes, out) => {
  const half = halfValues();
  const values = new Float32Array(16);
  for (let at = 0, to = 0; to < out.length; at += 20, to += 32) {
    const d = must(half[must(bytes[at]) | (must(bytes[at + 1]) << 8)]);
    const m = must(half[must(bytes[at + 2]) | (must(bytes[at + 3]) << 8)]);
    for (let q = 0; q < 16; q++) values[q] = fround(d * q) + m;
    for (let i = 0; i < 16; i++) {
      const pair = must(bytes[at + 4 + i]);
      out[to + i] = must(values[pair & 15]);
      out[to + 16 + i] = must(values[pair >> 4]);
    }
  }
};

/** The fifth bits of a block's 32 values, little-endian. */
const fifthBits = (bytes: Uint8Array, at: number): number =>
  must(bytes[at]) | (must(bytes[at + 1]) << 8) | (must(bytes[at + 2]) << 16) | (must(bytes[at + 3]) << 24);

/** w = d · (q − 16) of 5 bits. Block: d (f16), the fifth bits (u32), 16 bytes. */
const unpackQ50: Unpack = (bytes, out) => {
  const half = halfValues();
  for (let at = 0, to = 0; to < out.length; at += 22, to += 32) {
    const d = must(half[must(bytes[at]) | (must(bytes[at + 1]) << 8)]);
    const high = fifthBits(bytes, at + 2);
    for (let i = 0; i < 16; i++) {
      const pair = must(bytes[at + 6 + i]);
      out[to + i] = d * (((pair & 15) | (((high >>> i) & 1) << 4)) - 16);
      out[to + 16 + i] = d * (((pair >> 4) | (((high >>> (i + 16)) & 1) << 4)) - 16);
    }
  }
};

/** w = d · q + m of 5 bits. Block: d, m (f16), the fifth bits (u32), 16 bytes. */
const unpackQ51: Unpack = (bytes, out) => {
  const half = halfValues();
  for (let at = 0, to = 0; to < out.length; at += 24, to += 32) {
    const d = must(half[must(bytes[at]) | (must(bytes[at + 1]) << 8)]);
    const m = must(half[must(bytes[at + 2]) | (must(bytes[at + 3]) << 8)]);
    const high = fifthBits(bytes, at + 4);
    for (let i = 0; i < 16; i++) {
      const pair = must(bytes[at + 8 + i]);
      out[to + i] = fround(d * ((pair & 15) | (((high >>> i) & 1) << 4))) + m;
      out[to + 16 + i] = fround(d * ((pair >> 4) | (((high >>> (i + 16)) & 1) << 4))) + m;
    }
  }
};

/** w = d · q. Block: d (f16), 32 signed bytes. */
const unpackQ80: Unpack = (bytes, out) => {
  const half = halfValues();
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0, to = 0; to < out.length; at += 34, to += 32) {
    const d = must(half[must(bytes[at]) | (must(bytes[at + 1]) << 8)]);
    for (let i = 0; i < 32; i++) out[to + i] = d * must(signed[at + 2 + i]);
  }
};

const UNPACK: Record<Exclude<GgufType, FloatType>, Unpack> = {
  Q4_0: unpackQ40,
  Q4_1: unpackQ41,
  Q5_0: unpackQ50,
  Q5_1: unpackQ51,
  Q8_0: unpackQ80,
  Q4_K: unpackQ4K,
  Q5_K: unpackQ5K,
  Q6_K: unpackQ6K,
};

/** The values of whole blocks, in their order. For F32 the result may share memory with `bytes`: do not write to it. */
export function dequantize(type: GgufType, bytes: Uint8Array): Float32Array {
  if (isFloatType(type))
    return toFloat32({ name: type, dtype: type, shape: [bytes.length / GGUF_TYPES[type].blockBytes], bytes });
  const { blockBytes, blockValues } = GGUF_TYPES[type];
  const out = new Float32Array(Math.floor(bytes.length / blockBytes) * blockValues);
  UNPACK[type](bytes, out);
  return out;
}
