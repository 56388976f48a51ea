/** Runs a template: https://jinja.palletsprojects.com/templates/ as transformers sets it up. */
import { spend } from './budget';
import { Fault } from './errors';
import { Evaluator } from './evaluate';
import { Loop } from './loop';
import { Macro } from './macro';
import type { MacroParts } from './macro';
import type { Body, Expression, Statement, StatementOf } from './nodes';
import { Namespace } from './objects';
import { printed } from './print';
import { Output, Scope } from './scope';
import { iterable, iterate, Lazy, truthy, Undefined } from './values';
import type { Value } from './values';

/** Macros within macros. */
const DEEPEST = 200;

type Left = 'break' | 'continue' | null;

/** A span of characters that the assistant writes. */
export type Span = readonly [number, number];

export class Rendering extends Evaluator {
  /** What stands in `generation` blocks. */
  readonly generated: Span[] = [];
  private readonly root: Scope;
  private readonly written = new Output();
  private depth = 0;
  /** The line of the statement that runs. */
  line = 1;

  constructor(variables: ReadonlyMap<string, Value>) {
    super();
    const outer = new Scope(null);
    for (const [name, value] of variables) outer.set(name, value);
    this.root = new Scope(outer);
  }

  run(body: Body): string {
    this.body(body, this.root, this.written);
    return this.written.text;
  }

  private body(body: Body, scope: Scope, out: Output): Left {
    for (const statement of body) {
      const left = this.statement(statement, scope, out);
      if (left) return left;
    }
    return null;
  }

  /** A body's text, in a scope of its own. */
  private buffered(body: Body, scope: Scope): { text: string; left: Left } {
    const out = new Output();
    const left = this.body(body, new Scope(scope), out);
    return { text: out.text, left };
  }

  private statement(node: Statement, scope: Scope, out: Output): Left {
    spend();
    this.line = node.line;
    switch (node.kind) {
      case 'output':
        for (const part of node.parts) out.write(typeof part === 'string' ? part : printed(this.value(part, scope)));
        return null;
      case 'for':
        return this.loop(node, scope, out);
      case 'if': {
        const taken = node.branches.find(({ test }) => truthy(this.value(test, scope)));
        return this.body(taken?.body ?? node.otherwise, scope, out);
      }
      case 'set':
        this.assign(node.target, this.value(node.value, scope), scope);
        return null;
      case 'set-block':
      case 'filter-block': {
        const { text, left } = this.buffered(node.body, scope);
        if (left) return left;
        const value = node.filter ? this.filtered(node.filter, text, scope) : text;
        if (node.kind === 'set-block') this.assign(node.target, value, scope);
        else out.write(printed(value));
        return null;
      }
      case 'with': {
        const inner = new Scope(scope);
        // Values are read before any name is set.
        const values = node.values.map((value) => this.value(value, scope));
        for (const [at, target] of node.targets.entries()) this.assign(target, values[at] ?? null, inner);
        return this.body(node.body, inner, out);
      }
      case 'macro':
        scope.set(node.name, new Macro((parts, given) => this.invoke(parts, given), { ...node, scope }));
        return null;
      case 'call-block':
        out.write(this.calling(node, scope));
        return null;
      case 'generation': {
        const { text } = this.buffered(node.body, scope);
        // As transformers counts: from the text that is written for good, not from what a macro holds back.
        this.generated.push([this.written.length, this.written.length + text.length]);
        out.write(text);
        return null;
      }
      case 'block':
        this.body(node.body, new Scope(this.root), out);
        return null;
      default:
        return node.kind;
    }
  }

  /** What a macro writes that is given a block as its `caller`. */
  private calling({ call, signature, body }: StatementOf<'call-block'>, scope: Scope): string {
    const caller = new Macro((parts, given) => this.invoke(parts, given), { name: 'caller', signature, body, scope });
    const { list, named } = this.args(call.args, scope);
    return printed(this.called(this.value(call.of, scope), { list, named: new Map([...named, ['caller', caller]]) }));
  }

  private loop(node: StatementOf<'for'>, scope: Scope, out: Output): Left {
    const over = this.value(node.over, scope);
    const again = (value: Value, depth: number): string => {
      const inner = new Output();
      this.deeper(() => this.iterate(node, { over: value, depth, again, scope, out: inner }));
      return inner.text;
    };
    if (node.recursive) {
      out.write(again(over, 0));
      return null;
    }
    return this.iterate(node, { over, depth: 0, again: null, scope, out });
  }

  private iterate(
    node: StatementOf<'for'>,
    {
      over,
      depth,
      again,
      scope,
      out,
    }: {
      over: Value;
      depth: number;
      again: ((value: Value, depth: number) => string) | null;
      scope: Scope;
      out: Output;
    },
  ): Left {
    const { test } = node;
    const values = test ? new Lazy(this.chosen(node, test, over, scope)) : iterable(over);
    const loop = new Loop(values, depth, again);
    let finished = false;
    for (let item = loop.advance(); item !== undefined; item = loop.advance()) {
      const inner = new Scope(scope);
      this.assign(node.target, item, inner);
      inner.set('loop', loop);
      const left = this.body(node.body, inner, out);
      if (left === 'break') break;
      if (left === null) finished = true;
    }
    // Jinja takes a loop for empty in which no body came to its end.
    return finished ? null : this.body(node.otherwise, new Scope(scope), out);
  }

  private *chosen({ target }: StatementOf<'for'>, test: Expression, over: Value, scope: Scope): Generator<Value, void> {
    for (const item of iterate(over)) {
      const inner = new Scope(scope);
      this.assign(target, item, inner);
      if (truthy(this.value(test, inner))) yield item;
    }
  }

  private assign(target: Expression, value: Value, scope: Scope): void {
    if (target.kind === 'name') scope.set(target.name, value);
    else if (target.kind === 'namespaced') {
      const space = this.named(target.name, scope);
      if (!(space instanceof Namespace)) throw new Fault('cannot assign attribute on non-namespace object');
      space.set(target.attribute, value);
    } else if (target.kind === 'tuple') {
      const items = [...iterate(value)];
      if (items.length !== target.items.length)
        throw new Fault(`expected ${target.items.length} values to unpack, got ${items.length}`);
      for (const [at, inner] of target.items.entries()) this.assign(inner, items[at] ?? null, scope);
    }
  }

  private deeper<T>(run: () => T): T {
    if (++this.depth > DEEPEST) throw new RangeError('nested too deeply');
    const found = run();
    this.depth--;
    return found;
  }

  /** What a macro writes with these values for its parameters. */
  private invoke({ signature, body, scope }: MacroParts, given: ReadonlyMap<string, Value>): string {
    const inner = new Scope(scope);
    const { names, defaults } = signature;
    for (const [name, value] of given) if (!names.includes(name)) inner.set(name, value);
    for (const [at, name] of names.entries()) {
      const own = defaults[at - names.length + defaults.length];
      let value = given.get(name);
      if (value === undefined && own) value = this.value(own, inner);
      inner.set(name, value === undefined ? new Undefined(`parameter '${name}' was not provided`) : value);
    }
    const out = new Output();
    this.deeper(() => this.body(body, inner, out));
    return out.text;
  }
}
