/**
 * One tab writes: the first takes a lock of the browser and holds it as long as it lives; a second one reads until the
 * lock is free.
 */
import { TabtuneError } from '../base/errors';
import { memoryStore } from '../base/bytes';
import type { FileBox } from './files';
import type { RecordBox, Records } from './records';

const LOCK = 'tabtune-writer';
/** A worker that ended with its page (a reload) may hold the lock a moment longer. */
const PATIENCE_MS = 2000;
/** Largest file that a reading tab takes into memory, which is the only way to it while another tab has it open. */
const LARGEST_READ_BYTES = 512 * 2 ** 20;

/** True once the lock is held, which it is until this worker ends; false when the signal gave up first. */
function hold(options: LockOptions): Promise<boolean> {
  return new Promise((resolve, reject) => {
    const held = (): Promise<never> => {
      resolve(true);
      return new Promise(() => undefined);
    };
    navigator.locks.request(LOCK, options, held).catch((thrown: unknown) => {
      if (options.signal?.aborted) resolve(false);
      else reject(thrown instanceof Error ? thrown : new Error(String(thrown)));
    });
  });
}

/** Whether this tab may write from now on: no other one holds the lock. */
export const takeWriting = (): Promise<boolean> => hold({ signal: AbortSignal.timeout(PATIENCE_MS) });

/** Resolves when the tab that writes has ended. */
export const waitForWriting = (): Promise<boolean> => hold({});

/** What a tab that only reads answers to every wish to change something. */
export const readingOnly = (): TabtuneError =>
  new TabtuneError('storage', 'Tabtune is open in another tab, which alone changes what is kept.', {
    fix: 'Go on there, or close that tab and choose “Work here”.',
  });

const refuse = (): Promise<never> => Promise.reject(readingOnly());

/** The files as a reading tab has them: copies in memory, for the writing tab holds the files themselves. */
export function readOnlyFiles(files: FileBox): FileBox {
  return {
    ...files,
    open: async (path) => {
      const bytes = await files.read(path);
      if (bytes.length > LARGEST_READ_BYTES) throw readingOnly();
      const copy = memoryStore();
      copy.append(bytes);
      return copy;
    },
    write: refuse,
    remove: refuse,
  };
}

export function readOnlyRecords(records: Records): Records {
  const box = <T>(held: RecordBox<T>): RecordBox<T> => ({ ...held, put: refuse, remove: refuse, clear: refuse });
  return { datasets: box(records.datasets), runs: box(records.runs), checkpoints: box(records.checkpoints) };
}
