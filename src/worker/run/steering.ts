/** The person's wishes for the run that is training, and what the loop's next yield is answered with. */
import type { TrainWish } from '../../engine/training/wishes';

export class Steering {
  readonly signal: AbortSignal;
  /** The run that is steered, once it is known. */
  runId: string | null = null;
  private paused = false;
  private stopping = false;
  private saving = false;
  private wake: () => void = () => undefined;
  private waiting: Promise<void> = Promise.resolve();

  constructor(signal: AbortSignal) {
    this.signal = signal;
    signal.addEventListener('abort', () => this.resume());
  }

  pause(): void {
    if (this.paused || this.stopping || this.signal.aborted) return;
    this.paused = true;
    this.waiting = new Promise((resolve) => (this.wake = resolve));
  }

  resume(): void {
    this.paused = false;
    this.wake();
  }

  /** Stops and keeps what was learned. */
  stop(): void {
    this.stopping = true;
    this.resume();
  }

  /** A checkpoint is wanted at the next edge: the page is about to be hidden or frozen. */
  saveNow(): void {
    this.saving = true;
  }

  /** Whether the person's wishes want the state kept: asked for, or about to pause. */
  get wantsSaved(): boolean {
    return this.saving || this.paused;
  }

  /** Notes that the state has been kept. */
  saved(): void {
    this.saving = false;
  }

  /** Resolves at once unless paused; then when resumed, stopped or cancelled. */
  whilePaused(): Promise<void> {
    return this.waiting;
  }

  /**
   * What the loop is to do next; asked at every yield, so that a wish that could not be granted is asked for again.
   * @param due what is wanted beside the person's wishes; a state that is due is kept before a pause begins
   */
  wish(due: { save: boolean; look: boolean }): TrainWish | undefined {
    if (this.stopping) return 'stop';
    if (due.save) return 'save';
    if (this.paused) return 'pause';
    return due.look ? 'exact' : undefined;
  }
}
