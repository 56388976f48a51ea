/** Python's `strftime` as on Linux, in English: https://man7.org/linux/man-pages/man3/strftime.3.html */
import { roomForText } from './budget';

const MONTHS = 'January February March April May June July August September October November December'.split(' ');
const DAYS = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ');

/** Days since the year began, from 0. */
const dayOfYear = (date: Date): number =>
  Math.round((Date.UTC(date.getFullYear(), date.getMonth(), date.getDate()) - Date.UTC(date.getFullYear(), 0)) / 864e5);

/** The year that an ISO week belongs to, and the week. */
function isoWeek(date: Date): [number, number] {
  const day = (date.getDay() + 6) % 7;
  const thursday = new Date(date.getFullYear(), date.getMonth(), date.getDate() - day + 3);
  return [thursday.getFullYear(), Math.floor(dayOfYear(thursday) / 7) + 1];
}

/** What a directive stands for: a number with its digits and what fills them, a text, or another format. */
const DIRECTIVES: Readonly<Record<string, (date: Date) => string | readonly [number, number, string]>> = {
  a: (date) => (DAYS[date.getDay()] ?? '').slice(0, 3),
  A: (date) => DAYS[date.getDay()] ?? '',
  b: (date) => (MONTHS[date.getMonth()] ?? '').slice(0, 3),
  B: (date) => MONTHS[date.getMonth()] ?? '',
  h: (date) => (MONTHS[date.getMonth()] ?? '').slice(0, 3),
  c: (date) => strftime('%a %b %e %H:%M:%S %Y', date),
  C: (date) => [Math.floor(date.getFullYear() / 100), 2, '0'],
  d: (date) => [date.getDate(), 2, '0'],
  D: (date) => strftime('%m/%d/%y', date),
  e: (date) => [date.getDate(), 2, ' '],
  f: (date) => `${String(date.getMilliseconds()).padStart(3, '0')}000`,
  F: (date) => strftime('%Y-%m-%d', date),
  g: (date) => [isoWeek(date)[0] % 100, 2, '0'],
  G: (date) => [isoWeek(date)[0], 1, '0'],
  H: (date) => [date.getHours(), 2, '0'],
  I: (date) => [date.getHours() % 12 || 12, 2, '0'],
  j: (date) => [dayOfYear(date) + 1, 3, '0'],
  k: (date) => [date.getHours(), 2, ' '],
  l: (date) => [date.getHours() % 12 || 12, 2, ' '],
  m: (date) => [date.getMonth() + 1, 2, '0'],
  M: (date) => [date.getMinutes(), 2, '0'],
  n: () => '\n',
  p: (date) => (date.getHours() < 12 ? 'AM' : 'PM'),
  P: (date) => (date.getHours() < 12 ? 'am' : 'pm'),
  r: (date) => strftime('%I:%M:%S %p', date),
  R: (date) => strftime('%H:%M', date),
  s: (date) => [Math.floor(date.getTime() / 1000), 1, '0'],
  S: (date) => [date.getSeconds(), 2, '0'],
  t: () => '\t',
  T: (date) => strftime('%H:%M:%S', date),
  u: (date) => [date.getDay() || 7, 1, '0'],
  U: (date) => [Math.floor((dayOfYear(date) + 7 - date.getDay()) / 7), 2, '0'],
  V: (date) => [isoWeek(date)[1], 2, '0'],
  w: (date) => [date.getDay(), 1, '0'],
  W: (date) => [Math.floor((dayOfYear(date) + 7 - ((date.getDay() + 6) % 7)) / 7), 2, '0'],
  x: (date) => strftime('%m/%d/%y', date),
  X: (date) => strftime('%H:%M:%S', date),
  y: (date) => [date.getFullYear() % 100, 2, '0'],
  Y: (date) => [date.getFullYear(), 1, '0'],
  // A time without a zone.
  z: () => '',
  Z: () => '',
  '%': () => '%',
};

/** A moment in the words of a format; flags are those of glibc (`%-d` without a zero, `%^a` in capitals). */
export function strftime(format: string, date: Date): string {
  return format.replace(/%([-_0^#]*)(\d*)[EO]?([a-zA-Z%])/g, (all, flags: string, width: string, letter: string) => {
    const found = DIRECTIVES[letter]?.(date);
    if (found === undefined) return all;
    roomForText(Number(width));
    const size = Number(width);
    let text: string;
    if (typeof found === 'string') text = found.padStart(size, flags.includes('0') ? '0' : ' ');
    else {
      const [number, digits, fill] = found;
      const pad = flags.includes('_') ? ' ' : flags.includes('0') ? '0' : fill;
      text = flags.includes('-') ? String(number) : String(number).padStart(Math.max(size, digits), pad);
    }
    return flags.includes('^') || (flags.includes('#') && letter !== 'p')
      ? text.toUpperCase()
      : flags.includes('#')
        ? text.toLowerCase()
        : text;
  });
}
