/** The labels of all rows, packed: names seen once, and per row small codes in typed arrays. */
import { must } from '../base/assert';

/** More different labels than this are not told apart: the column is not a label column. */
const MOST_LABELS = 20_000;

/** Code of a row without a label. */
export const NO_LABEL = 0xffff;

/** Collects labels row by row; `several` also keeps all labels of each row, not only the first. */
export class RowLabels {
  /** True when there were more than `MOST_LABELS` names. */
  overflow = false;
  private readonly codes = new Map<string, number>();
  private readonly first: Uint16Array;
  private readonly starts: Uint32Array | null;
  private all = new Uint16Array(1024);
  private used = 0;

  /** `known` names are classes even when no row carries them. */
  constructor(rows: number, several: boolean, known: readonly string[] = []) {
    for (const name of known) this.codeOf(name);
    this.first = new Uint16Array(rows).fill(NO_LABEL);
    this.starts = several ? new Uint32Array(rows + 1) : null;
  }

  /** Rows have to come in order when several labels are kept. */
  set(row: number, names: readonly string[]): void {
    names.forEach((name, i) => {
      const code = this.codeOf(name);
      if (i === 0) this.first[row] = code;
      if (this.starts && code !== NO_LABEL) this.append(code);
    });
    if (this.starts) this.starts[row + 1] = this.used;
  }

  /** A row without labels, to keep rows in order. */
  skip(row: number): void {
    if (this.starts) this.starts[row + 1] = this.used;
  }

  /** Code of the row's first label, or `NO_LABEL`. */
  firstOf(row: number): number {
    return must(this.first[row]);
  }

  /** Calls back with the code of each label of the row. */
  each(row: number, visit: (code: number) => void): void {
    if (this.starts) for (let i = must(this.starts[row]); i < must(this.starts[row + 1]); i++) visit(must(this.all[i]));
    else if (this.first[row] !== NO_LABEL) visit(must(this.first[row]));
  }

  /** Names by code, in order of appearance. */
  names(): string[] {
    return [...this.codes.keys()];
  }

  private codeOf(name: string): number {
    const known = this.codes.get(name);
    if (known !== undefined) return known;
    if (this.codes.size >= MOST_LABELS) {
      this.overflow = true;
      return NO_LABEL;
    }
    this.codes.set(name, this.codes.size);
    return this.codes.size - 1;
  }

  private append(code: number): void {
    if (this.used === this.all.length) {
      const grown = new Uint16Array(this.all.length * 2);
      grown.set(this.all);
      this.all = grown;
    }
    this.all[this.used++] = code;
  }
}

/** Class order: by number when every name is one, else by code point, as Python's `sorted` does. */
export function sortLabels(names: readonly string[]): string[] {
  const numbers = names.every((name) => name.trim() !== '' && Number.isFinite(Number(name)));
  return [...names].sort((a, b) => (numbers ? Number(a) - Number(b) : 0) || compareCodePoints(a, b));
}

function compareCodePoints(a: string, b: string): number {
  const left = Array.from(a);
  const right = Array.from(b);
  for (let i = 0; i < Math.min(left.length, right.length); i++) {
    const difference = must(must(left[i]).codePointAt(0)) - must(must(right[i]).codePointAt(0));
    if (difference !== 0) return difference;
  }
  return left.length - right.length;
}
