/** How the page's pause, resume, stop and cancel reach the training loop. */
import type { TrainControl } from '../../engine/types';

export class RunControl implements TrainControl {
  readonly signal: AbortSignal;
  paused = false;
  stopRequested = false;
  /** A checkpoint is wanted at the next edge: the page is about to be hidden or frozen. */
  saveRequested = false;
  /** The run that is steered, once it is known. */
  runId: string | null = null;
  edge: NonNullable<TrainControl['edge']> = () => Promise.resolve();
  edgeDue: NonNullable<TrainControl['edgeDue']> = () => false;
  exact = false;
  weightsAt = 0;
  private wake: () => void = () => undefined;
  private waiting: Promise<void> = Promise.resolve();

  constructor(signal: AbortSignal) {
    this.signal = signal;
    signal.addEventListener('abort', () => this.resume());
  }

  pause(): void {
    if (this.paused || this.stopRequested || this.signal.aborted) return;
    this.paused = true;
    this.waiting = new Promise((resolve) => (this.wake = resolve));
  }

  resume(): void {
    this.paused = false;
    this.wake();
  }

  stop(): void {
    this.stopRequested = true;
    this.resume();
  }

  whilePaused(): Promise<void> {
    return this.waiting;
  }
}
