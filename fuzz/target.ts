/** What a fuzz target is: random input for one parser, and what has to hold whatever comes in. */
import fc from 'fast-check';
import { TabtuneError } from '../src/base/errors';

/** What became of the cases of one target. */
export interface Tally {
  cases: number;
  /** Cases that the parser took, and those that it refused with a typed error. */
  accepted: number;
  refused: number;
}

export interface FuzzOptions {
  cases: number;
  seed: number;
  /** Told before each case, counted from 1: whoever watches for hangs knows where it stands. */
  onCase?: (number: number) => void;
}

export interface FuzzTarget {
  name: string;
  /** True where random input can be refused; both outcomes then have to occur, else the target tests nothing. */
  refuses: boolean;
  /** Throws fast-check's report (seed, path, smallest input) at the first case that does not hold. */
  run(options: FuzzOptions): Promise<Tally>;
}

/**
 * What a parser made of an input: a value, or its typed refusal. Anything else that is thrown goes on and fails the
 * case.
 */
export type Outcome<T> = { ok: true; value: T } | { ok: false; error: TabtuneError };

/** Runs a parser. A refusal must say something and must not be an `internal` one, which would be a defect of ours. */
export async function outcomeOf<T>(parse: () => T | Promise<T>): Promise<Outcome<T>> {
  try {
    return { ok: true, value: await parse() };
  } catch (error) {
    if (!(error instanceof TabtuneError))
      throw new Error(`threw ${String(error)}, which is no TabtuneError`, { cause: error });
    if (error.code === 'internal' || error.message === '')
      throw new Error(`refused with the code ${error.code}: ${error.message}`, { cause: error });
    return { ok: false, error };
  }
}

/** Fails the case when the condition does not hold. */
export function holds(condition: boolean, what: string): asserts condition {
  if (!condition) throw new Error(what);
}

/** Fails the case unless both are the same JSON. */
export function agree(ours: unknown, reference: unknown, what: string): void {
  const [a, b] = [JSON.stringify(ours), JSON.stringify(reference)];
  if (a !== b) throw new Error(`${what}: ${a.slice(0, 2000)} instead of ${b.slice(0, 2000)}`);
}

/** A target; `check` throws when something does not hold, and says whether the parser took the input. */
export function fuzzTarget<T>(
  name: string,
  input: fc.Arbitrary<T>,
  check: (input: T) => Promise<boolean> | boolean,
  { refuses = true } = {},
): FuzzTarget {
  return {
    name,
    refuses,
    run: async ({ cases, seed, onCase }) => {
      const tally: Tally = { cases: 0, accepted: 0, refused: 0 };
      const property = fc.asyncProperty(input, async (value) => {
        tally.cases++;
        onCase?.(tally.cases);
        if (await check(value)) tally.accepted++;
        else tally.refused++;
      });
      await fc.assert(property, { numRuns: cases, seed });
      return tally;
    },
  };
}
