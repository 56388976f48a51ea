/**
 * Says whether a regular expression from a stranger's file can take exponential or high polynomial time; such ones are
 * never run.
 */

/** Longest pattern that is looked at; the longest in use have some 2,000 characters. */
export const LONGEST_PATTERN = 8192;
/** Repetitions without a bound that may follow each other in one alternative. Tokenizers in use have two. */
const MOST_LOOPS = 2;
/** A count above this is as good as no bound. */
const BOUNDED = 32;
const DEEPEST = 50;

/**
 * What matters of a part: unbounded repetitions on its costliest way through, whether its length varies, and whether it
 * has alternatives.
 */
interface Cost {
  loops: number;
  varies: boolean;
  choices: boolean;
}

class Costly extends Error {}

/**
 * The reason why a JavaScript pattern (`u` flag) is not run, or null. Refused are repeated groups that themselves
 * repeat or offer alternatives (`(a+)+`, `(a|a)*`: exponential), more than two open repetitions in a row (`.*.*.*x`),
 * back-references, and what is too long or too deep to be a tokenizer's. Character classes are not compared, so that
 * some harmless patterns are refused too; none in use is known to be.
 */
export function whyCostly(pattern: string): string | null {
  if (pattern.length > LONGEST_PATTERN) return `it has ${pattern.length} characters`;
  try {
    const reader = new PatternReader(pattern);
    const { loops } = reader.alternatives(0);
    return loops > MOST_LOOPS ? 'it has too many open repetitions in a row' : null;
  } catch (error) {
    if (error instanceof Costly) return error.message;
    throw error;
  }
}

class PatternReader {
  private at = 0;
  constructor(private readonly text: string) {}

  alternatives(depth: number): Cost {
    if (depth > DEEPEST) throw new Costly('it is nested too deeply');
    const cost: Cost = { loops: 0, varies: false, choices: false };
    for (;;) {
      const one = this.sequence(depth);
      cost.loops = Math.max(cost.loops, one.loops);
      cost.varies ||= one.varies;
      cost.choices ||= one.choices;
      if (this.text[this.at] !== '|') return cost;
      cost.choices = true;
      this.at++;
    }
  }

  private sequence(depth: number): Cost {
    const cost: Cost = { loops: 0, varies: false, choices: false };
    while (this.at < this.text.length && this.text[this.at] !== '|' && this.text[this.at] !== ')') {
      const atom = this.atom(depth);
      const { least, most } = this.quantifier();
      const repeats = most > 1;
      if (repeats && (atom.varies || atom.choices))
        throw new Costly('it repeats a group that itself repeats or offers alternatives');
      cost.loops += atom.loops + (most > BOUNDED ? 1 : 0);
      cost.varies ||= atom.varies || (repeats && least !== most);
      cost.choices ||= atom.choices;
    }
    return cost;
  }

  private atom(depth: number): Cost {
    const plain: Cost = { loops: 0, varies: false, choices: false };
    const character = this.text[this.at++];
    if (character === '\\') {
      if (/[1-9k]/.test(this.text[this.at] ?? '')) throw new Costly('it refers back to what it found');
      // `\p{Letter}` and `\u{1f600}` take their braces along.
      const named = /[pPux]\{[^}]*\}/y;
      named.lastIndex = this.at;
      this.at += named.exec(this.text)?.[0].length ?? 1;
    } else if (character === '[') this.skipClass();
    else if (character === '(') {
      const opening = /\?(?:[:=!>]|<[=!]|<[^>]*>|[a-z-]+:|[a-z-]+(?=\)))/y;
      opening.lastIndex = this.at;
      this.at += opening.exec(this.text)?.[0].length ?? 0;
      const inner = this.alternatives(depth + 1);
      this.at++;
      return inner;
    }
    return plain;
  }

  /** As JavaScript reads it: up to the first bracket that is not escaped. */
  private skipClass(): void {
    while (this.at < this.text.length && this.text[this.at] !== ']') this.at += this.text[this.at] === '\\' ? 2 : 1;
    this.at++;
  }

  private quantifier(): { least: number; most: number } {
    const written = /(?:[*+?]|\{(\d*)(,?)(\d*)\})[?+]?/y;
    written.lastIndex = this.at;
    const found = written.exec(this.text);
    if (!found || found[0].startsWith('{}') || found[0] === '{,}') return { least: 1, most: 1 };
    this.at += found[0].length;
    if (found[0].startsWith('?')) return { least: 0, most: 1 };
    if (found[0].startsWith('*')) return { least: 0, most: Infinity };
    if (found[0].startsWith('+')) return { least: 1, most: Infinity };
    const least = Number(found[1] ?? 0);
    return { least, most: found[2] === '' ? least : found[3] === '' ? Infinity : Number(found[3]) };
  }
}
