/** Reads statements: a template becomes a tree. */
import { Expressions } from './expressions';
import { Unsupported } from './errors';
import { tokenize } from './lexer';
import type { Body, Expression, Signature, Statement } from './nodes';
import { Tokens } from './tokens';

/** Tags that need other templates, or HTML. */
const REFUSED: readonly string[] = ['extends', 'include', 'import', 'from', 'autoescape'];
const DEEPEST = 100;

class Parser {
  private readonly expressions: Expressions;
  /** Loops that `break` can leave. */
  private loops = 0;
  private readonly blocks = new Set<string>();
  private depth = 0;

  constructor(private readonly tokens: Tokens) {
    this.expressions = new Expressions(tokens);
  }

  template(): Body {
    const body = this.statements([]);
    const missing = this.expressions.missing.find(({ conditional }) => !conditional);
    if (missing) this.tokens.fail(`No ${missing.name}`, missing.line);
    return body;
  }

  /** Text, output and statements up to one of the words, which is the token then. */
  private statements(ends: readonly string[]): Statement[] {
    const { tokens } = this;
    if (++this.depth > DEEPEST) throw new RangeError('nested too deeply');
    const body: Statement[] = [];
    let parts: (string | Expression)[] = [];
    let { line } = tokens.now;
    const flush = (): void => {
      if (parts.length > 0) body.push({ kind: 'output', parts, line });
      parts = [];
      ({ line } = tokens.now);
    };
    while (!tokens.is('eof')) {
      if (tokens.is('data')) parts.push(tokens.take().value);
      else if (tokens.is('begin', '{{')) {
        tokens.take();
        parts.push(this.expressions.tuple());
        tokens.expect('end', '{{');
      } else {
        flush();
        tokens.expect('begin', '{%');
        if (ends.length > 0 && tokens.is('name', ...ends)) {
          this.depth--;
          return body;
        }
        body.push(this.statement());
        tokens.expect('end', '{%');
      }
    }
    flush();
    if (ends.length > 0) tokens.fail(`Unexpected end of template: ${ends.join(' or ')} is missing`);
    return body;
  }

  /** What stands between a tag and one of the words; the word is taken if there is only one. */
  private block(...ends: readonly string[]): Statement[] {
    this.tokens.skip('operator', ':');
    this.tokens.expect('end', '{%');
    const body = this.statements(ends);
    if (ends.length === 1) this.tokens.take();
    return body;
  }

  /** A block in which nothing is under an `if` any more, and where `loops` can be left. */
  private scope(loops: number, ...ends: readonly string[]): Statement[] {
    const { conditional } = this.expressions;
    const before = this.loops;
    this.expressions.conditional = false;
    this.loops = loops;
    const body = this.block(...ends);
    this.loops = before;
    this.expressions.conditional = conditional;
    return body;
  }

  private statement(): Statement {
    const { tokens, expressions } = this;
    const { value, line } = tokens.expect('name');
    switch (value) {
      case 'for':
        return this.loop(line);
      case 'if':
        return this.condition(line);
      case 'set':
        return this.assignment(line);
      case 'with':
        return this.scoped(line);
      case 'macro': {
        const { value: name } = tokens.expect('name');
        return { kind: 'macro', name, signature: this.signature(), body: this.scope(0, 'endmacro'), line };
      }
      case 'call': {
        const signature = tokens.is('operator', '(') ? this.signature() : { names: [], defaults: [] };
        const call = expressions.expression();
        if (call.kind !== 'call') return tokens.fail('expected call', line);
        return { kind: 'call-block', signature, call, body: this.scope(0, 'endcall'), line };
      }
      case 'filter': {
        const filter = expressions.filters(null, true) ?? tokens.fail('expected a filter');
        return { kind: 'filter-block', filter, body: this.scope(this.loops, 'endfilter'), line };
      }
      case 'generation':
        return { kind: 'generation', body: this.scope(0, 'endgeneration'), line };
      case 'block':
        return this.named(line);
      case 'print':
        return { kind: 'output', parts: this.printed(), line };
      case 'break':
      case 'continue':
        if (this.loops === 0) tokens.fail(`'${value}' outside loop`, line);
        return { kind: value, line };
      default:
        if (REFUSED.includes(value)) throw new Unsupported(`the tag "${value}" (line ${line})`);
        return tokens.fail(`Encountered unknown tag '${value}'`, line);
    }
  }

