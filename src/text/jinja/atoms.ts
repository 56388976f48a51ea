/** Reads what operators stand between: names, literals, brackets, calls, filters and tests. */
import { FILTERS, TESTS } from './registry';
import type { CallArgs, Expression, Of } from './nodes';
import type { Tokens } from './tokens';
import { Float, whole } from './values';

const NO_ARGS: CallArgs = { list: [], named: [], rest: null, more: null };
const WORDS: ReadonlyMap<string, null | boolean> = new Map([
  ['true', true],
  ['True', true],
  ['false', false],
  ['False', false],
  ['none', null],
  ['None', null],
]);

/** A filter or test that does not exist: an error at once, but where a condition stands before it only when it runs. */
interface Missing {
  name: string;
  line: number;
  conditional: boolean;
}

export abstract class Atoms {
  readonly missing: Missing[] = [];
  /** Whether what is read stands under an `if`. */
  conditional = false;

  constructor(readonly tokens: Tokens) {}

  /** An expression; `choices`: with `a if b else c`. */
  abstract expression(choices?: boolean): Expression;

  /** @param namespaces whether `ns.name` is read as an attribute to be set */
  primary(namespaces = false): Expression {
    const { tokens } = this;
    const { type, value, line } = tokens.now;
    if (type === 'operator' && (value === '(' || value === '[' || value === '{')) return this.bracketed(value, line);
    tokens.take();
    switch (type) {
      case 'name': {
        const word = WORDS.get(value);
        if (word !== undefined) return { kind: 'constant', value: word, line };
        if (!namespaces || !tokens.skip('operator', '.')) return { kind: 'name', name: value, line };
        return { kind: 'namespaced', name: value, attribute: tokens.expect('name').value, line };
      }
      case 'string': {
        let text = value;
        while (tokens.is('string')) text += tokens.take().value;
        return { kind: 'constant', value: text, line };
      }
      case 'integer':
        return { kind: 'constant', value: whole(Number(value.replaceAll('_', ''))), line };
      case 'float':
        return { kind: 'constant', value: new Float(Number(value.replaceAll('_', ''))), line };
      default:
        return tokens.fail(`unexpected '${value}'`, line);
    }
  }

  private bracketed(open: string, line: number): Expression {
    const { tokens } = this;
    tokens.take();
    if (open === '(') {
      const inner = this.tuple({ empty: true });
      tokens.expect('operator', ')');
      return inner;
    }
    if (open === '[') return { kind: 'list', items: this.listed(']', () => this.expression()), line };
    const pairs = this.listed('}', (): [Expression, Expression] => {
      const key = this.expression();
      tokens.expect('operator', ':');
      return [key, this.expression()];
    });
    return { kind: 'dict', pairs, line };
  }

  private listed<T>(close: string, read: () => T): T[] {
    const found: T[] = [];
    while (!this.tokens.is('operator', close)) {
      if (found.length > 0) this.tokens.expect('operator', ',');
      if (this.tokens.is('operator', close)) break;
      found.push(read());
    }
    this.tokens.take();
    return found;
  }

  /**
   * Expressions with commas between them are a tuple.
   * @param how `simple`: names and literals alone, as targets are; `end`: the word behind them
   */
  tuple(
    how: { simple?: boolean; namespaces?: boolean; choices?: boolean; end?: string; empty?: boolean } = {},
  ): Expression {
    const { tokens } = this;
    const { line } = tokens.now;
    const items: Expression[] = [];
    let several = false;
    for (;;) {
      if (items.length > 0) tokens.expect('operator', ',');
      if (tokens.is('end') || tokens.is('operator', ')') || (how.end && tokens.is('name', how.end))) break;
      items.push(how.simple ? this.primary(how.namespaces) : this.expression(how.choices ?? true));
      if (!tokens.is('operator', ',')) break;
      several = true;
    }
    const [only] = items;
    if (!several && only) return only;
    if (!several && !how.empty) tokens.fail(`expected an expression, got ${tokens.described}`);
    return { kind: 'tuple', items, line };
  }

  protected postfix(start: Expression): Expression {
    const { tokens } = this;
    let found = start;
    for (;;) {
      if (tokens.is('operator', '.', '[')) found = this.subscript(found);
      else if (tokens.is('operator', '(')) found = this.call(found);
      else return found;
    }
  }

  call(of: Expression): Of<'call'> {
    const { line } = this.tokens.now;
    return { kind: 'call', of, args: this.args(), line };
  }

