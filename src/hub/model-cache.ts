/** Model files that are kept in the browser: whole ones to use, and parts of broken downloads to go on with. */
import * as z from 'zod/mini';
import type { ByteStore } from '../base/bytes';
import { TabtuneError } from '../base/errors';
import type { FolderFile } from '../formats/folder';

/** Where the cache keeps its bytes: paths are a folder and a name. Errors are `storage` or `missing-file`. */
export interface CacheFiles {
  /** The file opened for appending and reading, made when it is not there. One opener at a time. */
  open(path: string): Promise<ByteStore>;
  write(path: string, bytes: Uint8Array): Promise<void>;
  read(path: string): Promise<Uint8Array>;
  exists(path: string): Promise<boolean>;
  remove(path: string): Promise<void>;
  list(): Promise<{ path: string; bytes: number }[]>;
}

/** What is known of one cached file. */
export interface CachedFile {
  /** Size of the whole file in bytes; null when the server did not say. */
  size: number | null;
  /** The server's name for this very content, or null. */
  etag: string | null;
  complete: boolean;
}

/** A model folder's note in the cache. */
export interface CacheNote {
  name: string;
  licence: string | null;
  files: Map<string, CachedFile>;
  /** True once every file that the model needs is complete. */
  whole: boolean;
}

const NOTE = 'folder.json';

export class ModelCache {
  private readonly files: CacheFiles;
  /** Dropped folders for which the storage had no room; they live as long as the tab. */
  private readonly held = new Map<string, readonly FolderFile[]>();
  private readonly notes = new Map<string, CacheNote>();

  constructor(files: CacheFiles) {
    this.files = files;
  }

  /** Bytes of all models kept, parts included. */
  async usedBytes(): Promise<number> {
    return (await this.files.list()).reduce((sum, { bytes }) => sum + bytes, 0);
  }

  /** Forgets everything. */
  async clear(): Promise<void> {
    this.held.clear();
    this.notes.clear();
    for (const { path } of await this.files.list()) await this.files.remove(path);
  }

  /** The note of a folder, or null when nothing of it is here. An unreadable note counts as none. */
  async note(key: string): Promise<CacheNote | null> {
    const known = this.notes.get(key);
    if (known) return known;
    if (!(await this.files.exists(`${key}/${NOTE}`))) return null;
    const note = parseNote(await this.files.read(`${key}/${NOTE}`));
    if (!note) return null;
    await this.forgetLost(key, note);
    this.notes.set(key, note);
    return note;
  }

  /** Strikes from the note what the browser has meanwhile thrown away or never wrote in full. */
  private async forgetLost(key: string, note: CacheNote): Promise<void> {
    const sizes = new Map((await this.files.list()).map(({ path, bytes }) => [path, bytes]));
    for (const [path, file] of note.files) {
      if (!file.complete || sizes.get(pathOf(key, path)) === file.size) continue;
      note.files.delete(path);
      note.whole = false;
    }
  }

  async writeNote(key: string, note: CacheNote): Promise<void> {
    this.notes.set(key, note);
    const text = JSON.stringify({ name: note.name, licence: note.licence, whole: note.whole, files: [...note.files] });
    await this.files.write(`${key}/${NOTE}`, new TextEncoder().encode(text));
  }

  /** Bytes of these files that need not be fetched again. */
  async cachedBytes(key: string, paths: readonly string[]): Promise<number> {
    if (this.held.has(key)) return (this.held.get(key) ?? []).reduce((sum, { size }) => sum + size, 0);
    const note = await this.note(key);
    if (!note) return 0;
    const sizes = new Map((await this.files.list()).map(({ path, bytes }) => [path, bytes]));
    return paths.reduce((sum, path) => sum + (note.files.has(path) ? (sizes.get(pathOf(key, path)) ?? 0) : 0), 0);
  }

  /** A file opened to append to; close it before it is read through `file`. */
  open(key: string, path: string): Promise<ByteStore> {
    return this.files.open(pathOf(key, path));
  }

  async write(key: string, path: string, bytes: Uint8Array): Promise<void> {
    await this.files.write(pathOf(key, path), bytes);
  }

  async remove(key: string, path: string): Promise<void> {
    await this.files.remove(pathOf(key, path));
  }

  read(key: string, path: string): Promise<Uint8Array> {
    return this.files.read(pathOf(key, path));
  }

  /** A whole file of the cache. */
  file(key: string, path: string, size: number): FolderFile {
    return { path, size, bytes: () => this.read(key, path) };
  }

  /** Keeps a folder in memory only. */
  hold(key: string, files: readonly FolderFile[]): void {
    this.held.set(key, files);
  }

  /** A kept folder. Throws `missing-file` when it is not, or no longer, here. */
  async folder(key: string, name: string): Promise<FolderFile[]> {
    const held = this.held.get(key);
    if (held) return [...held];
    const note = await this.note(key);
    const entries = [...(note?.files ?? [])];
    if (!note?.whole)
      throw new TabtuneError('missing-file', `The files of “${name}” are no longer in this browser.`, {
        place: { file: name },
        fix: 'Drop the folder or zip again.',
      });
    return entries.map(([path, { size }]) => this.file(key, path, size ?? 0));
  }
}

/** The file's place in the store, one folder deep; no file of a model has a plus in its name. */
const pathOf = (key: string, path: string): string => `${key}/${path.replaceAll('/', '+')}`;

/** A size in bytes. */
const size = z.nullable(z.number().check(z.int(), z.nonnegative()));
const noteSchema = z.object({
  name: z.string(),
  licence: z.nullable(z.string()),
  whole: z.boolean(),
  files: z.array(z.tuple([z.string(), z.object({ size, etag: z.nullable(z.string()), complete: z.boolean() })])),
});

function parseNote(bytes: Uint8Array): CacheNote | null {
  try {
    const read = noteSchema.safeParse(JSON.parse(new TextDecoder().decode(bytes)));
    return read.success ? { ...read.data, files: new Map(read.data.files) } : null;
  } catch {
    return null; // Not JSON: cut off, or nothing of ours.
  }
}
