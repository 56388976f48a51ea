/** Jinja's tokens, with trim_blocks and lstrip_blocks as transformers sets them. */
import { pythonUnescaped } from '../../base/python-escapes';
import { SPACE } from './characters';
import { Fault, Unsupported } from './errors';

export type TokenType = 'data' | 'name' | 'string' | 'integer' | 'float' | 'operator' | 'begin' | 'end' | 'eof';

export interface Token {
  /** `begin` and `end` have `{{` or `{%` for what they begin or end. */
  type: TokenType;
  value: string;
  line: number;
}

const DIGITS = '\\d(?:_?\\d)*';
const FLOAT = new RegExp(`(?<!\\.)${DIGITS}(?:(?:\\.${DIGITS})?e[+-]?${DIGITS}|\\.${DIGITS})`, 'iy');
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const NAME = /[\p{L}\p{N}\p{M}\p{Pc}]+/uy;
const STRING = /'[^'\\]*(?:\\[^][^'\\]*)*'|"[^"\\]*(?:\\[^][^"\\]*)*"/y;
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[+\-/*%~[\](){}<>=.:|,;]/y;
const GAP = new RegExp(`[${SPACE}]+`, 'y');
const RAW = new RegExp(`\\{%[-+]?[${SPACE}]*raw[${SPACE}]*(?:-%\\}[${SPACE}]*|%\\})`, 'y');
const END_RAW = new RegExp(`\\{%([-+]?)[${SPACE}]*endraw[${SPACE}]*(?:\\+%\\}|-%\\}[${SPACE}]*|%\\}\\n?)`, 'y');
const END_BLOCK = new RegExp(`\\+%\\}|-%\\}[${SPACE}]*|%\\}\\n?`, 'y');
const END_VARIABLE = new RegExp(`-\\}\\}[${SPACE}]*|\\}\\}`, 'y');
const END_COMMENT = new RegExp(`\\+#\\}|-#\\}[${SPACE}]*|#\\}\\n?`, 'y');
const ONLY_SPACE = new RegExp(`^[${SPACE}]+$`);
const CLOSES: Readonly<Record<string, string>> = { '(': ')', '[': ']', '{': '}' };

class Lexer {
  readonly tokens: Token[] = [];
  private at = 0;
  private line = 1;
  /** Whether the last tag ended its line. */
  private lineStarts = true;

  constructor(private readonly source: string) {}

  run(): Token[] {
    const { source } = this;
    const tag = /\{[%{#]/g;
    for (;;) {
      tag.lastIndex = this.at;
      const found = tag.exec(source);
      if (!found) {
        this.push('data', source.slice(this.at));
        this.push('eof', '');
        return this.tokens;
      }
      const kind = found[0];
      this.text(source.slice(this.at, found.index), source[found.index + 2] ?? '', kind);
      const raw = kind === '{%' ? this.matched(RAW, found.index) : null;
      this.at = found.index;
      if (raw !== null) {
        this.forward(raw);
        this.raw();
      } else {
        this.forward(/[-+]/.test(source[found.index + 2] ?? '') ? source.slice(this.at, this.at + 3) : kind);
        if (kind === '{#') this.comment();
        else this.tag(kind);
      }
    }
  }

  /** Text before a tag, without the white space that the tag takes. */
  private text(text: string, sign: string, kind: string): void {
    let kept = text;
    const lineStart = text.lastIndexOf('\n') + 1;
    if (sign === '-') kept = text.slice(0, text.length - trailingSpace(text));
    else if (sign !== '+' && kind !== '{{' && (lineStart > 0 || this.lineStarts)) {
      if (ONLY_SPACE.test(text.slice(lineStart))) kept = text.slice(0, lineStart);
    }
    this.push('data', kept);
    this.forward(text);
  }

  private raw(): void {
    const { source } = this;
    for (let from = this.at; ; from++) {
      from = source.indexOf('{%', from);
      if (from < 0) throw new Fault(`line ${this.line}: Missing end of raw directive`);
      const end = this.matched(END_RAW, from);
      if (end === null) continue;
      this.text(source.slice(this.at, from), source[from + 2] ?? '', '{%');
      this.forward(end);
      return;
    }
  }

  private comment(): void {
    const found = this.source.indexOf('#}', this.at);
    if (found < 0) throw new Fault(`line ${this.line}: Missing end of comment tag`);
    const signed = found > this.at && /[-+]/.test(this.source[found - 1] ?? '');
    const end = this.matched(END_COMMENT, signed ? found - 1 : found) ?? '';
    this.forward(this.source.slice(this.at, signed ? found - 1 : found));
    this.forward(end);
  }

  /** The tokens of `{{ … }}` or `{% … %}`; ends within brackets are operators. */
  private tag(kind: string): void {
    const open: string[] = [];
    this.push('begin', kind);
    while (this.at < this.source.length) {
      const end = open.length === 0 ? this.matched(kind === '{%' ? END_BLOCK : END_VARIABLE, this.at) : null;
      if (end !== null) {
        this.push('end', kind);
        this.forward(end);
        return;
      }
      const gap = this.matched(GAP, this.at);
      if (gap !== null) this.forward(gap);
      else this.token(open);
    }
  }

  private token(open: string[]): void {
    for (const [type, pattern] of PATTERNS) {
      const found = this.matched(pattern, this.at);
      if (found === null) continue;
      if (type === 'operator') this.balance(found, open);
      this.push(type, type === 'string' ? unescaped(found.slice(1, -1)) : found);
      this.forward(found);
      return;
    }
    throw new Fault(`line ${this.line}: unexpected char '${this.source[this.at] ?? ''}'`);
  }

  private balance(operator: string, open: string[]): void {
    const close = CLOSES[operator];
    if (close !== undefined) open.push(close);
    else if (operator === ')' || operator === ']' || operator === '}') {
      if (open.pop() !== operator) throw new Fault(`line ${this.line}: unexpected '${operator}'`);
    }
  }

  private matched(pattern: RegExp, at: number): string | null {
    pattern.lastIndex = at;
    return pattern.exec(this.source)?.[0] ?? null;
  }

  private push(type: TokenType, value: string): void {
    if (type !== 'data' || value !== '') this.tokens.push({ type, value, line: this.line });
  }

  private forward(text: string): void {
    this.at += text.length;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) this.line++;
    if (text !== '') this.lineStarts = text.endsWith('\n');
  }
}

const PATTERNS: readonly (readonly [TokenType, RegExp])[] = [
  ['float', FLOAT],
  ['integer', INTEGER],
  ['name', NAME],
  ['string', STRING],
  ['operator', OPERATOR],
];

function trailingSpace(text: string): number {
  let from = text.length;
  while (from > 0 && ONLY_SPACE.test(text[from - 1] ?? '')) from--;
  return text.length - from;
}

/** A string's escapes as Python reads them. */
const unescaped = (text: string): string =>
  pythonUnescaped(text, (what, by) => (by === 'us' ? new Unsupported(what) : new Fault(what)));

/** The tokens of a template. Throws `Fault` for what is none. */
export function tokenize(template: string): Token[] {
  const source = template.replace(/\r\n?/g, '\n').replace(/\n$/, '');
  return new Lexer(source).run();
}
