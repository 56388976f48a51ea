/**
 * When charts are drawn: one after the other, each in a task of its own, so that the page answers in between; and each
 * only so often, while the model trains on the same processor.
 */

/** Drawings of one chart are at least so far apart: four a second. */
export const DRAWING_GAP_MS = 250;

/** Between two turns: time for React to draw what one has changed, and for the page to answer. */
const TURN_GAP_MS = 20;

/** Who waits for a turn, in order; one that asks again keeps its place, so that none waits for ever. */
const waiting = new Map<object, () => void>();
let timer: ReturnType<typeof setTimeout> | null = null;

function next(): void {
  const [first] = waiting;
  timer = null;
  if (!first) return;
  const [who, work] = first;
  waiting.delete(who);
  if (waiting.size > 0) timer = setTimeout(next, TURN_GAP_MS);
  work();
}

/** Has `work` done in its turn, instead of what `who` waits for already. */
function inTurn(who: object, work: () => void): void {
  waiting.set(who, work);
  timer ??= setTimeout(next);
}

/** Calls `draw` in turn and at its pace; the last request is always served. */
export class Pace {
  private readonly draw: () => void;
  private last = -Infinity;
  private delay: ReturnType<typeof setTimeout> | null = null;

  constructor(draw: () => void) {
    this.draw = draw;
  }

  request(): void {
    if (this.delay !== null || waiting.has(this)) return;
    const wait = this.last + DRAWING_GAP_MS - performance.now();
    if (wait <= 0) this.queue();
    else this.delay = setTimeout(() => this.queue(), wait);
  }

  stop(): void {
    if (this.delay !== null) clearTimeout(this.delay);
    this.delay = null;
    waiting.delete(this);
  }

  private queue(): void {
    this.delay = null;
    inTurn(this, () => {
      this.last = performance.now();
      this.draw();
    });
  }
}
