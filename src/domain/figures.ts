/** Numbers of the person's own data in words: in full where people write them so, else in exponent form. */

/** From here on down or up a number is written with an exponent. */
const [SMALL, LARGE] = [1e-4, 1e12];
/** Significant digits, where there are no more whole ones. */
const DIGITS = 4;
// Made once: to make one takes far longer than to format a number. Groups from five digits on: 2026 may be a year.
const FORMATS = Array.from(
  { length: Math.log10(LARGE) + 1 },
  (_, whole) => new Intl.NumberFormat('en', { maximumSignificantDigits: Math.max(DIGITS, whole), useGrouping: 'min2' }),
);

/** Digits before the point. */
const wholeDigits = (value: number): number => Math.max(0, Math.floor(Math.log10(Math.abs(value))) + 1);

/** "250,123", "17.4", "0.0123", "1.5e−6"; "–" for what is no number. */
export function figureInWords(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size >= SMALL && size < LARGE) return FORMATS[wholeDigits(size)]?.format(value) ?? String(value);
  return value
    .toExponential(DIGITS - 1)
    .replace(/\.?0*e/, 'e')
    .replace('e-', 'e−')
    .replace('e+', 'e');
}

/** An answer as programs read it, in as many digits as are worth telling. */
export const answerInDigits = (value: number): string =>
  String(
    Number.isFinite(value) ? Number(value.toPrecision(Math.max(DIGITS, Math.min(15, wholeDigits(value))))) : value,
  );
