/** Named files in the browser's private file system (OPFS), or in memory where the browser gives none. */
import type { ByteStore } from '../base/bytes';
import { memoryStore } from '../base/bytes';
import { TabtuneError } from '../base/errors';

export interface StoredFile {
  /** Folder and name, e.g. `datasets/3f….rows`. */
  path: string;
  bytes: number;
}

/** Files by path, one folder deep. Errors are `storage` (full, locked by another tab) or `missing-file`. */
export interface FileBox {
  /** False when the files are gone with the tab. */
  readonly durable: boolean;
  /** The file opened for appending and reading, made when it is not there. One opener at a time. */
  open(path: string): Promise<ByteStore>;
  exists(path: string): Promise<boolean>;
  /** The whole file replaced, flushed, and read back: nothing counts as written that does not read as it was given. */
  write(path: string, bytes: Uint8Array): Promise<void>;
  read(path: string): Promise<Uint8Array<ArrayBuffer>>;
  remove(path: string): Promise<void>;
  list(): Promise<StoredFile[]>;
}

/** A thrown value of the file system as a `storage` error in words. */
export function storageError(thrown: unknown, path: string): TabtuneError {
  if (thrown instanceof TabtuneError) return thrown;
  const name = thrown instanceof Error ? thrown.name : '';
  const place = { file: path };
  if (name === 'QuotaExceededError')
    return new TabtuneError('storage', 'The browser’s storage is full.', {
      place,
      fix: 'Delete data sets, runs or downloaded models in the settings, or free some disk space, and try again.',
      cause: thrown,
    });
  if (name === 'NoModificationAllowedError')
    return new TabtuneError('storage', 'This file is in use by another tab.', {
      place,
      fix: 'Close the other Tabtune tab, or go on there.',
      cause: thrown,
    });
  if (name === 'NotFoundError')
    return new TabtuneError('missing-file', 'This file is no longer in the browser’s storage.', {
      place,
      fix: 'Open the original again.',
      cause: thrown,
    });
  return new TabtuneError(
    'storage',
    `The browser’s storage failed: ${thrown instanceof Error ? thrown.message : String(thrown)}`,
    { place, cause: thrown },
  );
}

/** Files that live as long as the tab. */
export function memoryFiles(): FileBox {
  const files = new Map<string, ByteStore>();
  const store = (path: string): ByteStore => {
    const held = files.get(path);
    if (held) return held;
    const made = memoryStore();
    files.set(path, made);
    return made;
  };
  return {
    durable: false,
    open: (path) => Promise.resolve(store(path)),
    exists: (path) => Promise.resolve(files.has(path)),
    write: (path, bytes) => {
      files.delete(path);
      store(path).append(bytes);
      return Promise.resolve();
    },
    read: async (path) => {
      const held = files.get(path);
      if (!held) throw storageError(Object.assign(new Error(path), { name: 'NotFoundError' }), path);
      return new Uint8Array(held.read(0, held.size));
    },
    remove: (path) => {
      files.delete(path);
      return Promise.resolve();
    },
    list: () => Promise.resolve([...files].map(([path, held]) => ({ path, bytes: held.size }))),
  };
}

/** A `ByteStore` over a synchronous access handle, which the worker holds alone. */
function handleStore(handle: FileSystemSyncAccessHandle, path: string): ByteStore {
  let size = handle.getSize();
  return {
    get size() {
      return size;
    },
    append(bytes) {
      try {
        const written = handle.write(bytes, { at: size });
        if (written !== bytes.byteLength) throw Object.assign(new Error('short write'), { name: 'QuotaExceededError' });
        size += written;
      } catch (thrown) {
        throw storageError(thrown, path);
      }
    },
    read(offset, length) {
      if (offset < 0 || offset + length > size)
        throw new RangeError(`read [${offset}, ${offset + length}) past the end ${size} of ${path}`);
      const bytes = new Uint8Array(length);
      if (handle.read(bytes, { at: offset }) !== length) throw storageError(new Error('short read'), path);
      return bytes;
    },
    truncate(kept) {
      if (kept >= size) return;
      handle.truncate(kept);
      size = kept;
    },
    flush: () => handle.flush(),
    close: () => handle.close(),
  };
}

