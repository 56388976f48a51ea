/** Names broken into lines by an estimate of their width: to measure text in the page would lay it out each time. */

/** Hangul, kana, CJK and what follows, emoji among them: about two Latin letters wide. */
const isWide = (code: number): boolean => code >= 0x2e80 || (code >= 0x1100 && code <= 0x115f);

/** Width in Latin letters. */
export const lettersOf = (text: string): number =>
  Array.from(text).reduce((sum, sign) => sum + (isWide(sign.codePointAt(0) ?? 0) ? 2 : 1), 0);

/** The longest beginning of `text` that is at most `most` letters wide. */
function beginning(text: string, most: number): string {
  let taken = '';
  for (const sign of text) {
    if (lettersOf(taken + sign) > most) break;
    taken += sign;
  }
  return taken;
}

/** `text` in at most `lines` lines of `most` letters, broken between words where it can be; the rest ends in "…". */
export function wrap(text: string, most: number, lines: number): string[] {
  const found: string[] = [];
  let rest = text.trim();
  while (rest && found.length < lines) {
    if (lettersOf(rest) <= most) return [...found, rest];
    if (found.length === lines - 1) return [...found, `${beginning(rest, most - 1).trimEnd()}…`];
    const fitting = beginning(rest, most);
    const space = rest.startsWith(' ', fitting.length) ? fitting.length : fitting.lastIndexOf(' ');
    const line = space > 0 ? rest.slice(0, space) : fitting;
    found.push(line.trimEnd());
    rest = rest.slice(line.length).trimStart();
  }
  return found;
}
