/** Reads and writes a model folder in the Hugging Face layout, and the sentence-transformers layout around it. */
import { TabtuneError } from '../base/errors';
import { decoderNamed } from '../domain/architectures';
import type { TaskKind } from '../domain/task';
import { readChatFiles } from './chat-files';
import type { ChatFiles } from './chat-files';
import { stripTopFolder } from './folder';
import type { FolderFile } from './folder';
import { classifierConfig, describeConfig } from './hf-config';
import { decodeText, jsonBytes, parseJsonObject } from './json-file';
import { isPeftFolder, readPeftAdapter } from './peft';
import type { PeftAdapter } from './peft';
import { writeSafetensors } from './safetensors';
import { locateEncoder, readDenseHead } from './sentence-transformers';
import { readWeights } from './sharded';
import type { ReadOptions } from './sharded';
import type { NamedTensor } from './tensor';

export { describeConfig };

export interface HfCheckpoint {
  config: Record<string, unknown>;
  tensors: Map<string, NamedTensor>;
  /** By bare name, as they came: `tokenizer.json`, `vocab.txt`, …. */
  tokenizerFiles: Map<string, Uint8Array>;
  /** From the front matter of README.md, or null. */
  licence: string | null;
  /** A PEFT adapter that lies in the same folder. */
  adapter: PeftAdapter | null;
  /**
   * `linear.weight` [labels, hidden] and `linear.bias` of a mean-pooled head (sentence-transformers `Dense` with
   * Identity), or null.
   */
  denseHead: NamedTensor[] | null;
  /** What the folder says about conversations; null for encoders. */
  chat: ChatFiles | null;
}

/** Files that belong to a tokenizer and travel with every export unchanged. */
export const TOKENIZER_FILES: readonly string[] = [
  'tokenizer.json',
  'tokenizer_config.json',
  'special_tokens_map.json',
  'added_tokens.json',
  'vocab.txt',
  'vocab.json',
  'merges.txt',
  'sentencepiece.bpe.model',
];

/** `license:` of a model card's front matter, or null. */
export function licenceOf(readme: string): string | null {
  const front = /^---\r?\n([\s\S]*?)\r?\n---/.exec(readme)?.[1];
  return front ? (/^license:\s*["']?([^"'\r\n]+?)["']?\s*$/m.exec(front)?.[1] ?? null) : null;
}

/**
 * Reads a folder whose paths are relative (one common top folder is ignored). Throws `missing-file`, `unsupported` or
 * `bad-model` naming the file; nothing is read from pickles.
 */
export async function readHfFolder(list: readonly FolderFile[], options: ReadOptions = {}): Promise<HfCheckpoint> {
  const stripped = stripTopFolder(list);
  const files = new Map(stripped.map((file) => [file.path, file]));
  const folder = await locateEncoder(files);
  const configFile = files.get(`${folder}config.json`);
  if (!configFile) return refuseWithoutConfig(files);
  const config = parseJsonObject(await configFile.bytes(), configFile.path);
  const { architecture } = describeConfig(config);
  const tensors = await readWeights(files, folder, 'model', options);
  const tokenizerFiles = new Map<string, Uint8Array>();
  for (const name of TOKENIZER_FILES) {
    const file = files.get(folder + name) ?? files.get(name);
    if (file) tokenizerFiles.set(name, await file.bytes());
  }
  const readme = files.get('README.md');
  const adapter = isPeftFolder(files) ? await readPeftAdapter(stripped) : null;
  return {
    config,
    tensors,
    tokenizerFiles,
    licence: readme ? licenceOf(decodeText(await readme.bytes(), 'README.md')) : null,
    adapter,
    denseHead: await readDenseHead(files),
    chat: decoderNamed(architecture) ? await readChatFiles(stripped) : null,
  };
}

function refuseWithoutConfig(files: ReadonlyMap<string, FolderFile>): never {
  const nested = [...files.keys()].find((path) => path.endsWith('/config.json'));
  const hint = isPeftFolder(files)
    ? 'These files are a LoRA adapter alone; drop them together with the base model they belong to.'
    : nested
      ? `There is one at ${nested}: drop that folder.`
      : 'Take the whole folder in the Hugging Face layout: config.json, model.safetensors, tokenizer.json.';
  throw new TabtuneError('missing-file', 'config.json is missing, so the architecture is unknown.', {
    place: { file: 'config.json' },
    fix: hint,
  });
}

/** Files of a folder that `AutoModelForSequenceClassification.from_pretrained` loads. */
export function writeHfFolder(options: {
  config: Readonly<Record<string, unknown>>;
  tensors: readonly NamedTensor[];
  labels: readonly string[];
  task: TaskKind;
  /** Class names for `architectures`, e.g. `BertForSequenceClassification`. */
  architectures: readonly string[];
  tokenizerFiles: ReadonlyMap<string, Uint8Array>;
  readme: string;
}): { path: string; bytes: Uint8Array }[] {
  return [
    { path: 'config.json', bytes: jsonBytes(classifierConfig(options)) },
    { path: 'model.safetensors', bytes: writeSafetensors(options.tensors) },
    ...[...options.tokenizerFiles].map(([path, bytes]) => ({ path, bytes })),
    { path: 'README.md', bytes: new TextEncoder().encode(options.readme) },
  ];
}
