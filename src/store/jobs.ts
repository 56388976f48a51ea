/** Long work as the page shows it: what is being done, how far it is, and a way to cancel it. */
import { toPlainError, type PlainError } from '../base/errors';
import type { Progress } from '../worker/link/protocol';

/** Work under way. `total` is null when it cannot be known; `startedAt` is milliseconds of `performance.now()`. */
export interface Job {
  label: string;
  done: number;
  total: number | null;
  unit: Progress['unit'];
  startedAt: number;
  cancel: () => void;
}

/** What a piece of work gets from `runJob`, ready to be passed to the worker client. */
export interface JobHooks {
  signal: AbortSignal;
  onProgress: (progress: Progress) => void;
}

/**
 * Runs `work` with a cancel signal and reports its progress through `show`, and null at its end.
 * Rejects as `work` does.
 */
export async function runJob<T>(
  label: string,
  show: (job: Job | null) => void,
  work: (hooks: JobHooks) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const cancel = (): void => controller.abort();
  let job: Job = { label, done: 0, total: null, unit: 'rows', startedAt: performance.now(), cancel };
  show(job);
  try {
    return await work({
      signal: controller.signal,
      onProgress: (progress) => {
        // A new label is a new stage: its time left is counted from its own start.
        const startedAt = progress.label === job.label ? job.startedAt : performance.now();
        job = { ...progress, startedAt, cancel };
        show(job);
      },
    });
  } finally {
    show(null);
  }
}

/** The error to show for a thrown value; null for a cancelled piece of work, which is no error to the person. */
export function errorToShow(thrown: unknown): PlainError | null {
  const plain = toPlainError(thrown);
  return plain.code === 'cancelled' ? null : plain;
}
