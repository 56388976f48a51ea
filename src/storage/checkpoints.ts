/**
 * Checkpoints of runs that have not ended. A state is written beside the last one, read back and hashed, and counts
 * once the manifest names it; the one before stays for the case that the last cannot be read. Older ones go.
 */
import { sha256Hex } from '../base/bytes';
import { TabtuneError } from '../base/errors';
import type { RunReaders, RunStart, UnfinishedRun } from '../domain/run';
import type { FileBox } from './files';
import type { CheckpointRecord, CheckpointSave, KeptCheckpoint, KeptFile, RecordBox } from './records';
import { stamp } from './records';

const FOLDER = 'checkpoints';
/** Two files take turns, so that the newer of the two is never written to. */
const slots = (id: string): [string, string] => [`${FOLDER}/${id}.a.safetensors`, `${FOLDER}/${id}.b.safetensors`];
const bestFile = (id: string, step: number): string => `${FOLDER}/${id}.best-${step}.safetensors`;

/** What is kept of a run at a step's edge. */
export interface NewCheckpoint {
  step: number;
  totalSteps: number;
  state: Uint8Array<ArrayBuffer>;
  /** The best weights and the step they were reached at. They change seldom, so they have a file of their own. */
  best: { step: number; bytes: () => Uint8Array<ArrayBuffer> } | null;
}

export interface ReadCheckpoint {
  start: RunStart;
  step: number;
  totalSteps: number;
  state: Uint8Array<ArrayBuffer>;
  best: Uint8Array<ArrayBuffer> | null;
}

const filesOf = ({ saves }: Pick<KeptCheckpoint, 'saves'>): KeptFile[] =>
  saves.flatMap(({ state, best }) => (best ? [state, best] : [state]));

/** A file's bytes when they are those that were written, else null. */
export async function readWhole(
  files: FileBox,
  { path, bytes, sha256 }: KeptFile,
): Promise<Uint8Array<ArrayBuffer> | null> {
  const found = await files.read(path).catch(() => null);
  return found?.length === bytes && (await sha256Hex(found)) === sha256 ? found : null;
}

export class Checkpoints {
  private readonly files: FileBox;
  private readonly records: RecordBox<KeptCheckpoint>;
  private readonly readers: RunReaders;

  constructor(files: FileBox, records: RecordBox<KeptCheckpoint>, readers: RunReaders) {
    this.files = files;
    this.records = records;
    this.readers = readers;
  }

  /**
   * Keeps a checkpoint; once it resolves, the checkpoint outlives the tab. Throws `storage`: the earlier checkpoints
   * are untouched then.
   */
  async save(start: RunStart, { step, totalSteps, state, best }: NewCheckpoint): Promise<void> {
    const held = await this.records.get(start.id);
    const last = held?.saves[0] ?? null;
    const [a, b] = slots(start.id);
    const path = last?.state.path === a ? b : a;
    const known = held ? filesOf(held) : [];
    const fresh: string[] = [];
    const write = async (target: string, bytes: Uint8Array<ArrayBuffer>): Promise<KeptFile> => {
      fresh.push(target);
      await this.files.write(target, bytes);
      return { path: target, bytes: bytes.length, sha256: await sha256Hex(bytes) };
    };
    try {
      const bestPath = best && bestFile(start.id, best.step);
      const keptBest =
        best && bestPath
          ? (known.find((file) => file.path === bestPath) ?? (await write(bestPath, best.bytes())))
          : null;
      const save: CheckpointSave = {
        step,
        totalSteps,
        savedAt: new Date().toISOString(),
        state: await write(path, state),
        best: keptBest,
      };
      const record = { id: start.id, createdAt: start.createdAt, start, saves: last ? [save, last] : [save] };
      await this.records.put(stamp(record));
      const named = new Set(filesOf(stamp(record)).map((file) => file.path));
      for (const file of known) if (!named.has(file.path)) await this.files.remove(file.path).catch(() => undefined);
    } catch (thrown) {
      // What was begun only takes room; the last checkpoint has none of it.
      for (const target of fresh) await this.files.remove(target).catch(() => undefined);
      throw thrown;
    }
  }

