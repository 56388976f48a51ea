/** Reads packed rows in plain JavaScript. */
import { must } from '../../../base/assert';
import { halfValues } from '../../../formats/dtype';
import { BLOCK, type PackedMatrix } from './matrix';

/** Writes the values of one row to `out` from `to` on; `words` are the matrix's. */
export function unpackRow(
  { shape: [, columns], bits, scalesAt }: PackedMatrix,
  words: Int32Array,
  row: number,
  out: Float32Array,
  to: number,
): void {
  const half = halfValues();
  if (bits === 16) {
    for (let at = (row * columns) / 2; at < ((row + 1) * columns) / 2; at++) {
      out[to++] = must(half[must(words[at]) & 0xffff]);
      out[to++] = must(half[must(words[at]) >>> 16]);
    }
    return;
  }
  const blocks = columns / BLOCK;
  for (let block = row * blocks; block < (row + 1) * blocks; block++, to += BLOCK) {
    const scale = must(words[scalesAt + block]);
    const [d, m] = [must(half[scale & 0xffff]), must(half[scale >>> 16])];
    for (let i = 0; i < BLOCK; i++)
      out[to + i] = d * (bits === 8 ? byteOf(words, block * 8, i) : nibbleOf(words, block * 4, i)) + m;
  }
}

/** The signed byte `i` of the words from `at` on. */
const byteOf = (words: Int32Array, at: number, i: number): number =>
  (must(words[at + (i >> 2)]) << (24 - 8 * (i & 3))) >> 24;

/** Value `i` of a block of 4 bits: bytes hold the first half in their low nibbles, the second in their high ones. */
const nibbleOf = (words: Int32Array, at: number, i: number): number =>
  (must(words[at + ((i & 15) >> 2)]) >>> (8 * (i & 3) + (i < 16 ? 0 : 4))) & 15;