  private loop(line: number): Statement {
    const { tokens, expressions } = this;
    const target = this.target({ end: 'in' });
    if (namesIn(target).includes('loop')) tokens.fail("Can't assign to special loop variable in for-loop target", line);
    tokens.expect('name', 'in');
    const over = expressions.tuple({ choices: false, end: 'recursive' });
    const { conditional } = expressions;
    expressions.conditional = false;
    const test = tokens.skip('name', 'if') ? expressions.expression() : null;
    expressions.conditional = conditional;
    const recursive = tokens.skip('name', 'recursive');
    const body = this.scope(this.loops + 1, 'endfor', 'else');
    const otherwise = tokens.take().value === 'else' ? this.scope(this.loops, 'endfor') : [];
    return { kind: 'for', target, over, test, recursive, body, otherwise, line };
  }

  private condition(line: number): Statement {
    const { tokens, expressions } = this;
    const { conditional } = expressions;
    expressions.conditional = true;
    const branches: { test: Expression; body: Body }[] = [];
    let otherwise: Body = [];
    for (let word = 'elif'; word !== 'endif';) {
      if (word === 'elif') {
        branches.push({ test: expressions.tuple({ choices: false }), body: this.block('elif', 'else', 'endif') });
        word = tokens.take().value;
      } else {
        otherwise = this.block('endif');
        break;
      }
    }
    expressions.conditional = conditional;
    return { kind: 'if', branches, otherwise, line };
  }

  private assignment(line: number): Statement {
    const { tokens, expressions } = this;
    const target = this.target({ namespaces: true });
    if (tokens.skip('operator', '=')) return { kind: 'set', target, value: expressions.tuple(), line };
    const filter = expressions.filters(null);
    return { kind: 'set-block', target, filter, body: this.scope(this.loops, 'endset'), line };
  }

  private scoped(line: number): Statement {
    const { tokens } = this;
    const targets: Expression[] = [];
    const values: Expression[] = [];
    while (!tokens.is('end')) {
      if (targets.length > 0) tokens.expect('operator', ',');
      targets.push(this.target({}));
      tokens.expect('operator', '=');
      values.push(this.expressions.expression());
    }
    return { kind: 'with', targets, values, body: this.scope(this.loops, 'endwith'), line };
  }

  private named(line: number): Statement {
    const { tokens } = this;
    const { value } = tokens.expect('name');
    if (this.blocks.has(value)) tokens.fail(`block '${value}' defined twice`, line);
    this.blocks.add(value);
    if (tokens.skip('name', 'scoped') || tokens.skip('name', 'required'))
      throw new Unsupported(`a scoped or required block (line ${line})`);
    const body = this.scope(0, 'endblock');
    tokens.skip('name', value);
    return { kind: 'block', body, line };
  }

  private printed(): Expression[] {
    const parts: Expression[] = [];
    while (!this.tokens.is('end')) {
      if (parts.length > 0) this.tokens.expect('operator', ',');
      parts.push(this.expressions.expression());
    }
    return parts;
  }

  private signature(): Signature {
    const { tokens } = this;
    const names: string[] = [];
    const defaults: Expression[] = [];
    tokens.expect('operator', '(');
    while (!tokens.is('operator', ')')) {
      if (names.length > 0) tokens.expect('operator', ',');
      names.push(tokens.expect('name').value);
      if (tokens.skip('operator', '=')) defaults.push(this.expressions.expression());
      else if (defaults.length > 0) tokens.fail('non-default argument follows default argument');
    }
    tokens.take();
    return { names, defaults };
  }

  /** What can be assigned to: names, tuples of them, and attributes of a namespace. */
  private target(how: { namespaces?: boolean; end?: string }): Expression {
    const { line } = this.tokens.now;
    const found = this.expressions.tuple({ simple: true, ...how });
    if (!assignable(found)) this.tokens.fail("can't assign to this", line);
    return found;
  }
}

const RESERVED: readonly string[] = ['true', 'false', 'none', 'True', 'False', 'None'];

function assignable(target: Expression): boolean {
  if (target.kind === 'tuple') return target.items.every(assignable);
  return target.kind === 'namespaced' || (target.kind === 'name' && !RESERVED.includes(target.name));
}

export function namesIn(target: Expression): string[] {
  if (target.kind === 'tuple') return target.items.flatMap(namesIn);
  return target.kind === 'name' ? [target.name] : [];
}

/** A template as a tree. Throws `Fault` for what is no Jinja, and `Unsupported` for parts that are left out. */
export const parse = (template: string): Body => new Parser(new Tokens(tokenize(template))).template();
