/**
 * Models from a person's own disk: a dropped folder, zip or GGUF file, copied into the cache so that a reload finds it.
 */
import { blobSource, sha256Hex } from '../base/bytes';
import { TabtuneError, throwIfCancelled } from '../base/errors';
import type { ModelDescription, ModelSource } from '../domain/model';
import { CHAT_FILES } from '../formats/chat-files';
import { stripTopFolder } from '../formats/folder';
import type { FolderFile } from '../formats/folder';
import { ggufAmong, summarizeGgufFile } from '../formats/gguf/folder';
import { TOKENIZER_FILES, licenceOf } from '../formats/hf-folder';
import { decodeText, parseJsonObject } from '../formats/json-file';
import { readSafetensors } from '../formats/safetensors';
import { readZip } from '../formats/zip';
import { chooseFiles, indexOf, shardPaths } from './choose-files';
import { architectureOf, shortHash } from './context';
import type { FetchOptions, HubContext } from './context';
import type { CacheNote, ModelCache } from './model-cache';

type Files = Extract<ModelSource, { kind: 'files' }>;

/** Dropped files under their relative paths as a folder with a name; a single zip is opened. */
export async function openDropped(
  dropped: readonly { path: string; file: Blob }[],
): Promise<{ name: string; files: FolderFile[] }> {
  const [first] = dropped;
  if (!first)
    throw new TabtuneError('missing-file', 'Nothing was dropped.', {
      fix: 'Drop a model folder, a zip of one, or a GGUF file.',
    });
  if (dropped.length === 1 && /\.zip$/i.test(first.path)) {
    const archive = first.path.split('/').at(-1) ?? first.path;
    return { name: archive.replace(/\.zip$/i, ''), files: await readZip(blobSource(archive, first.file)) };
  }
  const single = dropped.length === 1 ? /([^/]+)\.gguf$/i.exec(first.path)?.[1] : undefined;
  const files = dropped.map(({ path, file }): FolderFile => ({
    path: path.replace(/^\/+/, ''),
    size: file.size,
    bytes: async () => new Uint8Array(await file.arrayBuffer()),
  }));
  const top = files[0]?.path.split('/') ?? [];
  return { name: single ?? (top.length > 1 ? top[0] : undefined) ?? 'Dropped model', files };
}

/**
 * Copies a dropped folder (or the files of a zip, or a GGUF file) into the cache under a key made of its content, so
 * that a reload finds it. Weights are checked on the way. Without room it is kept in memory for this visit. Throws as
 * `readHfFolder` does.
 */
export async function storeDropped(
  context: HubContext,
  name: string,
  dropped: readonly FolderFile[],
  options: FetchOptions = {},
): Promise<ModelDescription> {
  const files = stripTopFolder(dropped);
  const gguf = ggufAmong(files);
  const packed = gguf && (await summarizeGgufFile(gguf));
  const config = packed ? packed.config : await configOf(files);
  const { architecture, unsupported } = config
    ? architectureOf(config)
    : { architecture: 'unknown', unsupported: null };
  if (unsupported !== null) {
    // Nothing of it will be read again but its config, so there is no sense in copying it.
    const source: Files = { kind: 'files', name, cacheKey: 'files-unsupported' };
    context.cache.hold(source.cacheKey, files);
    return { source, ...summary(name, files), architecture, unsupported, licence: null, parameters: null };
  }
  const chosen = gguf ? beside(gguf, files) : await chosenOf(files);
  const total = chosen.reduce((sum, { size }) => sum + size, 0);
  const hashes: string[] = [];
  let parameters = packed?.parameters ?? 0;
  let done = 0;
  for (const file of chosen) {
    throwIfCancelled(options.signal);
    const bytes = await file.bytes();
    hashes.push(`${file.path} ${await sha256Hex(bytes as Uint8Array<ArrayBuffer>)}`);
    if (/\.safetensors$/.test(file.path) && !/^adapter_model|^\d+_(?!Transformer)/.test(file.path))
      parameters += countParameters(bytes, file.path);
    done += file.size;
    options.onProgress?.(done / 2, total);
  }
  const source: Files = { kind: 'files', name, cacheKey: `files-${await shortHash(hashes.sort().join('\n'))}` };
  const readme = chosen.find(({ path }) => path === 'README.md');
  const licence = packed?.licence ?? (readme ? licenceOf(decodeText(await readme.bytes(), 'README.md')) : null);
  await keepDropped(context.cache, { source, licence, files: chosen }, total, options);
  return {
    source,
    ...summary(name, chosen),
    architecture,
    unsupported,
    licence,
    parameters,
    ...leftOut(files, chosen),
  };
}