  /**
   * The newest checkpoint whose files read as they were written. Throws `not-found`, `storage` when none of them does,
   * or `unsupported` for a run of a newer version of the app.
   */
  async read(id: string): Promise<ReadCheckpoint> {
    const record = await this.record(id);
    const newest = await this.newestWhole(record.saves);
    if (newest) return { start: record.start, ...newest };
    throw new TabtuneError(
      'storage',
      `No checkpoint of “${record.start.name}” can be read any more: the browser’s files have been damaged.`,
      { place: record.saves[0] ? { file: record.saves[0].state.path } : {}, fix: 'Delete this run and train again.' },
    );
  }

  /** The newest of a manifest's checkpoints whose files read as they were written, else null. */
  async newestWhole(saves: readonly CheckpointSave[]): Promise<Omit<ReadCheckpoint, 'start'> | null> {
    for (const { step, totalSteps, state, best } of saves) {
      const stateBytes = await readWhole(this.files, state);
      const bestBytes = best && (await readWhole(this.files, best));
      if (stateBytes && (bestBytes || !best)) return { step, totalSteps, state: stateBytes, best: bestBytes };
    }
    return null;
  }

  private async record(id: string): Promise<CheckpointRecord> {
    const record = await this.records.get(id);
    if (!record) throw new TabtuneError('not-found', 'This run has no checkpoint in the browser’s storage.');
    const start = this.readers.start(record.start);
    if (start.ok) return { ...record, start: start.value };
    throw new TabtuneError('unsupported', 'This run was kept by another version of Tabtune.', {
      fix: 'Reload the page to get the newest version.',
    });
  }

  /** Gives up all but the last checkpoint of a run, for room. */
  async trim(id: string): Promise<void> {
    const record = await this.records.get(id);
    const [last] = record?.saves ?? [];
    if (!record || !last) return;
    const trimmed = { ...record, saves: [last] };
    await this.records.put(trimmed);
    const named = new Set(filesOf(trimmed).map((file) => file.path));
    for (const { path } of filesOf(record)) if (!named.has(path)) await this.files.remove(path);
  }

  /** Runs that this version can go on with, newest first. */
  async list(): Promise<UnfinishedRun[]> {
    return (await this.records.all()).flatMap((record) => {
      const [last] = record.saves;
      const start = this.readers.start(record.start);
      if (!last || !start.ok) return [];
      const bytes = filesOf(record).reduce((sum, file) => sum + file.bytes, 0);
      return [{ start: start.value, step: last.step, totalSteps: last.totalSteps, savedAt: last.savedAt, bytes }];
    });
  }

  /** Gives an unfinished run another name. Throws `not-found`. */
  async rename(id: string, name: string): Promise<void> {
    const record = await this.record(id);
    await this.records.put({ ...record, start: { ...record.start, name } });
  }

  async remove(id: string): Promise<void> {
    const record = await this.records.get(id);
    await this.records.remove(id);
    for (const path of new Set([...slots(id), ...(record ? filesOf(record).map((file) => file.path) : [])]))
      await this.files.remove(path);
  }

  /**
   * Removes manifests of runs that have ended or whose files are gone; returns the paths of all files that are still
   * named.
   */
  async tidy(ended: ReadonlySet<string>, present: ReadonlySet<string>): Promise<Set<string>> {
    const named = new Set<string>();
    for (const record of await this.records.all()) {
      const paths = filesOf(record).map((file) => file.path);
      if (ended.has(record.id) || !paths.some((path) => present.has(path))) await this.records.remove(record.id);
      else paths.forEach((path) => named.add(path));
    }
    return named;
  }

  clear = (): Promise<void> => this.records.clear();
}
