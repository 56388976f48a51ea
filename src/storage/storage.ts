/**
 * What Tabtune keeps in this browser: data sets, finished runs and their weights, checkpoints of unfinished ones. Files
 * without a record are removed at the start.
 */
import { isObject } from '../base/json';
import { sha256Hex } from '../base/bytes';
import type { ByteStore } from '../base/bytes';
import type { RunReaders } from '../domain/run';
import { readOnlyFiles, readOnlyRecords, readingOnly, takeWriting } from './access';
import { Checkpoints, readWhole } from './checkpoints';
import type { FileBox } from './files';
import { memoryFiles, opfsFiles } from './files';
import { copiedRecords, copyPath, lostRecords } from './record-copies';
import type { DatasetRecord, KeptRun, RecordBox, RecordKind, Records, RunRecord, Stamped } from './records';
import { AS_WRITTEN, browserRecords, memoryRecords, stamp } from './records';

export interface DatasetFiles {
  rows: ByteStore;
  index: ByteStore;
}

export interface KeptSize {
  id: string;
  name: string;
  createdAt: string;
  bytes: number;
}

const rowsFile = (id: string): string => `datasets/${id}.rows`;
const indexFile = (id: string): string => `datasets/${id}.index`;
const scratchFile = (id: string): string => `scratch/${id}`;
const weightsFile = (id: string): string => `runs/${id}.safetensors`;

/**
 * Data sets and runs over a box of files and a box of records; both must be durable for anything to outlive the tab.
 */
export class Storage {
  private readonly files: FileBox;
  private readonly records: Records;
  private readonly readers: RunReaders;
  /** Of runs that have not ended. */
  readonly checkpoints: Checkpoints;

  /** False in a tab that only reads, because another one writes. */
  readonly writable: boolean;

  /** @param readers for records that another version of the app may have written */
  constructor(files: FileBox, records: Records, readers: RunReaders = AS_WRITTEN, writable = true) {
    this.files = writable ? files : readOnlyFiles(files);
    this.records = writable ? records : readOnlyRecords(records);
    this.readers = readers;
    this.writable = writable;
    this.checkpoints = new Checkpoints(this.files, this.records.checkpoints, readers);
  }

  /** Throws `storage` in a tab that only reads. */
  refuseReader(): void {
    if (!this.writable) throw readingOnly();
  }

  /** False when the browser keeps nothing (private window, storage refused). */
  get durable(): boolean {
    return this.files.durable;
  }

  /** Opens (or makes) the two files of a data set; close them before another opening. */
  async openDatasetFiles(id: string): Promise<DatasetFiles> {
    const rows = await this.files.open(rowsFile(id));
    try {
      return { rows, index: await this.files.open(indexFile(id)) };
    } catch (thrown) {
      rows.close();
      throw thrown;
    }
  }

  /** Opens a file that nobody keeps: what is left of it when the tab ends is removed at the next start. */
  async openScratch(): Promise<{ store: ByteStore; remove: () => Promise<void> }> {
    const path = scratchFile(crypto.randomUUID());
    const store = await this.files.open(path);
    return {
      store,
      remove: () => {
        store.close();
        return this.files.remove(path);
      },
    };
  }

  /** The two files of a data set, whole. */
  async datasetBytes(id: string): Promise<{ rows: Uint8Array<ArrayBuffer>; index: Uint8Array<ArrayBuffer> }> {
    return { rows: await this.files.read(rowsFile(id)), index: await this.files.read(indexFile(id)) };
  }

  putDataset = (record: Omit<DatasetRecord, 'version'>): Promise<void> => this.records.datasets.put(stamp(record));
  dataset = (id: string): Promise<DatasetRecord | null> => this.records.datasets.get(id);
  datasets = (): Promise<DatasetRecord[]> => this.records.datasets.all();

