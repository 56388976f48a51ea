/** Finds what parts the labels of a cell, by the evidence of many cells. */

/** What may part labels, the likeliest first. */
export const SEPARATORS = ['|', ';', '\n', '\t', ',', '#', '+', '&', '/', ' '] as const;

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

/** The parts of a cell, without blanks around them and without empty ones. */
export const partsOf = (cell: string, separator: string): string[] =>
  cell
    .split(separator)
    .map((part) => part.trim())
    .filter((part) => part !== '');

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

function judge(cells: readonly string[], separator: string): FoundSeparator | null {
  if (!cells.some((cell) => cell.includes(separator))) return null;
  const all = new Map<string, Part>();
  const combined = new Set<string>();
  const sizes = new Set<number>();
  let combinations = 0;
  for (const cell of cells) {
    const parts = new Set(partsOf(cell, separator));
    if (all.size > MOST_PARTS) return null;
    sizes.add(parts.size);
    if (parts.size > 1) combinations++;
    for (const part of parts) {
      const known = all.get(part) ?? { alone: false, cells: 0 };
      all.set(part, known);
      if (parts.size === 1) known.alone = true;
      else {
        known.cells++;
        combined.add(part);
      }
    }
  }
  if (combinations < 2 || all.size > cells.length + 1) return null;
  const share = (test: (part: Part) => boolean): number =>
    [...combined].filter((name) => test(all.get(name) ?? { alone: false, cells: 0 })).length / combined.size;
  const alone = share((part) => part.alone);
  const recurring = share((part) => part.alone || part.cells > 1);
  if (recurring < 0.8) return null;
  // Blanks and slashes stand within labels so often that each part has to be seen alone.
  if (separator === ' ' || separator === '/')
    return alone >= 0.9 && combined.size > 2 ? { separator, sure: true } : null;
  const strong = separator === '|' || separator === ';' || separator === '\n' || separator === '\t';
  const sure = strong || alone >= 0.5 || (sizes.size > 1 && recurring >= 0.9);
  return { separator, sure: sure && short(combined) };
}

/** Sentences have commas too. */
function short(parts: ReadonlySet<string>): boolean {
  let words = 0;
  for (const part of parts) words += part.split(/\s+/).length;
  return words / parts.size <= 4;
}
