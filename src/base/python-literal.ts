/**
 * Values as Python prints them: what `ast.literal_eval` reads, and the arrays that numpy and pandas put between. Lists,
 * tuples and sets become arrays, dicts objects; a number that does not fit ours stays text.
 */
import { pythonUnescaped } from './python-escapes';

const DEEPEST = 64;

/** Why a text is no such value; callers see undefined. */
class NoLiteral extends Error {}

class Reader {
  private at = 0;
  private depth = 0;

  constructor(private readonly text: string) {}

  whole(): unknown {
    const value = this.value();
    this.space();
    if (this.at < this.text.length) throw new NoLiteral();
    return value;
  }

  private space(): void {
    while (/\s/.test(this.text[this.at] ?? '')) this.at++;
  }

  private value(): unknown {
    this.space();
    if (++this.depth > DEEPEST) throw new NoLiteral();
    const value = this.one();
    this.depth--;
    return value;
  }

  private one(): unknown {
    const letter = this.text[this.at] ?? '';
    if (letter === '[') {
      this.at++;
      return this.list(']');
    }
    if (letter === '(') return this.tuple();
    if (letter === '{') return this.braces();
    const prefix = this.take(/(?:[rRuUbB]|[rR][bB]|[bB][rR])?(?=['"])/y);
    if (prefix !== null) return this.strings(prefix);
    const number = this.take(/[+-]?(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d+)?/y);
    if (number !== null) return numberOf(number);
    return this.word();
  }

  private take(pattern: RegExp): string | null {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (!found) return null;
    this.at += found[0].length;
    return found[0];
  }

  /** Items up to the bracket, behind those that are read. numpy prints arrays without commas between their items. */
  private list(close: string, items: unknown[] = []): unknown[] {
    for (;;) {
      const before = this.at;
      this.space();
      if (this.text[this.at] === close) {
        this.at++;
        return items;
      }
      if (items.length > 0) {
        if (this.text[this.at] === ',') this.at++;
        else if (this.at === before) throw new NoLiteral();
        this.space();
        if (this.text[this.at] === close) continue;
      }
      items.push(this.value());
    }
  }

  private tuple(): unknown {
    const from = this.at++;
    const items = this.list(')');
    const comma = this.text.slice(from, this.at).includes(',');
    return items.length === 1 && !comma ? items[0] : items;
  }

  private braces(): unknown {
    this.at++;
    const object: Record<string, unknown> = {};
    for (let first = true; ; first = false) {
      this.space();
      if (this.text[this.at] === '}') {
        this.at++;
        return object;
      }
      const key = this.value();
      this.space();
      if (this.text[this.at] !== ':') {
        if (!first) throw new NoLiteral();
        return this.list('}', [key]);
      }
      this.at++;
      Object.defineProperty(object, String(key), {
        value: this.value(),
        enumerable: true,
        configurable: true,
        writable: true,
      });
      this.space();
      if (this.text[this.at] === ',') this.at++;
      else if (this.text[this.at] !== '}') throw new NoLiteral();
    }
  }

  /** Strings side by side are one. */
  private strings(first: string): string {
    let text = '';
    for (let prefix: string | null = first; prefix !== null;) {
      text += this.string(/[rR]/.test(prefix));
      const before = this.at;
      this.space();
      prefix = this.take(/(?:[rRuUbB]|[rR][bB]|[bB][rR])?(?=['"])/y);
      if (prefix === null) this.at = before;
      // In an array of numpy, texts stand side by side too: a line end between them divides.
      else if (this.text.slice(before, this.at).includes('\n')) {
        this.at = before;
        break;
      }
    }
    return text;
  }

  private string(raw: boolean): string {
    const quote = this.text[this.at] ?? '';
    const triple = this.text.startsWith(quote.repeat(3), this.at);
    const end = triple ? quote.repeat(3) : quote;
    this.at += end.length;
    const from = this.at;
    for (;;) {
      const letter = this.text[this.at];
      if (letter === undefined || (letter === '\n' && !triple)) throw new NoLiteral();
      if (letter === '\\') this.at += 2;
      else if (this.text.startsWith(end, this.at)) break;
      else this.at++;
    }
    const inside = this.text.slice(from, this.at);
    this.at += end.length;
    return raw ? inside : unescaped(inside);
  }

  private word(): unknown {
    const name = this.take(/-?[A-Za-z_][\w.]*/y);
    switch (name) {
      case 'None':
      case 'nan':
      case 'NaN':
      case 'NaT':
        return null;
      case 'True':
        return true;
      case 'False':
        return false;
    }
    // numpy and pandas name what they print: array([…], dtype=object), np.str_('a'), Timestamp('…').
    if (name === null || this.text[this.at] !== '(') throw new NoLiteral();
    this.at++;
    const value = this.value();
    this.space();
    while (this.text[this.at] === ',') {
      this.at++;
      this.space();
      if (this.take(/\w+\s?=\s?[\w.'"<|>]+/y) === null) throw new NoLiteral();
      this.space();
    }
    if (this.text[this.at++] !== ')') throw new NoLiteral();
    return value;
  }
}

function numberOf(text: string): number | string {
  const value = Number(text.replaceAll('_', ''));
  if (Number.isNaN(value)) throw new NoLiteral();
  return /^[+-]?[\d_]+$/.test(text) && !Number.isSafeInteger(value) ? text : value;
}

const unescaped = (text: string): string => pythonUnescaped(text, () => new NoLiteral());

/** The value, or undefined where the text is none. Takes time in proportion to its length. */
export function pythonLiteral(text: string): unknown {
  try {
    return new Reader(text).whole();
  } catch (thrown) {
    if (thrown instanceof NoLiteral) return undefined;
    throw thrown;
  }
}
