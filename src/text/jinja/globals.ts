/** The functions that a template finds. */
import { cycled } from './loop';
import { integer, take } from './arguments';
import { roomForRange } from './budget';
import { Fault, Refusal, Unsupported } from './errors';
import { dictOf, fromKeys, Namespace } from './objects';
import { printed } from './print';
import { strftime } from './strftime';
import { asText, Func, Range, Thing, Tuple, typeName } from './values';
import type { Args, Value } from './values';

class Cycler extends Thing {
  readonly type = 'Cycler';
  private at = 0;

  constructor(private readonly items: readonly Value[]) {
    super();
    if (items.length === 0) throw new Fault('at least one item has to be provided');
  }

  override attribute(name: string): Value | undefined {
    if (name === 'current') return cycled(this.items, this.at);
    if (name === 'next')
      return new Func((args) => {
        take(args, 'next', []);
        return cycled(this.items, this.at++);
      });
    if (name === 'pos') return this.at % this.items.length;
    if (name === 'items') return new Tuple(this.items);
    if (name !== 'reset') return undefined;
    return new Func(() => {
      this.at = 0;
      return null;
    });
  }
}

function joiner(args: Args): Value {
  const [separator = ', '] = take(args, 'joiner', ['sep?']);
  let used = false;
  return new Func(() => {
    const given = used ? separator : '';
    used = true;
    return given;
  });
}

/** Most numbers that Jinja's sandbox counts. */
const LONGEST_RANGE = 100_000;

function range({ list, named }: Args): Range {
  if (list.length < 1 || list.length > 3 || named.size > 0) throw new Fault('range expected 1 to 3 arguments');
  const [first = 0, second, step = 1] = list.map((value) => integer(value, 0));
  if (step === 0) throw new Fault('range() arg 3 must not be zero');
  const made = second === undefined ? new Range(0, first, 1) : new Range(first, second, step);
  if (made.length > LONGEST_RANGE) roomForRange(made.length);
  if (made.length > LONGEST_RANGE) throw new Fault('Range too big');
  roomForRange(made.length);
  return made;
}

class DictType extends Thing {
  readonly type = 'TemplateDict';
  override readonly call = dictOf;
  override attribute(name: string): Value | undefined {
    return name === 'fromkeys' ? new Func(fromKeys) : undefined;
  }
}

/** What every template of transformers can call. @param now gives `strftime_now` its time */
export function globals(now: () => Date): Map<string, Value> {
  return new Map<string, Value>([
    ['range', new Func(range)],
    ['dict', new DictType()],
    ['namespace', new Func((args) => new Namespace(args))],
    ['cycler', new Func(({ list }) => new Cycler(list))],
    ['joiner', new Func(joiner)],
    [
      'lipsum',
      new Func(() => {
        throw new Unsupported('"lipsum"');
      }),
    ],
    [
      'raise_exception',
      new Func((args) => {
        throw new Refusal(printed(take(args, 'raise_exception', ['message'])[0] ?? null));
      }),
    ],
    [
      'strftime_now',
      new Func((args) => {
        const [format = null] = take(args, 'strftime_now', ['format']);
        const text = asText(format);
        if (text === null) throw new Fault(`strftime() argument 1 must be str, not ${typeName(format)}`);
        return strftime(text, now());
      }),
    ],
  ]);
}