  protected filtered(start: Expression): Expression {
    const { tokens } = this;
    let found = start;
    for (;;) {
      if (tokens.is('operator', '|')) found = this.filters(found) ?? found;
      else if (tokens.is('name', 'is')) found = this.test(found);
      else if (tokens.is('operator', '(')) found = this.call(found);
      else return found;
    }
  }

  private subscript(of: Expression): Expression {
    const { tokens } = this;
    const { value, line } = tokens.take();
    if (value === '.') {
      if (tokens.is('name')) return { kind: 'attribute', of, name: tokens.take().value, line };
      const at = tokens.expect('integer');
      return { kind: 'item', of, at: { kind: 'constant', value: whole(Number(at.value)), line }, line };
    }
    const places: Expression[] = [];
    while (!tokens.is('operator', ']')) {
      if (places.length > 0) tokens.expect('operator', ',');
      places.push(this.place());
    }
    tokens.take();
    const [only] = places;
    return { kind: 'item', of, at: places.length === 1 && only ? only : { kind: 'tuple', items: places, line }, line };
  }

  /** An index, or a slice `from:to:step`. */
  private place(): Expression {
    const { tokens } = this;
    const { line } = tokens.now;
    const part = (): Expression | null => (tokens.is('operator', ':', ']', ',') ? null : this.expression());
    const from = part();
    if (!tokens.skip('operator', ':')) return from ?? tokens.fail(`unexpected ${tokens.described}`);
    const to = part();
    const step = tokens.skip('operator', ':') ? part() : null;
    return { kind: 'slice', from, to, step, line };
  }

  private args(): CallArgs {
    const { tokens } = this;
    const { line } = tokens.expect('operator', '(');
    const list: Expression[] = [];
    const named: [string, Expression][] = [];
    let rest: Expression | null = null;
    let more: Expression | null = null;
    const ensure = (holds: boolean): void => {
      if (!holds) tokens.fail('invalid syntax for a call', line);
    };
    for (let first = true; !tokens.is('operator', ')'); first = false) {
      if (!first) tokens.expect('operator', ',');
      if (!first && tokens.is('operator', ')')) break;
      if (tokens.skip('operator', '*')) {
        ensure(rest === null && more === null);
        rest = this.expression();
      } else if (tokens.skip('operator', '**')) {
        ensure(more === null);
        more = this.expression();
      } else if (tokens.is('name') && tokens.next.type === 'operator' && tokens.next.value === '=') {
        ensure(more === null);
        const { value } = tokens.take();
        tokens.take();
        ensure(named.every(([name]) => name !== value));
        named.push([value, this.expression()]);
      } else {
        ensure(rest === null && more === null && named.length === 0);
        list.push(this.expression());
      }
    }
    tokens.take();
    return { list, named, rest, more };
  }

  /** Filters behind a value, or behind a block's text where that is null. @param inline the first has no `|` */
  filters(start: Expression | null, inline = false): Expression | null {
    const { tokens } = this;
    let found = start;
    for (let first = inline; first || tokens.is('operator', '|'); first = false) {
      if (!first) tokens.take();
      const { line } = tokens.now;
      const name = this.dotted();
      if (!FILTERS.has(name)) this.missing.push({ name: `filter '${name}'`, line, conditional: this.conditional });
      found = { kind: 'filter', of: found, name, args: tokens.is('operator', '(') ? this.args() : NO_ARGS, line };
    }
    return found;
  }

  private dotted(): string {
    let name = this.tokens.expect('name').value;
    while (this.tokens.skip('operator', '.')) name += `.${this.tokens.expect('name').value}`;
    return name;
  }

  private test(of: Expression): Expression {
    const { tokens } = this;
    const { line } = tokens.take();
    const negated = tokens.skip('name', 'not');
    const name = this.dotted();
    if (!TESTS.has(name)) this.missing.push({ name: `test '${name}'`, line, conditional: this.conditional });
    let args = NO_ARGS;
    if (tokens.is('operator', '(')) args = this.args();
    else if (
      (['name', 'string', 'integer', 'float'].includes(tokens.now.type) || tokens.is('operator', '[', '{')) &&
      !tokens.is('name', 'else', 'or', 'and')
    ) {
      if (tokens.is('name', 'is')) tokens.fail('You cannot chain multiple tests with is');
      args = { ...NO_ARGS, list: [this.postfix(this.primary())] };
    }
    const test: Expression = { kind: 'test', of, name, args, line };
    return negated ? { kind: 'not', of: test, line } : test;
  }
}
