/** Python's ways to cut texts. */
import { roomForList } from './budget';
import { isSpace } from './characters';

/** The words (where `separator` is null), or the parts; the last holds the rest after `most` cuts. */
export function split(text: string, separator: string | null, most: number): string[] {
  if (separator !== null) {
    const parts = text.split(separator);
    roomForList(parts.length);
    return most < 0 || parts.length - 1 <= most ? parts : [...parts.slice(0, most), parts.slice(most).join(separator)];
  }
  const words: string[] = [];
  let at = 0;
  for (;;) {
    while (at < text.length && isSpace(text[at] ?? '')) at++;
    if (at === text.length) return words;
    roomForList(words.length);
    if (words.length === most) return [...words, text.slice(at)];
    const from = at;
    while (at < text.length && !isSpace(text[at] ?? '')) at++;
    words.push(text.slice(from, at));
  }
}

/** As `split`, cut from the end. */
export function rsplit(text: string, separator: string | null, most: number): string[] {
  if (separator !== null) {
    const parts = text.split(separator);
    roomForList(parts.length);
    const rest = parts.length - most;
    return most < 0 || rest <= 1 ? parts : [parts.slice(0, rest).join(separator), ...parts.slice(rest)];
  }
  const words: string[] = [];
  let at = text.length;
  for (;;) {
    while (at > 0 && isSpace(text[at - 1] ?? '')) at--;
    if (at === 0) return words.reverse();
    roomForList(words.length);
    if (words.length === most) return [text.slice(0, at), ...words.reverse()];
    const to = at;
    while (at > 0 && !isSpace(text[at - 1] ?? '')) at--;
    words.push(text.slice(at, to));
  }
}

/** The lines, at everything that Python takes for the end of one. */
export function splitLines(text: string, keep = false): string[] {
  const lines: string[] = [];
  let from = 0;
  for (const found of text.matchAll(/\r\n|[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]/g)) {
    const end = found.index + found[0].length;
    lines.push(text.slice(from, keep ? end : found.index));
    roomForList(lines.length);
    from = end;
  }
  return from < text.length ? [...lines, text.slice(from)] : lines;
}
