/** Takes turns: work that must not overlap (steps of one engine, changes of one data set) runs one after the other. */

export class Turns {
  private last: Promise<unknown> = Promise.resolve();
  private readonly before: () => Promise<void>;

  /** @param before runs at the beginning of every turn; must not throw */
  constructor(before: () => Promise<void> = () => Promise.resolve()) {
    this.before = before;
  }

  /** Runs `work` once everything asked for earlier is done, whether that went well or not. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const turn = (): Promise<T> => this.before().then(work);
    const mine = this.last.then(turn, turn);
    this.last = mine.catch(() => undefined);
    return mine;
  }
}
