/** Takes turns: work that must not overlap (steps of one engine, changes of one data set) runs one after the other. */

export class Turns {
  private last: Promise<unknown> = Promise.resolve();

  /** Runs `work` once everything asked for earlier is done, whether that went well or not. */
  take<T>(work: () => Promise<T>): Promise<T> {
    const mine = this.last.then(work, work);
    this.last = mine.catch(() => undefined);
    return mine;
  }
}
