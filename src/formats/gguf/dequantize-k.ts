/** Unpacks the “K” quantizations: super-blocks of 256 values whose parts have scales of their own. */
import { must } from '../../base/assert';
import { halfValues } from '../dtype';

const { fround } = Math;

/** Scale and minimum of part j (0–7), 6 bits each, packed into twelve bytes (`get_scale_min_k4` of ggml-quants.c). */
const scaleOf = (bytes: Uint8Array, at: number, j: number): number =>
  j < 4 ? must(bytes[at + j]) & 63 : (must(bytes[at + j + 4]) & 15) | ((must(bytes[at + j - 4]) >> 6) << 4);
const minimumOf = (bytes: Uint8Array, at: number, j: number): number =>
  j < 4 ? must(bytes[at + j + 4]) & 63 : (must(bytes[at + j + 4]) >> 4) | ((must(bytes[at + j]) >> 6) << 4);

/**
 * w = d · scale · q − dmin · minimum, 4 bits and eight parts of 32 values. Block: d, dmin (f16), 12 bytes of scales and
 * minimums, 128 bytes: of each 32 the low nibbles are one part and the high ones the next.
 */
export function unpackQ4K(bytes: Uint8Array, out: Float32Array): void {
  const half = halfValues();
  for (let at = 0, to = 0; to < out.length; at += 144, to += 256) {
    const d = must(half[must(bytes[at]) | (must(bytes[at + 1]) << 8)]);
    const dmin = must(half[must(bytes[at + 2]) | (must(bytes[at + 3]) << 8)]);
    for (let part = 0; part < 8; part++) {
      const scale = fround(d * scaleOf(bytes, at + 4, part));
      const minimum = fround(dmin * minimumOf(bytes, at + 4, part));
      const from = at + 16 + (part >> 1) * 32;
      const shift = (part & 1) * 4;
      for (let i = 0; i < 32; i++)
        out[to + part * 32 + i] = fround(scale * ((must(bytes[from + i]) >> shift) & 15)) - minimum;
    }
  }
}

/**
 * As Q4_K with a fifth bit. Block: d, dmin, 12 bytes of scales and minimums, 32 bytes with bit j the fifth of part j,
 * 128 bytes.
 */
export function unpackQ5K(bytes: Uint8Array, out: Float32Array): void {
  const half = halfValues();
  for (let at = 0, to = 0; to < out.length; at += 176, to += 256) {
    const d = must(half[must(bytes[at]) | (must(bytes[at + 1]) << 8)]);
    const dmin = must(half[must(bytes[at + 2]) | (must(bytes[at + 3]) << 8)]);
    for (let part = 0; part < 8; part++) {
      const scale = fround(d * scaleOf(bytes, at + 4, part));
      const minimum = fround(dmin * minimumOf(bytes, at + 4, part));
      const from = at + 48 + (part >> 1) * 32;
      const shift = (part & 1) * 4;
      for (let i = 0; i < 32; i++) {
        const q = ((must(bytes[from + i]) >> shift) & 15) | (((must(bytes[at + 16 + i]) >> part) & 1) << 4);
        out[to + part * 32 + i] = fround(scale * q) - minimum;
      }
    }
  }
}

/**
 * w = d · scale · (q − 32), 6 bits and sixteen parts of 16 values. Block: 128 bytes with the low four bits, 64 with the
 * high two, 16 signed scales, d (f16). Each half of 128 values is four runs of 32: run r has its low bits in the
 * nibbles r >> 1 of the bytes 32 · (r & 1) and on.
 */
export function unpackQ6K(bytes: Uint8Array, out: Float32Array): void {
  const half = halfValues();
  const signed = new Int8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0, to = 0; to < out.length; at += 210, to += 256) {
    const d = must(half[must(bytes[at + 208]) | (must(bytes[at + 209]) << 8)]);
    for (let run = 0; run < 8; run++) {
      const side = run >> 2;
      const low = at + side * 64 + (run & 1) * 32;
      const lowShift = ((run >> 1) & 1) * 4;
      const high = at + 128 + side * 32;
      const highShift = (run & 3) * 2;
      for (let part = 0; part < 2; part++) {
        const scale = fround(d * must(signed[at + 192 + run * 2 + part]));
        for (let i = part * 16; i < part * 16 + 16; i++) {
          const q = ((must(bytes[low + i]) >> lowShift) & 15) | (((must(bytes[high + i]) >> highShift) & 3) << 4);
          out[to + run * 32 + i] = scale * (q - 32);
        }
      }
    }
  }
}
