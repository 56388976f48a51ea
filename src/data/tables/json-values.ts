/**
 * JSON as Python writes it, too: NaN and infinities are read as missing, as pandas does; numbers that a computer's do
 * not hold, such as 9007199254740993 or 1e999, keep their digits; keys that are numbers keep their places.
 */

/** Begins a text that stands for a number's digits; no text in the wild does. */
const DIGITS = '\ue000number:';
/** Begins a key that is a number: objects of JavaScript put such keys first. */
const KEY = '\ue000key:';

const SUSPECT = /NaN|Infinity|\d{16}|\d[eE]|"\d+"\s*:/;
const TOKENS = /-?Infinity|NaN|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;

/** Just behind the string whose quote opens at `open`; the end of the text when it is never closed. */
export function endOfString(text: string, open: number): number {
  for (let at = open + 1; ;) {
    const quote = text.indexOf('"', at);
    if (quote < 0) return text.length;
    let backslashes = 0;
    while (text.charCodeAt(quote - 1 - backslashes) === 92 && quote - 1 - backslashes > open) backslashes++;
    if (backslashes % 2 === 0) return quote + 1;
    at = quote + 1;
  }
}

/** A word outside of strings, as JSON.parse takes it. */
function plainToken(token: string): string {
  if (/[IN]/.test(token)) return 'null';
  const value = Number(token);
  const exact = Number.isFinite(value) && (/[.eE]/.test(token) || Number.isSafeInteger(value));
  return exact ? token : `"${DIGITS}${token}"`;
}

/** The text with what JSON.parse would refuse or round off put differently. */
function prepared(text: string): string {
  const out: string[] = [];
  for (let at = 0; at < text.length;) {
    const quote = text.indexOf('"', at);
    const outside = text.slice(at, quote < 0 ? text.length : quote);
    out.push(outside.replace(TOKENS, plainToken));
    if (quote < 0) break;
    at = endOfString(text, quote);
    const string = text.slice(quote, at);
    let next = at;
    while (text.charCodeAt(next) <= 32) next++;
    out.push(/^"\d+"$/.test(string) && text[next] === ':' ? `"${KEY}${string.slice(1)}` : string);
  }
  return out.join('');
}

/** Throws `SyntaxError` for what is no JSON even as Python writes it. */
export function parseJson(text: string): unknown {
  // A file that spells our own marks is read as plain JSON.
  if (!SUSPECT.test(text) || text.includes('\ue000') || text.includes('\\ue000')) return JSON.parse(text);
  return JSON.parse(prepared(text));
}

export function parses(text: string): boolean {
  try {
    parseJson(text);
    return true;
  } catch {
    return false;
  }
}

/** A key as it stands in the file. */
export const keyOf = (key: string): string => (key.startsWith(KEY) ? key.slice(KEY.length) : key);

/** A JSON value as a cell: text as it is, null as empty, anything nested as JSON text. */
export function cellOf(value: unknown): string {
  if (typeof value === 'string') return value.startsWith(DIGITS) ? value.slice(DIGITS.length) : value;
  if (value === null || value === undefined) return '';
  const text = JSON.stringify(value);
  if (!text.includes('\ue000')) return text;
  return text.replaceAll(`"${KEY}`, '"').replace(/"\ue000number:([^"]*)"/g, '$1');
}

/** The entries of an object in the order of the file; a key named __proto__ is one like any other. */
export const entriesOf = (value: object): [string, unknown][] =>
  Object.entries(value).map(([key, entry]) => [keyOf(key), entry]);

/** The beginning of a broken record, enough to recognise it in the table. */
export function excerpt(text: string): string {
  const trimmed = text.trim();
  return trimmed.length > 500 ? `${trimmed.slice(0, 500)}…` : trimmed;
}
