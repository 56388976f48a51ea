/** Files of a folder, wherever they come from: a dropped folder, a zip, a download or memory. */
import { TabtuneError } from '../base/errors';

export interface FolderFile {
  /** Relative, with forward slashes: `model.safetensors`, `1_Pooling/config.json`. */
  path: string;
  /** Bytes. */
  size: number;
  bytes(): Promise<Uint8Array>;
}

/** A file whose bytes are at hand. */
export function memoryFile(path: string, bytes: Uint8Array): FolderFile {
  return { path, size: bytes.byteLength, bytes: () => Promise.resolve(bytes) };
}

/** Files the operating system or a browser adds and nobody means. */
const isNoise = (path: string): boolean =>
  /(?:^|\/)(?:__MACOSX\/|\.DS_Store$|Thumbs\.db$|\.git\/|\.cache\/)/.test(path);

/**
 * The path with forward slashes and without a leading `./`; throws `bad-model` when it is absolute or climbs out of its
 * folder.
 */
export function safePath(path: string, file: string): string {
  const clean = path.replaceAll('\\', '/').replace(/^(?:\.\/)+/, '');
  const parts = clean.split('/');
  if (clean.startsWith('/') || /^[A-Za-z]:/.test(clean) || clean.includes('\0') || parts.includes('..'))
    throw new TabtuneError('bad-model', `${file}: the entry ${JSON.stringify(path)} points outside its folder.`, {
      place: { file },
      fix: 'Do not trust this archive; get it from its source.',
    });
  return clean;
}

/**
 * The same files without noise and without one top folder that all of them share (`my-model/config.json` becomes
 * `config.json`).
 */
export function stripTopFolder(files: readonly FolderFile[]): FolderFile[] {
  const kept = files.filter((file) => !isNoise(file.path));
  const top = kept[0]?.path.split('/')[0];
  const shared = top !== undefined && kept.every((file) => file.path.startsWith(`${top}/`));
  return shared
    ? stripTopFolder(
        kept.map((file) => ({ ...file, path: file.path.slice(top.length + 1), bytes: () => file.bytes() })),
      )
    : kept;
}
