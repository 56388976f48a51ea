/** What stands behind backslashes in a string as Python writes it. */

const LETTERS: Readonly<Record<string, string>> = {
  '\n': '',
  '\\': '\\',
  "'": "'",
  '"': '"',
  a: '\x07',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
};
const ESCAPE = /\\(?:(x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8})|([0-7]{1,3})|([^]))/g;

/**
 * A string's text with its escapes read; unknown ones stay as they are, as in Python.
 * @param fault makes the error for what Python refuses, and for characters by their Unicode name, which only Python has
 */
export function pythonUnescaped(text: string, fault: (what: string, by: 'python' | 'us') => Error): string {
  return text.replace(ESCAPE, (all, hex?: string, octal?: string, letter?: string) => {
    if (octal !== undefined) return String.fromCharCode(parseInt(octal, 8));
    if (hex !== undefined) {
      const code = parseInt(hex.slice(1), 16);
      if (code > 0x10ffff) throw fault('illegal Unicode character', 'python');
      return String.fromCodePoint(code);
    }
    if (letter === 'N') throw fault('characters by their Unicode name', 'us');
    if (letter === 'x' || letter === 'u' || letter === 'U') throw fault(`truncated \\${letter} escape`, 'python');
    return LETTERS[letter ?? ''] ?? all;
  });
}
