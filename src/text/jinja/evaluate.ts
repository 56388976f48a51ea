/** What expressions come to. */
import { joined, spend } from './budget';
import { Fault, Unsupported } from './errors';
import { FILTERS, TESTS } from './registry';
import { calculate, compare, signed } from './math';
import { namesUsed } from './names';
import type { CallArgs, Expression } from './nodes';
import { attributeOf, isSliceable, itemOf, sliceOf } from './objects';
import { printed } from './print';
import type { Scope } from './scope';
import { asText, Dict, iterate, Thing, Tuple, truthy, typeName, Undefined } from './values';
import type { Args, Value } from './values';

export class Evaluator {
  protected named(name: string, scope: Scope): Value {
    const value = scope.find(name);
    if (value === undefined && name === 'self') throw new Unsupported('"self"');
    return value === undefined ? new Undefined(`'${name}' is undefined`) : value;
  }

  protected filtered(filter: Expression, text: Value, scope: Scope): Value {
    if (filter.kind !== 'filter') return text;
    const value = filter.of ? this.filtered(filter.of, text, scope) : text;
    return this.filter(filter.name, value, this.args(filter.args, scope));
  }

  private filter(name: string, value: Value, args: Args): Value {
    const filter = FILTERS.get(name);
    if (!filter) throw new Fault(`No filter named '${name}' found.`);
    return filter(value, args);
  }

  protected called(value: Value, args: Args): Value {
    if (value instanceof Undefined) value.fail();
    if (!(value instanceof Thing) || !value.call) throw new Fault(`'${typeName(value)}' object is not callable`);
    return value.call(args);
  }

  protected args({ list, named, rest, more }: CallArgs, scope: Scope): Args {
    const values = list.map((each) => this.value(each, scope));
    const names = new Map(named.map(([name, each]) => [name, this.value(each, scope)] as const));
    if (rest) values.push(...iterate(this.value(rest, scope)));
    const extra = more && this.value(more, scope);
    if (more && !(extra instanceof Dict)) throw new Fault('argument after ** must be a mapping');
    for (const [key, value] of extra instanceof Dict ? extra.pairs() : []) {
      const name = asText(key);
      if (name === null) throw new Fault('keywords must be strings');
      if (names.has(name)) throw new Fault(`got multiple values for keyword argument '${name}'`);
      names.set(name, value);
    }
    return { list: values, named: names };
  }

  protected value(node: Expression, scope: Scope): Value {
    spend();
    const inner = (each: Expression): Value => this.value(each, scope);
    switch (node.kind) {
      case 'constant':
        return node.value;
      case 'name':
        return this.named(node.name, scope);
      case 'namespaced':
        return attributeOf(this.named(node.name, scope), node.attribute);
      case 'tuple':
        return new Tuple(node.items.map(inner));
      case 'list':
        return node.items.map(inner);
      case 'concat':
        return joined(node.items.map((each) => printed(inner(each))));
      case 'dict':
        return new Dict(node.pairs.map(([key, each]) => [inner(key), inner(each)] as const));
      case 'attribute':
        return attributeOf(inner(node.of), node.name);
      case 'item': {
        const { at } = node;
        const of = inner(node.of);
        if (at.kind !== 'slice') return itemOf(of, inner(at));
        const [from, to, step] = [at.from, at.to, at.step].map((each) => (each ? inner(each) : null));
        // Jinja folds what is constant in another way where it cannot be cut.
        if (!isSliceable(of) && namesUsed(node.of).size === 0) throw new Unsupported('a slice of a constant');
        return sliceOf(of, from ?? null, to ?? null, step ?? null);
      }
      case 'call':
        return this.called(inner(node.of), this.args(node.args, scope));
      case 'filter':
        return this.filter(node.name, node.of ? inner(node.of) : '', this.args(node.args, scope));
      case 'test': {
        const test = TESTS.get(node.name);
        if (!test) throw new Fault(`No test named '${node.name}' found.`);
        return test(inner(node.of), this.args(node.args, scope));
      }
      default:
        return this.operation(node, inner);
    }
  }

  private operation(node: Expression, inner: (node: Expression) => Value): Value {
    switch (node.kind) {
      case 'not':
        return !truthy(inner(node.of));
      case 'sign':
        return signed(node.negative, inner(node.of));
      case 'and':
      case 'or': {
        const left = inner(node.left);
        return truthy(left) === (node.kind === 'or') ? left : inner(node.right);
      }
      case 'choice':
        if (truthy(inner(node.test))) return inner(node.yes);
        return node.no ? inner(node.no) : new Undefined('the inline if-expression evaluated to false and has no else');
      case 'compare': {
        let left = inner(node.first);
        for (const [operator, each] of node.rest) {
          const right = inner(each);
          if (!compare(operator, left, right)) return false;
          left = right;
        }
        return true;
      }
      case 'math':
        return calculate(node.operator, inner(node.left), inner(node.right));
      default:
        throw new Fault('a slice stands where a value should');
    }
  }
}
