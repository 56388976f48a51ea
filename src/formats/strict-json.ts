/**
 * A strict JSON reader for untrusted headers: objects become Maps, repeated keys and loose numbers are told apart,
 * depth is bounded.
 */
import { unpackNumbers } from '../base/json-numbers';

/**
 * Whole non-negative literals of up to 20 digits arrive as `bigint`; every other number (`1.0`, `1e3`, `-1`) as
 * `number`.
 */
export type StrictJson = null | boolean | string | bigint | number | StrictJson[] | Map<string, StrictJson>;

/** As deep as the official safetensors reader goes (serde_json). */
const MAX_DEPTH = 127;
const NUMBER = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?/y;
/** 64 bits have at most 20 digits; a literal of a million would keep `BigInt` busy for minutes. */
const WHOLE = /^(?:0|[1-9][0-9]{0,19})$/;

const LONE_SURROGATE = /\p{Surrogate}/u;

/** Where and why the text is not JSON; `offset` counts characters. */
export class StrictJsonError extends Error {
  readonly offset: number;
  constructor(reason: string, offset: number) {
    super(reason);
    this.offset = offset;
  }
}

/**
 * Parses the whole text. Throws `StrictJsonError` for anything outside RFC 8259, a key that occurs twice, a number
 * beyond what a double holds, or nesting deeper than 127.
 */
export function parseStrictJson(text: string): StrictJson {
  const reader = new Reader(text);
  const value = reader.value(0);
  reader.end();
  return value;
}

class Reader {
  private at = 0;
  private readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  value(depth: number): StrictJson {
    this.space();
    const first = this.text[this.at];
    if (depth >= MAX_DEPTH && (first === '{' || first === '[')) this.fail(`nested deeper than ${MAX_DEPTH} levels`);
    switch (first) {
      case '{':
        return this.object(depth);
      case '[':
        return this.array(depth);
      case '"':
        return this.string();
      case 't':
        return this.word('true', true);
      case 'f':
        return this.word('false', false);
      case 'n':
        return this.word('null', null);
      default:
        return this.number();
    }
  }

  end(): void {
    this.space();
    if (this.at < this.text.length) this.fail('text after the end of the value');
  }

  private object(depth: number): Map<string, StrictJson> {
    const object = new Map<string, StrictJson>();
    this.at++;
    this.space();
    if (this.take('}')) return object;
    for (;;) {
      this.space();
      const start = this.at;
      if (this.text[this.at] !== '"') this.fail('a key in quotes is missing');
      const key = this.string();
      if (object.has(key)) this.fail(`the key ${JSON.stringify(key)} occurs twice`, start);
      this.space();
      this.expect(':');
      object.set(key, this.value(depth + 1));
      this.space();
      if (this.take('}')) return object;
      this.expect(',');
    }
  }

  private array(depth: number): StrictJson[] {
    const list: StrictJson[] = [];
    this.at++;
    this.space();
    if (this.take(']')) return list;
    for (;;) {
      list.push(this.value(depth + 1));
      this.space();
      if (this.take(']')) return list;
      this.expect(',');
    }
  }

  private string(): string {
    const start = this.at;
    let end = start + 1;
    for (; this.text[end] !== '"'; end++) {
      if (end >= this.text.length) this.fail('a string is never closed', start);
      if (this.text[end] === '\\') end++;
    }
    this.at = end + 1;
    try {
      const value = JSON.parse(this.text.slice(start, end + 1)) as string;
      if (!LONE_SURROGATE.test(value)) return value;
    } catch {
      // Reported below, together with strings that are no valid Unicode.
    }
    return this.fail('a string holds an invalid escape or control character', start);
  }

  private number(): bigint | number {
    NUMBER.lastIndex = this.at;
    const literal = NUMBER.exec(this.text)?.[0];
    if (literal === undefined)
      return this.fail(this.at < this.text.length ? 'a value is missing' : 'the text ends early');
    const start = this.at;
    this.at += literal.length;
    if (WHOLE.test(literal)) return BigInt(literal);
    const value = Number(literal);
    return Number.isFinite(value) ? value : this.fail('a number is too large', start);
  }

  private word<T extends StrictJson>(word: string, value: T): T {
    if (!this.text.startsWith(word, this.at)) this.fail('a value is missing');
    this.at += word.length;
    return value;
  }

  private space(): void {
    while (' \t\n\r'.includes(this.text[this.at] ?? '?')) this.at++;
  }

  private take(character: string): boolean {
    if (this.text[this.at] !== character) return false;
    this.at++;
    return true;
  }

  private expect(character: string): void {
    if (!this.take(character)) this.fail(`"${character}" is missing`);
  }

  private fail(reason: string, offset = this.at): never {
    throw new StrictJsonError(reason, offset);
  }
}

/** Strictly read JSON as plain values: objects without a prototype, numbers as such. */
export function plainJson(value: StrictJson): unknown {
  if (typeof value === 'bigint') return Number(value);
  if (Array.isArray(value)) return value.map(plainJson);
  if (!(value instanceof Map)) return value;
  const object = Object.create(null) as Record<string, unknown>;
  for (const [key, entry] of value) object[key] = plainJson(entry);
  return unpackNumbers('', object);
}
