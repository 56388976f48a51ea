/** Python's view of text: characters are code points, and what counts as white space differs a little from ours. */

/** Python's white space, for character classes. */
export const SPACE = '\\t\\n\\v\\f\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000';
const SPACES = new Set<string>(
  Array.from({ length: 0x3001 }, (_, code) => String.fromCharCode(code)).filter((letter) =>
    new RegExp(`[${SPACE}]`).test(letter),
  ),
);

export const isSpace = (letter: string): boolean => SPACES.has(letter);

const SURROGATE = /[\ud800-\udfff]/;

/** The characters of a text, one a code point. */
export const points = (text: string): readonly string[] => (SURROGATE.test(text) ? Array.from(text) : text.split(''));

export const countPoints = (text: string): number => (SURROGATE.test(text) ? Array.from(text).length : text.length);

/** Where the code point number `count` begins. */
export const unitsOf = (text: string, count: number): number =>
  SURROGATE.test(text) ? Array.from(text).slice(0, count).join('').length : count;

/** Below, at or above zero, as Python orders texts. */
export function orderTexts(a: string, b: string): number {
  if (!SURROGATE.test(a) && !SURROGATE.test(b)) return a < b ? -1 : a > b ? 1 : 0;
  const left = Array.from(a, (letter) => letter.codePointAt(0) ?? 0);
  const right = Array.from(b, (letter) => letter.codePointAt(0) ?? 0);
  for (const [at, code] of left.entries()) if (code !== right[at]) return code - (right[at] ?? -1);
  return left.length - right.length;
}

/** Without the characters of `chars` (white space by default) at its ends. */
export function strip(text: string, chars: string | null, ends: 'left' | 'right' | 'both'): string {
  const letters = points(text);
  const drop = chars === null ? SPACES : new Set(points(chars));
  let from = 0;
  let to = letters.length;
  if (ends !== 'right') while (from < to && drop.has(letters[from] ?? '')) from++;
  if (ends !== 'left') while (to > from && drop.has(letters[to - 1] ?? '')) to--;
  return from === 0 && to === letters.length ? text : letters.slice(from, to).join('');
}
