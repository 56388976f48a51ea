/**
 * Small records by id in IndexedDB (or in memory): which data sets and runs there are, and what they need to be
 * reopened.
 */
import { openDB } from 'idb';
import type { IDBPDatabase } from 'idb';
import { z } from 'zod';
import type { RunReaders, RunStart, RunSummary } from '../domain/run';
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
  /** The weights as they were written; absent from records of earlier versions of the app. */
  weights?: KeptFile;
  /** Up to 64 rows, kept so that an export can be proved after the data set has been deleted. */
  replay: unknown[];
}

/** A run as it stands in the database: another version of the app may have written it. */
export type KeptRun = Omit<RunRecord, 'summary'> & { summary: unknown };

/** A file as it was when it was read back. */
export interface KeptFile {
  path: string;
  bytes: number;
  sha256: string;
}

/** One checkpoint: the state at a step's edge, and the best weights so far where the run keeps them. */
export interface CheckpointSave {
  step: number;
  totalSteps: number;
  savedAt: string;
  state: KeptFile;
  best: KeptFile | null;
}

/** The manifest of an unfinished run: a checkpoint counts once it is named here. */
export interface CheckpointRecord {
  version: number;
  /** The run's. */
  id: string;
  createdAt: string;
  start: RunStart;
  /** Newest first; the second is there for the case that the first cannot be read. */
  saves: CheckpointSave[];
}

/** A manifest as it stands in the database. */
export type KeptCheckpoint = Omit<CheckpointRecord, 'start'> & { start: unknown };

export type RecordKind = keyof Records;

const envelope = z.looseObject({ version: z.literal(RECORD_VERSION), id: z.string().min(1), createdAt: z.string() });

/** Whether a value of storage is a record of this version; what it holds beside that is what this app has written. */
export const isRecord = (value: unknown): value is Stamped => envelope.safeParse(value).success;

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
  runs: RecordBox<KeptRun>;
  checkpoints: RecordBox<KeptCheckpoint>;
}

export interface Stamped {
  id: string;
  createdAt: string;
}

const newestFirst = <T extends Stamped>(records: T[]): T[] =>
  records.sort((a, b) => b.createdAt.localeCompare(a.createdAt));

/** Takes records of runs for what this version of the app writes. */
export const AS_WRITTEN: RunReaders = {
  start: (value) => ({ ok: true, value: value as RunStart }),
  summary: (value) => ({ ok: true, value: value as RunSummary }),
  replay: (value) => ({ ok: true, value: value as unknown[] }),
  problem: () => null,
};

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

export const memoryRecords = (): Records => ({ datasets: memoryBox(), runs: memoryBox(), checkpoints: memoryBox() });

/**
 * Stores that each version of the database added; a database of any earlier version is brought up to date step by step.
 */
const ADDED: Record<number, readonly RecordKind[]> = { 1: ['datasets', 'runs'], 2: ['checkpoints'] };
const DATABASE_VERSION = 2;

/** The database, brought up to date. Rejects with `storage` while another tab holds an older version of it open. */
function openDatabase(): Promise<IDBPDatabase> {
  return new Promise((resolve, reject) => {
    const blocked = Object.assign(new Error('The database is open in another tab.'), {
      name: 'NoModificationAllowedError',
    });
    openDB(DATABASE, DATABASE_VERSION, {
      upgrade(database, from) {
        for (let version = from + 1; version <= DATABASE_VERSION; version++)
          for (const store of ADDED[version] ?? []) database.createObjectStore(store, { keyPath: 'id' });
      },
      blocked: () => reject(storageError(blocked, DATABASE)),
      // A later version of the app, in another tab, may bring the database up to date.
      blocking: (_current, _wanted, event) => (event.target as IDBDatabase).close(),
    }).then(resolve, reject);
  });
}

/**
 * Records in IndexedDB. Records of another version or shape are treated as absent; `storage` when the database refuses.
 */
export async function browserRecords(): Promise<Records> {
  const database = await openDatabase();
  const box = <T extends Stamped>(store: RecordKind): RecordBox<T> => {
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
        return isRecord(value) ? (value as T) : null;
      },
      put: async (record) => {
        // Strict: the record is on the disk before it counts.
        const transaction = database.transaction(store, 'readwrite', { durability: 'strict' });
        await guarded(Promise.all([transaction.store.put(record), transaction.done]));
      },
      remove: (id) => guarded(database.delete(store, id)),
      all: async () => newestFirst(((await guarded(database.getAll(store))) as unknown[]).filter(isRecord) as T[]),
      clear: () => guarded(database.clear(store)),
    };
  };
  return {
    datasets: box<DatasetRecord>('datasets'),
    runs: box<KeptRun>('runs'),
    checkpoints: box<KeptCheckpoint>('checkpoints'),
  };
}