/** Weights in the folder that are not read, in other formats or beside those that are. */
function leftOut(files: readonly FolderFile[], chosen: readonly FolderFile[]): { notRead?: string[] } {
  const paths = files
    .filter(
      (file) => !chosen.includes(file) && /\.(?:safetensors|gguf|bin|pth?|h5|onnx|msgpack|ckpt)$/i.test(file.path),
    )
    .map(({ path }) => path);
  return paths.length > 0 ? { notRead: paths } : {};
}

/** What is needed of a folder, its shards by the names that its index gives them. */
export async function chosenOf(files: readonly FolderFile[]): Promise<FolderFile[]> {
  const index = indexOf(files);
  return chooseFiles(files, index ? shardPaths(await index.file.bytes(), index) : undefined);
}

/** config.json of a folder in the Hugging Face layout, parsed, or null. */
async function configOf(files: readonly FolderFile[]): Promise<Record<string, unknown> | null> {
  const file = files.find(({ path }) => path === 'config.json' || path === '0_Transformer/config.json');
  return file ? parseJsonObject(await file.bytes(), file.path) : null;
}

/** A GGUF with the small files that may lie beside it. */
function beside(gguf: FolderFile, files: readonly FolderFile[]): FolderFile[] {
  return files.filter(
    (file) =>
      file === gguf ||
      file.path === 'README.md' ||
      file.path === 'adapter_config.json' ||
      file.path === 'adapter_model.safetensors' ||
      TOKENIZER_FILES.includes(file.path) ||
      CHAT_FILES.includes(file.path),
  );
}

function summary(
  name: string,
  files: readonly FolderFile[],
): Pick<ModelDescription, 'name' | 'bytes' | 'cachedBytes' | 'files'> {
  const bytes = files.reduce((sum, { size }) => sum + size, 0);
  return { name, bytes, cachedBytes: bytes, files: files.map((file) => ({ path: file.path, bytes: file.size })) };
}

function countParameters(bytes: Uint8Array, path: string): number {
  const { tensors } = readSafetensors(bytes, path);
  return [...tensors.values()].reduce((sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1), 0);
}

async function keepDropped(
  cache: ModelCache,
  { source, licence, files }: { source: Files; licence: string | null; files: readonly FolderFile[] },
  total: number,
  options: FetchOptions,
): Promise<void> {
  const key = source.cacheKey;
  if ((await cache.note(key))?.whole) return;
  const note: CacheNote = { name: source.name, licence, files: new Map(), whole: true };
  let done = 0;
  try {
    for (const file of files) {
      throwIfCancelled(options.signal);
      await cache.write(key, file.path, await file.bytes());
      note.files.set(file.path, { size: file.size, etag: null, complete: true });
      done += file.size;
      options.onProgress?.((total + done) / 2, total);
    }
    await cache.writeNote(key, note);
  } catch (error) {
    for (const { path } of files) await cache.remove(key, path);
    if (!(error instanceof TabtuneError) || error.code !== 'storage') throw error;
    cache.hold(key, files);
  }
}

/** A folder that was dropped before. Throws `missing-file` when it is no longer here. */
export async function describeStored(context: HubContext, source: Files): Promise<ModelDescription> {
  const files = await context.cache.folder(source.cacheKey, source.name);
  const gguf = ggufAmong(files);
  const packed = gguf && (await summarizeGgufFile(gguf));
  const config = packed ? packed.config : await configOf(files);
  if (!config)
    throw new TabtuneError('missing-file', 'config.json is missing.', {
      place: { file: 'config.json' },
      fix: 'Drop the folder or zip again.',
    });
  const licence = (await context.cache.note(source.cacheKey))?.licence ?? null;
  return {
    source,
    ...summary(source.name, files),
    ...architectureOf(config),
    licence,
    parameters: packed?.parameters ?? null,
  };
}