  /** Removes record and files; the files must be closed. */
  async deleteDataset(id: string): Promise<void> {
    await this.records.datasets.remove(id);
    await this.files.remove(rowsFile(id));
    await this.files.remove(indexFile(id));
  }

  /**
   * Keeps a finished run: the weights first, then the record that makes it count. Its checkpoints have done their
   * service.
   */
  async putRun(record: Omit<RunRecord, 'version' | 'weights'>, weights: Uint8Array<ArrayBuffer>): Promise<void> {
    const kept = { path: weightsFile(record.id), bytes: weights.length, sha256: await sha256Hex(weights) };
    try {
      // When the storage is full, the checkpoint before the last can make room.
      await this.files.write(weightsFile(record.id), weights).catch(async () => {
        await this.checkpoints.trim(record.id);
        await this.files.write(weightsFile(record.id), weights);
      });
      await this.records.runs.put(stamp({ ...record, weights: kept }));
    } catch (thrown) {
      await this.files.remove(weightsFile(record.id)).catch(() => undefined);
      throw thrown;
    }
    // What cannot be removed now goes at the next start.
    await this.checkpoints.remove(record.id).catch(() => undefined);
  }

  /** Replaces the record alone (a new evaluation, another name). */
  async updateRun(record: Omit<RunRecord, 'version' | 'weights'>): Promise<void> {
    const { weights } = (await this.run(record.id)) ?? {};
    await this.records.runs.put(stamp({ ...record, ...(weights && { weights }) }));
  }

  async run(id: string): Promise<RunRecord | null> {
    const kept = await this.records.runs.get(id);
    return kept && this.asRead(kept);
  }

  /** Those that this version can read, newest first; the files of others stay for the version that can. */
  async runs(): Promise<RunRecord[]> {
    return (await this.records.runs.all()).flatMap((kept) => this.asRead(kept) ?? []);
  }

  /** A kept run brought up to date, or null when it cannot be read. */
  private asRead(kept: KeptRun): RunRecord | null {
    const summary = this.readers.summary(kept.summary);
    return summary.ok ? { ...kept, summary: summary.value } : null;
  }

  /** The trained parameters as a safetensors file. */
  runWeights = (id: string): Promise<Uint8Array<ArrayBuffer>> => this.files.read(weightsFile(id));

  async deleteRun(id: string): Promise<void> {
    await this.records.runs.remove(id);
    await this.files.remove(weightsFile(id));
  }

  /** Names and sizes of everything kept, newest first. */
  async usage(): Promise<{ datasets: KeptSize[]; runs: KeptSize[] }> {
    const sizes = new Map((await this.files.list()).map((file) => [file.path, file.bytes]));
    const size = (...paths: string[]): number => paths.reduce((sum, path) => sum + (sizes.get(path) ?? 0), 0);
    const datasets = await this.datasets();
    const runs = await this.runs();
    return {
      datasets: datasets.map(({ id, name, createdAt }) => ({
        id,
        name,
        createdAt,
        bytes: size(rowsFile(id), indexFile(id)),
      })),
      runs: runs.map(({ id, summary, createdAt }) => ({
        id,
        name: summary.name,
        createdAt,
        bytes: size(weightsFile(id)),
      })),
    };
  }

  /**
   * Takes up again what a lost database knew of: records whose copies are there, and whose files are as they were
   * written. Records of earlier versions of the app, which left no copies, get them.
   */
  async restoreLost(): Promise<void> {
    const files = new Set((await this.files.list()).map((file) => file.path));
    const restore = async <T extends Stamped>(
      kind: RecordKind,
      box: RecordBox<T>,
      isWhole: (record: T) => Promise<boolean> | boolean,
    ): Promise<void> => {
      for (const record of await box.all()) if (!files.has(copyPath(kind, record.id))) await box.put(record);
      for (const record of await lostRecords(kind, box, this.files)) if (await isWhole(record)) await box.put(record);
    };
    // The two files of a data set are checked when it is opened, against what its record says of them.
    await restore('datasets', this.records.datasets, ({ id }) => files.has(rowsFile(id)) && files.has(indexFile(id)));
    await restore(
      'runs',
      this.records.runs,
      async ({ weights }) => weights !== undefined && (await readWhole(this.files, weights)) !== null,
    );
    await restore(
      'checkpoints',
      this.records.checkpoints,
      async (record) => (await this.checkpoints.newestWhole(record.saves)) !== null,
    );
  }

