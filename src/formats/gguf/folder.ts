/** Finds a GGUF file among dropped or stored files, and reads it together with what lies beside it. */
import { bytesSource } from '../../base/bytes';
import { TabtuneError } from '../../base/errors';
import { readChatFiles } from '../chat-files';
import type { FolderFile } from '../folder';
import { TOKENIZER_FILES, licenceOf } from '../hf-folder';
import { decodeText } from '../json-file';
import type { ReadOptions } from '../sharded';
import { readGgufCheckpoint, summarizeGguf } from './checkpoint';
import type { GgufCheckpoint, GgufSummary } from './checkpoint';

/**
 * The file that is the model, or null where there is none or where a config.json beside it makes the files a folder in
 * the Hugging Face layout. Throws `bad-model` when there are several, as quantizations or parts of one model.
 */
export function ggufAmong(files: readonly FolderFile[]): FolderFile | null {
  if (files.some(({ path }) => path === 'config.json' || path === '0_Transformer/config.json')) return null;
  const [first, second] = files.filter(({ path }) => /\.gguf$/i.test(path));
  if (first && second)
    throw new TabtuneError('bad-model', `There are several GGUF files: ${first.path}, ${second.path}.`, {
      place: { file: second.path },
      fix: 'Drop the one that is meant. Parts of one model have to be joined first (llama-gguf-split --merge).',
    });
  return first ?? null;
}

/** What the header of `ggufAmong`'s file tells. Throws as `summarizeGguf` does. */
export async function summarizeGgufFile(file: FolderFile): Promise<GgufSummary> {
  return summarizeGguf(bytesSource(file.path, await file.bytes()));
}

/**
 * Reads the model in `file`, one of `files`; a tokenizer.json beside it is taken instead of the one in the metadata.
 * Throws as `readGgufCheckpoint` does.
 */
export async function readGgufFolder(
  file: FolderFile,
  files: readonly FolderFile[],
  options: ReadOptions = {},
): Promise<GgufCheckpoint> {
  const checkpoint = await readGgufCheckpoint(bytesSource(file.path, await file.bytes()), options);
  const readme = files.find(({ path }) => path === 'README.md');
  const licence = checkpoint.licence ?? (readme ? licenceOf(decodeText(await readme.bytes(), 'README.md')) : null);
  if (!files.some(({ path }) => path === 'tokenizer.json')) return { ...checkpoint, licence };
  const tokenizerFiles = new Map<string, Uint8Array>();
  for (const other of files)
    if (TOKENIZER_FILES.includes(other.path)) tokenizerFiles.set(other.path, await other.bytes());
  const beside = await readChatFiles(files);
  const { settings, generationConfig, jinja } = checkpoint.chat;
  return {
    ...checkpoint,
    licence,
    tokenizerFiles,
    chat: {
      settings: { ...settings, ...beside.settings },
      generationConfig: beside.generationConfig ?? generationConfig,
      jinja: beside.jinja ?? jinja,
    },
  };
}
