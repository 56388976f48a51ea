/**
 * Rearranges rows between GGUF and Hugging Face: the two halves of each head of Q and K, and GPT-2's transposed
 * matrices.
 */
import { must } from '../../base/assert';

/**
 * Rows of Q or K as Hugging Face has them: llama.cpp's converter for Llama interleaves the two halves of a head (row 2j
 * + s of a head is row s · half + j here), because its rotary embedding turns neighbours. Rows may be packed: whatever
 * their bytes, they are moved whole.
 */
export function unpermutedRows(bytes: Uint8Array, rows: number, heads: number): Uint8Array<ArrayBuffer> {
  return movedRows(bytes, rows, heads, (out, from) => [out, from]);
}

/** The way back. */
export function permutedRows(bytes: Uint8Array, rows: number, heads: number): Uint8Array<ArrayBuffer> {
  return movedRows(bytes, rows, heads, (out, from) => [from, out]);
}

function movedRows(
  bytes: Uint8Array,
  rows: number,
  heads: number,
  direction: (halved: number, interleaved: number) => [to: number, from: number],
): Uint8Array<ArrayBuffer> {
  const rowBytes = bytes.length / rows;
  const headSize = rows / heads;
  const half = headSize / 2;
  const out = new Uint8Array(bytes.length);
  for (let head = 0; head < heads; head++)
    for (let side = 0; side < 2; side++)
      for (let j = 0; j < half; j++) {
        const first = head * headSize;
        const [to, from] = direction(first + side * half + j, first + 2 * j + side);
        out.set(bytes.subarray(from * rowBytes, (from + 1) * rowBytes), to * rowBytes);
      }
  return out;
}

/** A [columns, rows] matrix from a [rows, columns] one. */
export function transposed(values: Float32Array, rows: number, columns: number): Float32Array<ArrayBuffer> {
  const out = new Float32Array(values.length);
  for (let row = 0; row < rows; row++)
    for (let column = 0; column < columns; column++) out[column * rows + row] = must(values[row * columns + column]);
  return out;
}
