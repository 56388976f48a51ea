/** Finds what parts the labels of a cell, by the evidence of many cells. */
import { partsOf } from '../../../data/columns';

/** What may part labels, the likeliest first. */
export const SEPARATORS = ['|', ';', '\n', '\t', '><', ',', '#', '+', '&', '/', ' and ', ' '] as const;
/** They stand within labels so often that nearly every part has to be seen alone. */
const WITHIN_LABELS: ReadonlySet<string> = new Set(['/', ' and ', ' ']);
/** They stand within labels hardly ever. */
const STRONG: ReadonlySet<string> = new Set(['|', ';', '\n', '\t', '><']);

export interface FoundSeparator {
  separator: string;
  /** Whether the parts are labels of their own beyond doubt. */
  sure: boolean;
}

/** More different cells than this are no combinations of labels. */
const MOST_CELLS = 5000;
const MOST_PARTS = 200;
/** Characters of a cell that may be labels rather than text. */
const LONGEST = 2000;

/** Whether a part stands alone in a cell, and in how many different cells it stands with others. */
interface Part {
  alone: boolean;
  cells: number;
}

/**
 * The separator of these (different) cells, or null. A combination is taken for one only when its parts recur: alone,
 * or in other combinations; "Washington, D.C." stays whole.
 */
export function findSeparator(cells: Iterable<string>): FoundSeparator | null {
  const different = [...new Set(cells)];
  if (different.length > MOST_CELLS || different.some(({ length }) => length > LONGEST)) return null;
  let maybe: FoundSeparator | null = null;
  for (const separator of SEPARATORS) {
    const found = judge(different, separator);
    if (found?.sure) return found;
    maybe ??= found;
  }
  return maybe;
}

/** All parts of some cells, the cells that hold several of them, and how many parts cells hold. */
interface Parts {
  all: Map<string, Part>;
  combinations: ReadonlySet<string>[];
  sizes: Set<number>;
}

function partsOfAll(cells: readonly string[], separator: string): Parts | null {
  const found: Parts = { all: new Map(), combinations: [], sizes: new Set() };
  for (const cell of cells) {
    const parts = new Set(partsOf(cell, separator));
    if (found.all.size > MOST_PARTS) return null;
    found.sizes.add(parts.size);
    if (parts.size > 1) found.combinations.push(parts);
    for (const part of parts) {
      const known = found.all.get(part) ?? { alone: false, cells: 0 };
      found.all.set(part, known);
      if (parts.size === 1) known.alone = true;
      else known.cells++;
    }
  }
  return found;
}

function judge(cells: readonly string[], separator: string): FoundSeparator | null {
  const parts = cells.some((cell) => cell.includes(separator)) ? partsOfAll(cells, separator) : null;
  if (!parts || parts.combinations.length < 2 || parts.all.size > cells.length + 1) return null;
  const { all, combinations, sizes } = parts;
  const combined = combinations.flatMap((names) => [...names]);
  const share = (test: (part: Part) => boolean): number =>
    combined.filter((name) => test(all.get(name) ?? { alone: false, cells: 0 })).length / combined.length;
  const alone = share((part) => part.alone);
  const recurring = share((part) => part.alone || part.cells > 1);
  const different = new Set(combined);
  if (recurring < 0.8) return null;
  if (WITHIN_LABELS.has(separator)) return alone >= 0.9 && different.size > 2 ? { separator, sure: true } : null;
  const sure = STRONG.has(separator) || alone >= 0.5 || (sizes.size > 1 && recurring >= 0.9);
  return { separator, sure: sure && short(different) };
}

/** Sentences have commas too. */
function short(parts: ReadonlySet<string>): boolean {
  let words = 0;
  for (const part of parts) words += part.split(/\s+/).length;
  return words / parts.size <= 4;
}
