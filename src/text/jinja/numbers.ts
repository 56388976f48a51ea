/** Numbers as Python reads them from text. */
import { strip } from './characters';

/** Python's `int(text, base)`; null for what is none. */
export function parseInteger(text: string, base: number): number | null {
  const found = /^([+-]?)(0[bBoOxX])?_?([0-9a-zA-Z]+(?:_[0-9a-zA-Z]+)*)$/.exec(strip(text, null, 'both'));
  if (!found) return null;
  const [, sign, prefix, rest = ''] = found;
  const own = { b: 2, o: 8, x: 16 }[prefix?.[1]?.toLowerCase() ?? ''];
  const radix = base === 0 ? (own ?? 10) : base;
  // `0b1` is a number of its own in base 16.
  const digits = (prefix && own !== radix ? prefix + rest : rest).replaceAll('_', '').toLowerCase();
  if (base === 0 && !own && /^0+[1-9]/.test(digits)) return null;
  let value = 0;
  for (const digit of digits) {
    const one = parseInt(digit, 36);
    if (one >= radix) return null;
    value = value * radix + one;
  }
  return sign === '-' ? -value : value;
}

/** Python's `float(text)`; null for what is none. */
export function parseFloatText(text: string): number | null {
  const plain = strip(text, null, 'both');
  const word = /^([+-]?)(inf|infinity|nan)$/i.exec(plain);
  if (word) return word[2]?.toLowerCase() === 'nan' ? NaN : word[1] === '-' ? -Infinity : Infinity;
  if (!FLOAT.test(plain)) return null;
  return Number(plain.replaceAll('_', ''));
}
const FLOAT = /^[+-]?(?:\d(?:_?\d)*(?:\.(?:\d(?:_?\d)*)?)?|\.\d(?:_?\d)*)(?:[eE][+-]?\d(?:_?\d)*)?$/;
