/** Time and rates of a run; pauses do not count. */

/** Steps over which rates are averaged. */
const WINDOW = 20;

export class Stopwatch {
  private started = performance.now();
  private held: number;
  private readonly marks: { at: number; examples: number; tokens: number }[];

  /** @param elapsedMs time that counts already, of a run that goes on */
  constructor(elapsedMs = 0) {
    this.held = elapsedMs;
    this.marks = [{ at: elapsedMs, examples: 0, tokens: 0 }];
  }

  get elapsedMs(): number {
    return this.held + performance.now() - this.started;
  }

  pause(): void {
    this.held = this.elapsedMs;
    this.started = performance.now();
  }

  /** Call after pause(); the time in between is left out. */
  resume(): void {
    this.started = performance.now();
  }

  /** Notes a finished step. */
  count(examples: number, tokens: number): void {
    const last = this.marks.at(-1);
    this.marks.push({
      at: this.elapsedMs,
      examples: (last?.examples ?? 0) + examples,
      tokens: (last?.tokens ?? 0) + tokens,
    });
    if (this.marks.length > WINDOW + 1) this.marks.shift();
  }

  get examplesPerSecond(): number {
    return this.rate('examples');
  }

  get tokensPerSecond(): number {
    return this.rate('tokens');
  }

  private rate(what: 'examples' | 'tokens'): number {
    const [first, last] = [this.marks[0], this.marks.at(-1)];
    if (!first || !last || last.at <= first.at) return 0;
    return ((last[what] - first[what]) * 1000) / (last.at - first.at);
  }
}
