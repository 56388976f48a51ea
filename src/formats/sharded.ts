/** Reads the weights of a model folder: one safetensors file, or shards named by an index. */
import { isObject } from '../base/json';
import { TabtuneError, throwIfCancelled } from '../base/errors';
import { safePath, type FolderFile } from './folder';
import { parseJsonObject } from './json-file';
import { PICKLE_REASON, hasOtherWeightsName, hasPickleName } from './magic';
import { readSafetensors } from './safetensors';
import type { NamedTensor } from './tensor';

export interface ReadOptions {
  signal?: AbortSignal;
  /** Bytes of weights read so far, of all. */
  onProgress?: (doneBytes: number, totalBytes: number) => void;
}

/**
 * All tensors below `folder` (`''` or `name/`), from `model.safetensors` or `model.safetensors.index.json`; `stem`
 * replaces `model`. Throws `missing-file` naming what is absent and `bad-model` for pickles, damaged files and an index
 * that does not fit its shards.
 */
export async function readWeights(
  files: ReadonlyMap<string, FolderFile>,
  folder: string,
  stem = 'model',
  options: ReadOptions = {},
): Promise<Map<string, NamedTensor>> {
  const single = files.get(`${folder}${stem}.safetensors`);
  if (single) return readShard(single, options, { done: 0, total: single.size });
  const index = files.get(`${folder}${stem}.safetensors.index.json`);
  if (!index)
    return refuseMissing(
      [...files.keys()].filter((path) => path.startsWith(folder)),
      `${folder}${stem}.safetensors`,
    );
  return readShards(files, folder, index, options);
}

function refuseMissing(paths: readonly string[], wanted: string): never {
  const pickle = paths.find(
    (path) => hasPickleName(path) && !/(?:training_args|optimizer|scheduler|rng_state)/.test(path),
  );
  if (pickle)
    throw new TabtuneError('bad-model', `${pickle} is a PyTorch pickle, and there is no ${wanted} beside it.`, {
      place: { file: pickle },
      fix: PICKLE_REASON,
    });
  const other = paths.find(hasOtherWeightsName);
  throw new TabtuneError(
    'missing-file',
    `${wanted} is missing${other ? `; ${other} is in a format that is not read` : ''}.`,
    {
      place: { file: wanted },
      fix: 'Take the whole folder in the Hugging Face layout, with its weights as safetensors.',
    },
  );
}

async function readShard(
  file: FolderFile,
  options: ReadOptions,
  progress: { done: number; total: number },
): Promise<Map<string, NamedTensor>> {
  throwIfCancelled(options.signal);
  options.onProgress?.(progress.done, progress.total);
  const bytes = await file.bytes();
  throwIfCancelled(options.signal);
  const { tensors } = readSafetensors(bytes, file.path);
  progress.done += bytes.length;
  options.onProgress?.(progress.done, progress.total);
  return tensors;
}

/**
 * Which file holds a tensor, as an index says: a path beside it, under any name. Throws `bad-model` for an index that
 * does not say so.
 */
export function shardsByTensor(bytes: Uint8Array, path: string): Map<string, string> {
  const { weight_map: map } = parseJsonObject(bytes, path);
  const entries = isObject(map) ? Object.entries(map) : [];
  if (entries.length === 0)
    throw new TabtuneError('bad-model', `${path} has no weight_map.`, { place: { file: path } });
  return new Map(
    entries.map(([tensor, shard]) => {
      if (typeof shard === 'string' && shard !== '') return [tensor, safePath(shard, path)];
      throw new TabtuneError('bad-model', `${path} names no file for "${tensor}".`, { place: { file: path, tensor } });
    }),
  );
}

async function readShards(
  files: ReadonlyMap<string, FolderFile>,
  folder: string,
  index: FolderFile,
  options: ReadOptions,
): Promise<Map<string, NamedTensor>> {
  const shardOf = new Map(
    [...shardsByTensor(await index.bytes(), index.path)].map(([tensor, shard]) => [tensor, folder + shard]),
  );
  const shards = [...new Set(shardOf.values())].sort().map((path) => {
    const file = files.get(path);
    if (file) return file;
    throw new TabtuneError('missing-file', `${path} is missing; ${index.path} names it.`, {
      place: { file: path },
      fix: 'Add all parts of the model.',
    });
  });
  const progress = { done: 0, total: shards.reduce((sum, file) => sum + file.size, 0) };
  const tensors = new Map<string, NamedTensor>();
  for (const shard of shards)
    for (const [name, tensor] of await readShard(shard, options, progress))
      if (shardOf.get(name) === shard.path) tensors.set(name, tensor);
  for (const [name, path] of shardOf)
    if (!tensors.has(name))
      throw new TabtuneError('bad-model', `"${name}" should be in ${path} but is not.`, {
        place: { file: path, tensor: name },
        fix: 'Download the shards again; they do not belong together.',
      });
  return tensors;
}
