/** Numbers as people read them, with their units. */

// Made once: to make one takes far longer than to format a number, and axes and tables format many.
const COUNT = new Intl.NumberFormat('en');
const THREE_DIGITS = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const FOUR_DIGITS = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });

export const formatCount = (value: number): string => COUNT.format(value);

/** "1 row", "2 rows". */
export const plural = (value: number, noun: string, many = `${noun}s`): string =>
  `${formatCount(value)} ${value === 1 ? noun : many}`;

/** Bytes with a decimal unit: "45.3 MB". */
export function formatBytes(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  const units = ['kB', 'MB', 'GB', 'TB'];
  let value = bytes;
  let unit = -1;
  do {
    value /= 1000;
    unit++;
  } while (value >= 999.5 && unit < units.length - 1);
  return `${value < 10 ? value.toFixed(1) : value.toFixed(0)} ${units[unit]}`;
}

/** A share as a percentage: 0.953 is "95.3 %". */
export const formatPercent = (share: number, digits = 1): string =>
  Number.isFinite(share) ? `${(share * 100).toFixed(digits)} %` : '–';

/** A number with about three significant digits, in exponent form when very small or large. */
export function formatNumber(value: number): string {
  if (!Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e6) return value.toExponential(1).replace('e-', 'e−').replace('e+', 'e');
  return (size >= 100 ? FOUR_DIGITS : THREE_DIGITS).format(value);
}

/** Milliseconds as "0.4 s", "40 s", "3 min 20 s", "1 h 5 min". */
export function formatDuration(ms: number): string {
  if (ms >= 50 && ms < 950) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** An ISO date as the reader's own short date and time. */
export const formatDate = (iso: string): string =>
  new Date(iso).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
