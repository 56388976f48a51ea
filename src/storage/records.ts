/** Small records by id in IndexedDB (or in memory): which data sets and runs there are, and what they need to be reopened. */
import { openDB } from 'idb';
import { z } from 'zod';
import type { RunSummary } from '../domain/run';
import type { Example } from '../domain/task';
import { storageError } from './files';

/** Raise it when a record's shape changes in a way that older records cannot be read as. */
const RECORD_VERSION = 1;
const DATABASE = 'tabtune';

export interface DatasetRecord {
  version: number;
  id: string;
  name: string;
  sha256: string;
  createdAt: string;
  /** What the data set needs, beside its two files, to be reopened; checked by whoever reopens it. */
  state: unknown;
}

export interface RunRecord {
  version: number;
  id: string;
  createdAt: string;
  summary: RunSummary;
  /** Up to 64 rows, kept so that an export can be proved after the data set has been deleted. */
  replay: Example[];
}

const envelope = z.looseObject({ version: z.literal(RECORD_VERSION), id: z.string().min(1), createdAt: z.string() });

/** Records of one kind by id. */
export interface RecordBox<T> {
  get(id: string): Promise<T | null>;
  put(record: T): Promise<void>;
  remove(id: string): Promise<void>;
  /** Newest first. */
  all(): Promise<T[]>;
  clear(): Promise<void>;
}

export interface Records {
  datasets: RecordBox<DatasetRecord>;
  runs: RecordBox<RunRecord>;
}

interface Stamped {
  id: string;
  createdAt: string;
}

const newestFirst = <T extends Stamped>(records: T[]): T[] => records.sort((a, b) => b.createdAt.localeCompare(a.createdAt));

/** A record without its version, stamped with the current one. */
export const stamp = <T extends object>(record: T): T & { version: number } => ({ ...record, version: RECORD_VERSION });

function memoryBox<T extends Stamped>(): RecordBox<T> {
  const held = new Map<string, T>();
  return {
    get: (id) => Promise.resolve(held.get(id) ?? null),
    put: (record) => {
      held.set(record.id, structuredClone(record));
      return Promise.resolve();
    },
    remove: (id) => {
      held.delete(id);
      return Promise.resolve();
    },
    all: () => Promise.resolve(newestFirst([...held.values()])),
    clear: () => {
      held.clear();
      return Promise.resolve();
    },
  };
}

export const memoryRecords = (): Records => ({ datasets: memoryBox(), runs: memoryBox() });

/** Records in IndexedDB. Records of another version or shape are treated as absent; `storage` when the database refuses. */
export async function browserRecords(): Promise<Records> {
  const database = await openDB(DATABASE, 1, {
    upgrade(fresh) {
      fresh.createObjectStore('datasets', { keyPath: 'id' });
      fresh.createObjectStore('runs', { keyPath: 'id' });
    },
  });
  const box = <T extends Stamped>(store: 'datasets' | 'runs'): RecordBox<T> => {
    const readable = (value: unknown): value is T => envelope.safeParse(value).success;
    const guarded = async <R>(work: Promise<R>): Promise<R> => {
      try {
        return await work;
      } catch (thrown) {
        throw storageError(thrown, store);
      }
    };
    return {
      get: async (id) => {
        const value: unknown = await guarded(database.get(store, id));
        return readable(value) ? value : null;
      },
      put: async (record) => {
        await guarded(database.put(store, record));
      },
      remove: (id) => guarded(database.delete(store, id)),
      all: async () => newestFirst(((await guarded(database.getAll(store))) as unknown[]).filter(readable)),
      clear: () => guarded(database.clear(store)),
    };
  };
  return { datasets: box<DatasetRecord>('datasets'), runs: box<RunRecord>('runs') };
}
