/** Numbers as people write them: decimal marks, grouped digits, currencies, per cent and other units. */

/** How the numbers of a column are written. */
export interface NumberFormat {
  decimal: '.' | ',';
  /** What stands before or after each number, such as `%`, `$` or `kg`; empty for none. */
  unit: string;
}

/** One cell taken apart: the sign, digits with their marks, and what stands around them. */
interface Taken {
  sign: string;
  digits: string;
  exponent: string;
  unit: string;
  factor: number;
}

const SYMBOLS = '$€£¥₹₽₩₺₪₫฿';
const CODES = 'USD|EUR|GBP|CHF|JPY|INR|CNY|RUB|PLN|SEK|NOK|DKK|Rs\\.?|Fr\\.?|kr';
const CURRENCY = `(?:[${SYMBOLS}]|(?:US|A|C|R|HK)\\$|${CODES})`;
const BEFORE = new RegExp(`^([+-]?)\\s?(${CURRENCY}?)\\s?([+-]?)(?=[\\d.,])`, 'i');
const DIGITS = /^(?:\d[\d.,'’ \u00a0\u2009\u202f]*\d|\d|[.,]\d+)[.,]?/;
const AFTER = new RegExp(
  `^(e[+-]?\\d+)?\\s?(%|‰|°[CF]?|[${SYMBOLS}]|/ ?\\d{1,3}|out of \\d{1,3}(?: \\p{L}{1,8})?|\\p{L}{1,8}[.²³]?|)$`,
  'iu',
);
/** Longer cells are no numbers. */
const MOST_CHARACTERS = 64;
/** Letters that stand for a factor. Of others that may (`m`, `b`), it is not known; they are no unit either. */
const FACTORS: ReadonlyMap<string, number> = new Map([
  ['k', 1e3],
  ['K', 1e3],
  ['M', 1e6],
]);
const UNKNOWN_FACTORS = /^(m|b|bn|mn|mio|mrd|mil|million|millions|billion|billions|thousand|tsd)\.?$/i;

function take(cell: string): Taken | null {
  const text = cell.trim().replace(/^[−–]/, '-');
  if (text.length > MOST_CHARACTERS) return null;
  const before = BEFORE.exec(text);
  if (!before) return null;
  const [all, outer = '', prefix = '', inner = ''] = before;
  const digits = DIGITS.exec(text.slice(all.length))?.[0];
  if (digits === undefined || (outer !== '' && inner !== '')) return null;
  const after = AFTER.exec(text.slice(all.length + digits.length));
  if (!after) return null;
  const [, exponent = '', suffix = ''] = after;
  const factor = FACTORS.get(suffix);
  if (factor !== undefined) return { sign: outer || inner, digits, exponent, unit: prefix, factor };
  if ((prefix !== '' && suffix !== '') || UNKNOWN_FACTORS.test(suffix)) return null;
  return { sign: outer || inner, digits, exponent, unit: prefix || suffix, factor: 1 };
}

/** Digits in groups of three by this mark, the first of one to three. */
function grouped(whole: string): string | null {
  if (/^\d*$/.test(whole)) return whole;
  const mark = /\D/.exec(whole)?.[0] ?? '';
  const [first = '', ...groups] = whole.split(mark);
  if (!/^\d{1,3}$/.test(first) || !groups.every((group) => /^\d{3}$/.test(group))) return null;
  return first + groups.join('');
}

function valueOf({ sign, digits, exponent, factor }: Taken, decimal: '.' | ','): number {
  const at = digits.indexOf(decimal);
  if (at >= 0 && digits.includes(decimal, at + 1)) return NaN;
  const whole = grouped(at < 0 ? digits : digits.slice(0, at));
  const fraction = at < 0 ? '' : digits.slice(at + 1);
  if (whole === null || !/^\d*$/.test(fraction) || whole + fraction === '') return NaN;
  return Number(`${sign}${whole || '0'}.${fraction || '0'}${exponent}`) * factor;
}

/** The number of a cell; NaN when it is none in this format. A missing unit is no fault. */
export function readNumber(cell: string, { decimal, unit }: NumberFormat): number {
  const taken = take(cell);
  return taken && (taken.unit === unit || taken.unit === '') ? valueOf(taken, decimal) : NaN;
}

/** Whether a cell's number is in thousands or millions: `1.2k`, `3M`. */
export const hasFactor = (cell: string): boolean => (take(cell)?.factor ?? 1) !== 1;

/** What stands around the number of a cell, or null when it is no number at all. */
export const unitOf = (cell: string): string | null => take(cell)?.unit ?? null;

/**
 * Which mark a cell shows to be the decimal one. `grouped` for `1,234`, which may be read both ways; null when it
 * tells nothing.
 */
export function decimalIn(cell: string): '.' | ',' | 'grouped' | null {
  const digits = take(cell)?.digits;
  if (digits === undefined) return null;
  const dots = digits.split('.').length - 1;
  const commas = digits.split(',').length - 1;
  if (dots > 0 && commas > 0) return digits.lastIndexOf('.') > digits.lastIndexOf(',') ? '.' : ',';
  if (dots + commas === 0) return null;
  const mark = dots > 0 ? '.' : ',';
  if (dots + commas > 1) return mark === '.' ? ',' : '.';
  return /^[1-9]\d{0,2}[.,]\d{3}$/.test(digits) ? 'grouped' : mark;
}

/** What the cells of a column say of how its numbers are written, and the share of cells that are numbers then. */
export interface FoundFormat extends NumberFormat {
  share: number;
}

/**
 * Finds by the cells of a whole column how its numbers are written.
 * @param cells those that are filled
 * @param byFile what holds where no cell tells: the mark that goes with the file's delimiter
 */
export function findNumberFormat(cells: readonly string[], byFile: '.' | ','): FoundFormat {
  const marks = { '.': 0, ',': 0 };
  const units = new Map<string, number>();
  let dotted = 0;
  for (const cell of cells) {
    const unit = unitOf(cell);
    if (unit === null) continue;
    units.set(unit, (units.get(unit) ?? 0) + 1);
    const mark = decimalIn(cell);
    if (mark === '.' || mark === ',') marks[mark]++;
    else if (mark === 'grouped' && cell.includes('.')) dotted++;
  }
  // `1.234` alone is a plain number everywhere but beside numbers that have a decimal comma.
  const told = marks['.'] !== marks[','] ? marks[','] > marks['.'] : dotted > 0 ? false : byFile === ',';
  const decimal = told ? ',' : '.';
  const [unit] = [...units].filter(([name]) => name !== '').sort(([, a], [, b]) => b - a)[0] ?? [''];
  const numbers = cells.filter((cell) => !Number.isNaN(readNumber(cell, { decimal, unit }))).length;
  return { decimal, unit, share: cells.length === 0 ? 0 : numbers / cells.length };
}
