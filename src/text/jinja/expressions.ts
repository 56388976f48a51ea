/** Reads expressions: https://jinja.palletsprojects.com/templates/#expressions, with Jinja's own precedence. */
import { Atoms } from './atoms';
import type { Calculated, Compared, Expression } from './nodes';

const COMPARED: readonly string[] = ['==', '!=', '<', '<=', '>', '>='];
/** Brackets within brackets, and the like. */
const DEEPEST = 200;

export class Expressions extends Atoms {
  private depth = 0;

  override expression(choices = true): Expression {
    if (++this.depth > DEEPEST) throw new RangeError('nested too deeply');
    const found = choices ? this.choice() : this.either();
    this.depth--;
    return found;
  }

  private choice(): Expression {
    const { tokens, missing } = this;
    const before = missing.length;
    let found = this.either();
    while (tokens.is('name', 'if')) {
      const { line } = tokens.take();
      const test = this.either();
      const no = tokens.skip('name', 'else') ? this.choice() : null;
      found = { kind: 'choice', test, yes: found, no, line };
      for (const one of missing.slice(before)) one.conditional = true;
    }
    return found;
  }

  private either(): Expression {
    let left = this.both();
    while (this.tokens.is('name', 'or')) {
      const { line } = this.tokens.take();
      left = { kind: 'or', left, right: this.both(), line };
    }
    return left;
  }

  private both(): Expression {
    let left = this.negated();
    while (this.tokens.is('name', 'and')) {
      const { line } = this.tokens.take();
      left = { kind: 'and', left, right: this.negated(), line };
    }
    return left;
  }

  private negated(): Expression {
    if (!this.tokens.is('name', 'not')) return this.compared();
    const { line } = this.tokens.take();
    if (++this.depth > DEEPEST) throw new RangeError('nested too deeply');
    const of = this.negated();
    this.depth--;
    return { kind: 'not', of, line };
  }

  private compared(): Expression {
    const { tokens } = this;
    const { line } = tokens.now;
    const first = this.sum();
    const rest: [Compared, Expression][] = [];
    for (;;) {
      if (tokens.is('operator', ...COMPARED)) rest.push([tokens.take().value as Compared, this.sum()]);
      else if (tokens.skip('name', 'in')) rest.push(['in', this.sum()]);
      else if (tokens.is('name', 'not') && tokens.next.type === 'name' && tokens.next.value === 'in') {
        tokens.take();
        tokens.take();
        rest.push(['not in', this.sum()]);
      } else return rest.length === 0 ? first : { kind: 'compare', first, rest, line };
    }
  }

  private sum(): Expression {
    return this.math(['+', '-'], () => this.concat());
  }

  private concat(): Expression {
    const { line } = this.tokens.now;
    const items = [this.product()];
    while (this.tokens.skip('operator', '~')) items.push(this.product());
    return items.length === 1 && items[0] ? items[0] : { kind: 'concat', items, line };
  }

  private product(): Expression {
    return this.math(['*', '/', '//', '%'], () => this.math(['**'], () => this.unary(true)));
  }

  private math(operators: readonly Calculated[], operand: () => Expression): Expression {
    let left = operand();
    while (this.tokens.is('operator', ...operators)) {
      const { value, line } = this.tokens.take();
      left = { kind: 'math', operator: value as Calculated, left, right: operand(), line };
    }
    return left;
  }

  private unary(filtered: boolean): Expression {
    const { tokens } = this;
    let found: Expression;
    if (tokens.is('operator', '-', '+')) {
      const { value, line } = tokens.take();
      if (++this.depth > DEEPEST) throw new RangeError('nested too deeply');
      found = { kind: 'sign', negative: value === '-', of: this.unary(false), line };
      this.depth--;
    } else found = this.primary();
    found = this.postfix(found);
    return filtered ? this.filtered(found) : found;
  }
}
