/** The sentence-transformers layout: an encoder, mean pooling, and a linear layer whose outputs are the logits. */
import { isObject } from '../base/json';
import { TabtuneError } from '../base/errors';
import { ENCODERS } from '../domain/architectures';
import type { TaskKind } from '../domain/task';
import type { FolderFile } from './folder';
import { classifierConfig, encoderArchitecture } from './hf-config';
import { decodeText, jsonBytes, parseJsonObject } from './json-file';
import { readSafetensors, writeSafetensors } from './safetensors';
import type { NamedTensor } from './tensor';

const MODULES = 'modules.json';
interface Module {
  /** Last part of the Python class, e.g. `Transformer`, `Pooling`, `Dense`. */
  kind: string;
  /** `''` or `name/`. */
  folder: string;
}

async function readModules(files: ReadonlyMap<string, FolderFile>): Promise<Module[] | null> {
  const file = files.get(MODULES);
  if (!file) return null;
  let list: unknown;
  try {
    list = JSON.parse(decodeText(await file.bytes(), MODULES));
  } catch {
    list = null;
  }
  if (!Array.isArray(list))
    throw new TabtuneError('bad-model', `${MODULES} is no list of modules.`, { place: { file: MODULES } });
  return list.map((item) => {
    if (!isObject(item) || typeof item['type'] !== 'string' || typeof item['path'] !== 'string')
      throw new TabtuneError('bad-model', `${MODULES} names a module without type or path.`, {
        place: { file: MODULES },
      });
    return {
      kind: item['type'].split('.').at(-1) ?? '',
      folder: item['path'] === '' ? '' : `${item['path'].replace(/\/+$/, '')}/`,
    };
  });
}

/** The folder of the encoder (`''` or `name/`): the one `modules.json` names, else the root. */
export async function locateEncoder(files: ReadonlyMap<string, FolderFile>): Promise<string> {
  const modules = await readModules(files);
  const folder = modules?.find(({ kind }) => kind === 'Transformer')?.folder ?? '';
  // The encoder of an older layout may lie at the root while modules.json names a folder of settings.
  return files.has(`${folder}config.json`) ? folder : '';
}

/**
 * The head that `writeSentenceTransformers` writes: mean pooling, then one `Dense` with Identity. Null for folders
 * without it (other pooling, a normalisation, an activation), which are plain encoders to us. Throws `missing-file` or
 * `bad-model` when it is damaged.
 */
export async function readDenseHead(files: ReadonlyMap<string, FolderFile>): Promise<NamedTensor[] | null> {
  const modules = await readModules(files);
  if (modules?.map(({ kind }) => kind).join() !== 'Transformer,Pooling,Dense') return null;
  const [, pooling, dense] = modules as [Module, Module, Module];
  const poolingConfig = await readConfig(files, `${pooling.folder}config.json`);
  const usesMean = poolingConfig['pooling_mode'] === 'mean' || poolingConfig['pooling_mode_mean_tokens'] === true;
  const otherModes = Object.entries(poolingConfig).some(
    ([key, on]) => key.startsWith('pooling_mode_') && key !== 'pooling_mode_mean_tokens' && on === true,
  );
  const denseConfig = await readConfig(files, `${dense.folder}config.json`);
  if (!usesMean || otherModes || !String(denseConfig['activation_function']).endsWith('.Identity')) return null;
  const path = `${dense.folder}model.safetensors`;
  const file = files.get(path);
  if (!file)
    throw new TabtuneError('missing-file', `${path} is missing.`, {
      place: { file: path },
      fix: 'Take the whole folder.',
    });
  const { tensors } = readSafetensors(await file.bytes(), path);
  const head = ['linear.weight', 'linear.bias'].map((name) => {
    const tensor = tensors.get(name);
    if (!tensor)
      throw new TabtuneError('bad-model', `"${name}" is missing in ${path}.`, { place: { file: path, tensor: name } });
    return tensor;
  });
  const [weight, bias] = head as [NamedTensor, NamedTensor];
  if (weight.shape.length !== 2 || bias.shape.length !== 1 || weight.shape[0] !== bias.shape[0])
    throw new TabtuneError(
      'bad-model',
      `${path}: the shapes [${weight.shape.join(', ')}] and [${bias.shape.join(', ')}] do not belong together.`,
      { place: { file: path } },
    );
  return head;
}

async function readConfig(files: ReadonlyMap<string, FolderFile>, path: string): Promise<Record<string, unknown>> {
  const file = files.get(path);
  if (!file)
    throw new TabtuneError('missing-file', `${path} is missing.`, {
      place: { file: path },
      fix: 'Take the whole folder.',
    });
  return parseJsonObject(await file.bytes(), path);
}

/** One module in `modules.json`. */
const moduleRecord = (idx: number, path: string, kind: string) => ({
  idx,
  name: String(idx),
  path,
  type: `sentence_transformers.models.${kind}`,
});

const MODULE_RECORDS = [
  moduleRecord(0, '', 'Transformer'),
  moduleRecord(1, '1_Pooling', 'Pooling'),
  moduleRecord(2, '2_Dense', 'Dense'),
];

/**
 * Files of a folder for which `SentenceTransformer(folder).encode(texts)` returns the logits. `encoderTensors` carry
 * the names of the bare encoder (`embeddings.…`, no `bert.` before them); `dense.weight` is [labels, hidden]. Class
 * names are the ones that every version of the library from 2 on resolves.
 */
export function writeSentenceTransformers(options: {
  config: Readonly<Record<string, unknown>>;
  encoderTensors: readonly NamedTensor[];
  dense: { weight: NamedTensor; bias: NamedTensor };
  labels: readonly string[];
  task: TaskKind;
  tokenizerFiles: ReadonlyMap<string, Uint8Array>;
  /** Longest input in tokens. */
  maxLength: number;
  readme: string;
}): { path: string; bytes: Uint8Array }[] {
  const { weight, bias } = options.dense;
  const [labels, hidden] = weight.shape;
  const config = classifierConfig({
    ...options,
    architectures: [`${ENCODERS[encoderArchitecture(options.config)].family}Model`],
  });
  return [
    { path: MODULES, bytes: jsonBytes(MODULE_RECORDS) },
    {
      path: 'sentence_bert_config.json',
      bytes: jsonBytes({ max_seq_length: options.maxLength, do_lower_case: false }),
    },
    { path: 'config.json', bytes: jsonBytes(config) },
    { path: 'model.safetensors', bytes: writeSafetensors(options.encoderTensors) },
    ...[...options.tokenizerFiles].map(([path, bytes]) => ({ path, bytes })),
    {
      path: '1_Pooling/config.json',
      bytes: jsonBytes({
        word_embedding_dimension: hidden,
        pooling_mode_cls_token: false,
        pooling_mode_mean_tokens: true,
        pooling_mode_max_tokens: false,
        pooling_mode_mean_sqrt_len_tokens: false,
      }),
    },
    {
      path: '2_Dense/config.json',
      bytes: jsonBytes({
        in_features: hidden,
        out_features: labels,
        bias: true,
        activation_function: 'torch.nn.modules.linear.Identity',
      }),
    },
    {
      path: '2_Dense/model.safetensors',
      bytes: writeSafetensors([
        { ...weight, name: 'linear.weight' },
        { ...bias, name: 'linear.bias' },
      ]),
    },
    { path: 'README.md', bytes: new TextEncoder().encode(options.readme) },
  ];
}
