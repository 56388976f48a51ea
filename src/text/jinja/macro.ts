/** Macros: what they are given, by Jinja's rules. */
import { roomForList, spend } from './budget';
import { Fault } from './errors';
import { namesUsed } from './names';
import type { Body, Signature } from './nodes';
import type { Scope } from './scope';
import { Dict, Thing, Tuple, Undefined } from './values';
import type { Args, Value } from './values';

export interface MacroParts {
  name: string;
  signature: Signature;
  body: Body;
  scope: Scope;
}

/** A macro, or what `caller` stands for in one. */
export class Macro extends Thing {
  readonly type = 'Macro';
  override readonly call: (args: Args) => Value;

  constructor(
    invoke: (parts: MacroParts, given: ReadonlyMap<string, Value>) => string,
    private readonly parts: MacroParts,
  ) {
    super();
    this.call = (args) => {
      spend();
      return invoke(parts, this.bound(args));
    };
  }

  /** Parameters by name; those that are not given are left out. */
  private bound({ list, named }: Args): Map<string, Value> {
    const { name, signature, body } = this.parts;
    const used = namesUsed(body);
    const given = new Map<string, Value>();
    const rest = new Map(named);
    for (const [at, parameter] of signature.names.entries()) {
      const value = at < list.length ? list[at] : rest.get(parameter);
      if (at >= list.length) rest.delete(parameter);
      if (value !== undefined) given.set(parameter, value);
    }
    if (used.has('caller') && !signature.names.includes('caller')) {
      given.set('caller', rest.get('caller') ?? new Undefined('No caller defined'));
      rest.delete('caller');
    }
    if (used.has('kwargs') && !signature.names.includes('kwargs')) given.set('kwargs', new Dict(rest));
    else if (rest.size > 0) throw new Fault(`macro '${name}' takes no keyword argument '${[...rest.keys()][0] ?? ''}'`);
    if (used.has('varargs') && !signature.names.includes('varargs'))
      given.set('varargs', new Tuple(list.slice(signature.names.length)));
    else if (list.length > signature.names.length)
      throw new Fault(`macro '${name}' takes not more than ${signature.names.length} argument(s)`);
    roomForList(list.length);
    return given;
  }

  override shown(): string {
    return `<Macro '${this.parts.name}'>`;
  }

  override attribute(name: string): Value | undefined {
    if (name === 'name') return this.parts.name;
    return name === 'arguments' ? new Tuple(this.parts.signature.names) : undefined;
  }
}