  /** Ids of the data sets that any run refers to, also one that a newer version wrote and this one cannot read. */
  async usedDatasets(): Promise<Set<unknown>> {
    const ended = (await this.records.runs.all()).map(({ summary }) => summary);
    const begun = (await this.records.checkpoints.all()).map(({ start }) => start);
    return new Set([...ended, ...begun].map((run) => (isObject(run) ? run['datasetId'] : undefined)));
  }

  /** Removes files that no record names (an import or a save that was cut short) and records whose files are gone. */
  async removeOrphans(): Promise<void> {
    const files = new Set((await this.files.list()).map((file) => file.path));
    const runs = await this.records.runs.all();
    // Files beside a database that knows of nothing: the database was lost. What is left is not thrown away for that.
    if (runs.length + (await this.datasets()).length + (await this.records.checkpoints.all()).length === 0) return;
    const named = await this.checkpoints.tidy(new Set(runs.map(({ id }) => id)), files);
    for (const kind of ['datasets', 'runs', 'checkpoints'] as const)
      for (const { id } of await this.records[kind].all()) named.add(copyPath(kind, id));
    for (const { id } of await this.datasets()) {
      if (files.has(rowsFile(id)) && files.has(indexFile(id))) named.add(rowsFile(id)).add(indexFile(id));
      else await this.records.datasets.remove(id);
    }
    for (const { id } of runs) {
      if (files.has(weightsFile(id))) named.add(weightsFile(id));
      else await this.records.runs.remove(id);
    }
    // A file that another tab is writing cannot be removed, which is as it should be.
    for (const path of files) if (!named.has(path)) await this.files.remove(path).catch(() => undefined);
  }

  /** Removes every data set and run; open files must be closed. */
  async clear(): Promise<void> {
    await this.records.datasets.clear();
    await this.records.runs.clear();
    await this.checkpoints.clear();
    for (const { path } of await this.files.list()) await this.files.remove(path);
  }
}

export const memoryStorage = (readers?: RunReaders): Storage => new Storage(memoryFiles(), memoryRecords(), readers);

/** A folder of this origin's private file system. */
async function browserFolder(folder: string): Promise<FileBox> {
  const root = await navigator.storage.getDirectory();
  return opfsFiles(await root.getDirectoryHandle(folder, { create: true }));
}

/** A folder that has been written to; throws when the browser refuses. */
async function browserFiles(folder: string): Promise<FileBox> {
  const files = await browserFolder(folder);
  const probe = `probe/${crypto.randomUUID()}`;
  await files.write(probe, new Uint8Array([1]));
  await files.remove(probe);
  return files;
}

/** The browser's storage, to read only while another tab writes; or memory when any part of it is refused. */
export async function openBrowserStorage(readers: RunReaders): Promise<Storage> {
  try {
    if (!(await takeWriting()))
      return new Storage(await browserFolder('tabtune'), await browserRecords(), readers, false);
    const files = await browserFiles('tabtune');
    const storage = new Storage(files, copiedRecords(await browserRecords(), files), readers);
    await storage.restoreLost();
    await storage.removeOrphans();
    return storage;
  } catch {
    return memoryStorage(readers);
  }
}

/** Files for downloaded models, apart from data sets and runs; in memory when the browser refuses. */
export const openBrowserModelFiles = (): Promise<FileBox> => browserFiles('tabtune-models').catch(memoryFiles);
