/** The tokens of a template, one after the other. */
import { Fault } from './errors';
import type { Token, TokenType } from './lexer';

const END: Token = { type: 'eof', value: '', line: 0 };

export class Tokens {
  private at = 0;

  constructor(private readonly tokens: readonly Token[]) {}

  get now(): Token {
    return this.tokens[this.at] ?? END;
  }

  get next(): Token {
    return this.tokens[this.at + 1] ?? END;
  }

  is(type: TokenType, ...values: readonly string[]): boolean {
    return this.now.type === type && (values.length === 0 || values.includes(this.now.value));
  }

  take(): Token {
    const { now } = this;
    this.at++;
    return now;
  }

  /** Takes the token if it is this one. */
  skip(type: TokenType, value: string): boolean {
    const found = this.is(type, value);
    if (found) this.at++;
    return found;
  }

  expect(type: TokenType, ...values: readonly string[]): Token {
    if (!this.is(type, ...values)) this.fail(`expected ${values.join(' or ') || type}, got ${this.described}`);
    return this.take();
  }

  get described(): string {
    return this.now.type === 'eof' ? 'the end of the template' : `'${this.now.value}'`;
  }

  fail(message: string, line = this.now.line): never {
    throw new Fault(`line ${line}: ${message}`);
  }
}
