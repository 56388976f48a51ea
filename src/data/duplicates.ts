/** Finds exact repeats among millions of texts with a hash table of row numbers in typed arrays. */
import { must } from '../base/assert';
import { mix32 } from '../base/random';

/** Two independent 32-bit hashes of a text (FNV-1a and a multiplicative one, both finished with `mix32`). */
export function hashText(text: string): [number, number] {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    a = Math.imul(a ^ code, 0x01000193);
    b = Math.imul(b, 31) + code;
  }
  return [mix32(a), mix32(b ^ text.length)];
}

/** What was seen before: an earlier row with the same text and label, and whether one had another label. */
export interface Sighting {
  duplicateOf: number | null;
  conflict: boolean;
}

/** What two rows are compared by. */
export interface TextAndLabel {
  text: string;
  label: string;
}

/**
 * A table for a known number of rows: 6 bytes a slot, 1.4 slots a row. Where the 16 bits of hash agree, the earlier row
 * is fetched with `contentOf` and compared in full, so that a repeat is a repeat.
 */
export class SeenTexts {
  private readonly slots: number;
  private readonly rows: Uint32Array;
  private readonly prints: Uint16Array;

  constructor(
    capacity: number,
    private readonly contentOf: (row: number) => TextAndLabel | null,
  ) {
    this.slots = Math.max(16, Math.ceil(capacity * 1.4));
    this.rows = new Uint32Array(this.slots);
    this.prints = new Uint16Array(this.slots);
  }

  /** Looks the row (from 0) up and remembers it when its text and label are new. */
  add(row: number, { text, label }: TextAndLabel): Sighting {
    const [place, mixed] = hashText(text);
    const print = mixed >>> 16;
    let conflict = false;
    let slot = place % this.slots;
    for (; this.rows[slot] !== 0; slot = (slot + 1) % this.slots) {
      if (this.prints[slot] !== print) continue;
      const at = must(this.rows[slot]) - 1;
      const earlier = this.contentOf(at);
      if (earlier?.text !== text) continue;
      if (earlier.label === label) return { duplicateOf: at, conflict };
      conflict = true;
    }
    this.rows[slot] = row + 1;
    this.prints[slot] = print;
    return { duplicateOf: null, conflict };
  }
}

/** Pairs (row, earlier row) in rising order of row, in typed arrays that grow. */
export class DuplicateList {
  count = 0;
  private rows = new Uint32Array(64);
  private originals = new Uint32Array(64);

  push(row: number, original: number): void {
    if (this.count === this.rows.length) {
      this.rows = grown(this.rows);
      this.originals = grown(this.originals);
    }
    this.rows[this.count] = row;
    this.originals[this.count++] = original;
  }

  /** The pair at this place: a row and the earlier one that it repeats. */
  pairAt(place: number): readonly [number, number] {
    return [must(this.rows[place]), must(this.originals[place])];
  }

  /** The earlier row that this one repeats, or null. */
  originalOf(row: number): number | null {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (must(this.rows[middle]) < row) low = middle + 1;
      else high = middle;
    }
    return low < this.count && this.rows[low] === row ? must(this.originals[low]) : null;
  }
}

function grown(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const out = new Uint32Array(array.length * 2);
  out.set(array);
  return out;
}
