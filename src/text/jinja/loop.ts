/** The loop that a template is in. */
import { take } from './arguments';
import { Fault } from './errors';
import { equal, Func, iterate, lengthOf, Lazy, Thing, Tuple, Undefined } from './values';
import type { Args, Value } from './values';

/** What `for` gives to its body under the name `loop`. */
export class Loop extends Thing {
  readonly type = 'LoopContext';
  index0 = -1;
  private iterator: Iterator<Value, void>;
  private known: number | null = null;
  private current: Value | undefined;
  private before: Value | undefined;
  /** Items that were looked at before their turn. */
  private ahead: Value[] = [];
  private changedFrom: Value | undefined;
  override readonly call: (args: Args) => Value;

  /** @param again writes the loop once more over other values, one level deeper; null where it is not recursive */
  constructor(
    over: Value,
    private readonly depth0: number,
    again: ((value: Value, depth: number) => string) | null,
  ) {
    super();
    this.iterator = iterate(over);
    if (!(over instanceof Lazy)) this.known = lengthOf(over);
    this.call = (args) => {
      const [value = null] = take(args, 'loop', ['iterable']);
      if (!again) throw new Fault("The loop must have the 'recursive' marker to be called recursively.");
      return again(value, this.depth0 + 1);
    };
  }

  /** The next item, or undefined at the end. */
  advance(): Value | undefined {
    const next = this.peek();
    if (next === undefined) return undefined;
    this.ahead.shift();
    this.index0++;
    this.before = this.current;
    return (this.current = next);
  }

  private peek(): Value | undefined {
    if (this.ahead.length === 0) {
      const next = this.iterator.next();
      if (!next.done) this.ahead.push(next.value);
    }
    return this.ahead[0];
  }

  private get length(): number {
    if (this.known === null) {
      for (let next = this.iterator.next(); !next.done; next = this.iterator.next()) this.ahead.push(next.value);
      this.known = this.index0 + 1 + this.ahead.length;
    }
    return this.known;
  }

  override shown(): string {
    return `<LoopContext ${this.index0 + 1}/${this.length}>`;
  }

  override attribute(name: string): Value | undefined {
    switch (name) {
      case 'index0':
        return this.index0;
      case 'index':
        return this.index0 + 1;
      case 'length':
        return this.length;
      case 'revindex0':
        return this.length - this.index0 - 1;
      case 'revindex':
        return this.length - this.index0;
      case 'first':
        return this.index0 === 0;
      case 'last':
        return this.peek() === undefined;
      case 'previtem':
        return given(this.before, 'there is no previous item');
      case 'nextitem':
        return given(this.peek(), 'there is no next item');
      case 'depth0':
        return this.depth0;
      case 'depth':
        return this.depth0 + 1;
      case 'cycle':
        return new Func(({ list }) => cycled(list, this.index0));
      case 'changed':
        return new Func(({ list }) => {
          const value = new Tuple(list);
          const changed = this.changedFrom === undefined || !equal(this.changedFrom, value);
          this.changedFrom = value;
          return changed;
        });
      default:
        return undefined;
    }
  }
}

const given = (value: Value | undefined, otherwise: string): Value =>
  value === undefined ? new Undefined(otherwise) : value;

export function cycled(list: readonly Value[], at: number): Value {
  if (list.length === 0) throw new Fault('no items for cycling given');
  return list[at % list.length] ?? null;
}
