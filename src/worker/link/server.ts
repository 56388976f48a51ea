/** Turns messages into handler calls and what becomes of them into messages: ids, cancelling, throttled progress. */
import { TabtuneError, throwIfCancelled, toPlainError } from '../../base/errors';
import type { PlainError } from '../../base/errors';
import { nextTurn } from '../../base/turn';
import type { TrainEvent } from '../../domain/run';
import type { FromWorker, Progress, RequestName, Requests, ToWorker } from './protocol';

/** What a handler is given beside its parameters. */
export interface Context {
  readonly signal: AbortSignal;
  /** Sent at most ten times a second; the first and the complete one always. */
  progress(progress: Progress): void;
  trainEvent(event: TrainEvent): void;
  /** A piece of a text that is being written. */
  text(piece: string): void;
}

export type Handlers = {
  [K in RequestName]: (params: Requests[K]['params'], context: Context) => Promise<Requests[K]['result']>;
};

const PROGRESS_INTERVAL_MS = 100;

/** A progress reporter that drops what comes too soon after the last one. */
export function throttledProgress(
  send: (progress: Progress) => void,
  now: () => number = () => performance.now(),
): (progress: Progress) => void {
  let sentAt = -Infinity;
  let label = '';
  return (progress) => {
    const at = now();
    if (progress.label === label && progress.done !== progress.total && at - sentAt < PROGRESS_INTERVAL_MS) return;
    sentAt = at;
    label = progress.label;
    send(progress);
  };
}

/**
 * A thrown value as a plain error; what JavaScript, WebAssembly and WebGPU throw when memory runs out gets a code of
 * its own.
 */
function plainError(thrown: unknown): PlainError {
  const message = thrown instanceof Error ? thrown.message : '';
  if (
    thrown instanceof TabtuneError ||
    !/out of memory|allocation failed|invalid array buffer length|\bOOM\b/i.test(message)
  )
    return toPlainError(thrown);
  return {
    code: 'out-of-memory',
    message: `There is not enough memory: ${message}`,
    fix: 'Choose a smaller batch, a shorter maximum length, the Quick method or a smaller model, and close other tabs.',
  };
}

/** The function that takes every message from the page; answers go out through `post`. */
export function serve(handlers: Handlers, post: (message: FromWorker) => void): (message: ToWorker) => void {
  const running = new Map<number, AbortController>();

  const answer = async <K extends RequestName>(id: number, name: K, params: Requests[K]['params']): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const result = await handlers[name](params, {
        signal: controller.signal,
        progress: throttledProgress((progress) => post({ type: 'progress', id, progress })),
        trainEvent: (event) => post({ type: 'trainEvent', id, event }),
        text: (text) => post({ type: 'text', id, text }),
      });
      post({ type: 'result', id, result });
    } catch (thrown) {
      const error = plainError(thrown);
      // What is neither ours nor an abort is a defect: leave its trace where a developer looks.
      if (error.code === 'internal') console.error(`Request “${name}” failed`, thrown);
      post({ type: 'failed', id, error });
    } finally {
      running.delete(id);
    }
  };

  return (message) => {
    switch (message.type) {
      case 'request':
        void answer(message.id, message.name, message.params);
        return;
      case 'cancel':
        running.get(message.id)?.abort();
        return;
      default:
        message satisfies never;
    }
  };
}

/** Lets messages that have arrived be handled before going on; throws `cancelled` when one of them was a cancel. */
export async function breathe(signal?: AbortSignal): Promise<void> {
  await nextTurn();
  throwIfCancelled(signal);
}

/** How long work may keep the worker from answering, in ms. */
const SLICE_MS = 20;

/** Divides long work into slices, between which other requests have their turn. */
export class Slices {
  private begun = performance.now();

  constructor(private readonly signal: AbortSignal) {}

  /** Whether the slice is used up; then the work rests. */
  get over(): boolean {
    return performance.now() - this.begun >= SLICE_MS;
  }

  /** Throws `cancelled`. */
  async rest(): Promise<void> {
    await breathe(this.signal);
    this.begun = performance.now();
  }
}
