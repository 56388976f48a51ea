/** Which short sequences share a row: best fit, longest first, as TRL packs them ("bfd"). */
import { must } from '../base/assert';

/** Free space to bins, found by the smallest space that is enough: a bit for each space that some bin has. */
class FreeSpaces {
  private readonly bits: Uint32Array;
  private readonly bins: number[][];

  constructor(private readonly most: number) {
    this.bits = new Uint32Array((most >>> 5) + 1);
    this.bins = Array.from({ length: most + 1 }, () => []);
  }

  add(space: number, bin: number): void {
    must(this.bins[space]).push(bin);
    this.bits[space >>> 5] = must(this.bits[space >>> 5]) | (1 << (space & 31));
  }

  /**
   * Takes the bin with the least space that is at least `length` out, and says which and how much; null when there is
   * none.
   */
  take(length: number): { bin: number; space: number } | null {
    for (let word = length >>> 5; word < this.bits.length; word++) {
      const found = word === length >>> 5 ? must(this.bits[word]) & (-1 << (length & 31)) : must(this.bits[word]);
      if (found === 0) continue;
      const space = word * 32 + 31 - Math.clz32(found & -found);
      if (space > this.most) return null;
      const bin = must(must(this.bins[space]).pop());
      if (must(this.bins[space]).length === 0) this.bits[word] = must(this.bits[word]) & ~(1 << (space & 31));
      return { bin, space };
    }
    return null;
  }
}

/**
 * Divides sequences of these lengths (each from 1 to `maxLength`) into rows of at most `maxLength` tokens. Each row
 * lists the places of its sequences, longest first; rows come in the order in which they were opened. Throws a
 * `RangeError` for a length that does not fit.
 */
export function packSequences(lengths: readonly number[], maxLength: number): number[][] {
  const spaces = new FreeSpaces(maxLength);
  const rows: number[][] = [];
  const order = Array.from(lengths.keys()).sort((a, b) => must(lengths[b]) - must(lengths[a]) || a - b);
  for (const place of order) {
    const length = must(lengths[place]);
    if (!(Number.isInteger(length) && length >= 1 && length <= maxLength))
      throw new RangeError(`a sequence of ${length} tokens does not fit rows of ${maxLength}`);
    const { bin, space } = spaces.take(length) ?? { bin: rows.push([]) - 1, space: maxLength };
    must(rows[bin]).push(place);
    if (space > length) spaces.add(space - length, bin);
  }
  return rows;
}