const COMPARED_BYTES = 2 ** 20;

/** Whether the file holds exactly these bytes. */
function readsAs(handle: FileSystemSyncAccessHandle, bytes: Uint8Array): boolean {
  const piece = new Uint8Array(COMPARED_BYTES);
  for (let at = 0; at < bytes.length; at += COMPARED_BYTES) {
    const wanted = bytes.subarray(at, at + COMPARED_BYTES);
    if (handle.read(piece.subarray(0, wanted.length), { at }) !== wanted.length) return false;
    if (wanted.some((byte, i) => byte !== piece[i])) return false;
  }
  return true;
}

/** A worker that ended with its page (a reload) may hold its files a moment longer. */
const LOCK_ATTEMPTS = 10;
const LOCK_WAIT_MS = 100;

/** Where a file of this path lies. Throws `internal` for what is not a folder and a name. */
async function locate(
  root: FileSystemDirectoryHandle,
  path: string,
  create: boolean,
): Promise<{ folder: FileSystemDirectoryHandle; name: string }> {
  const [folder, name] = path.split('/');
  if (!folder || !name) throw new TabtuneError('internal', `“${path}” is not a folder and a name.`);
  return { folder: await root.getDirectoryHandle(folder, { create }), name };
}

/** The file opened, and made when it is not there; waits a moment for a lock that is about to end. */
async function openHandle(root: FileSystemDirectoryHandle, path: string): Promise<FileSystemSyncAccessHandle> {
  const { folder, name } = await locate(root, path, true);
  const file = await folder.getFileHandle(name, { create: true });
  for (let attempt = 1; ; attempt++) {
    try {
      return await file.createSyncAccessHandle();
    } catch (thrown) {
      const locked = thrown instanceof Error && thrown.name === 'NoModificationAllowedError';
      if (!locked || attempt === LOCK_ATTEMPTS) throw thrown;
      await new Promise((resolve) => setTimeout(resolve, LOCK_WAIT_MS));
    }
  }
}

async function fileOf(root: FileSystemDirectoryHandle, path: string): Promise<File> {
  const { folder, name } = await locate(root, path, false);
  return (await folder.getFileHandle(name)).getFile();
}

/** What `work` gives; what it throws becomes a `storage` error in words. */
async function guarded<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (thrown) {
    throw storageError(thrown, path);
  }
}

/** Files in an OPFS folder; only inside a dedicated worker, where synchronous access handles exist. */
export function opfsFiles(root: FileSystemDirectoryHandle): FileBox {
  return {
    durable: true,
    open: (path) => guarded(path, async () => handleStore(await openHandle(root, path), path)),
    exists: (path) =>
      fileOf(root, path).then(
        () => true,
        () => false,
      ),
    write: (path, bytes) =>
      guarded(path, async () => {
        const handle = await openHandle(root, path);
        try {
          handle.truncate(0);
          const written = handle.write(bytes, { at: 0 });
          handle.flush();
          if (written !== bytes.byteLength || handle.getSize() !== bytes.byteLength)
            throw Object.assign(new Error('short write'), { name: 'QuotaExceededError' });
          if (!readsAs(handle, bytes)) throw new Error('what was read back differs from what was written');
        } finally {
          handle.close();
        }
      }),
    read: (path) => guarded(path, async () => new Uint8Array(await (await fileOf(root, path)).arrayBuffer())),
    remove: (path) =>
      guarded(path, async () => {
        try {
          const { folder, name } = await locate(root, path, false);
          await folder.removeEntry(name);
        } catch (thrown) {
          if (!(thrown instanceof Error && thrown.name === 'NotFoundError')) throw thrown;
        }
      }),
    list: () => guarded('', () => listFolders(root)),
  };
}

async function listFolders(root: FileSystemDirectoryHandle): Promise<StoredFile[]> {
  const files: StoredFile[] = [];
  for await (const [folderName, folder] of root.entries()) {
    if (!(folder instanceof FileSystemDirectoryHandle)) continue;
    for await (const [name, entry] of folder.entries()) {
      if (!(entry instanceof FileSystemFileHandle)) continue;
      files.push({ path: `${folderName}/${name}`, bytes: (await entry.getFile()).size });
    }
  }
  return files;
}
