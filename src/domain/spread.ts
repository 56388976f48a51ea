/** Mean, spread and skewness of a stream of numbers, in one pass. */

/** B. P. Welford, 1962; the third moment as T. B. Terriberry has it, 2007. */
export class Spread {
  count = 0;
  mean = 0;
  min = Infinity;
  max = -Infinity;
  private squares = 0;
  private cubes = 0;

  add(value: number): void {
    const before = value - this.mean;
    this.count++;
    const share = before / this.count;
    this.mean += share;
    this.cubes += before * share * share * (this.count - 1) * (this.count - 2) - 3 * share * this.squares;
    this.squares += before * (value - this.mean);
    this.min = Math.min(this.min, value);
    this.max = Math.max(this.max, value);
  }

  /** Of the population. */
  get standardDeviation(): number {
    return Math.sqrt(this.squares / this.count);
  }

  /** Fisher's g₁, as `scipy.stats.skew` without a correction; 0 where all are the same. */
  get skewness(): number {
    return this.squares === 0 ? 0 : (Math.sqrt(this.count) * this.cubes) / this.squares ** 1.5;
  }
}
