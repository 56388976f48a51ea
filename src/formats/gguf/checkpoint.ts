/**
 * A decoder's GGUF file as the Hugging Face checkpoint it stands for: names, layouts, config.json and tokenizer files.
 */
import type { ByteSource } from '../../base/bytes';
import { TabtuneError, throwIfCancelled } from '../../base/errors';
import { readChatFiles } from '../chat-files';
import type { ChatFiles } from '../chat-files';
import { fromFloat32 } from '../dtype';
import { memoryFile } from '../folder';
import type { HfCheckpoint } from '../hf-folder';
import type { ReadOptions } from '../sharded';
import type { BlockType, NamedTensor, PackedBlocks } from '../tensor';
import { architectureOfGguf, configOfGguf } from './config';
import { dequantize, isFloatType } from './dequantize';
import { readGgufHeader } from './header';
import type { GgufHeader, GgufTensorInfo } from './header';
import { GgufMetadata } from './metadata';
import { hfName, isDerived } from './names';
import type { DecoderArchitecture } from '../../domain/architectures';
import type { Layout } from './models/model';
import type { GgufType } from './types';
import { transposed, unpermutedRows } from './rows';
import { ggufTokenizerFiles } from './tokenizer';

/**
 * `tensors` are by Hugging Face name; packed ones are F32 here, unpacked each time their `bytes` are asked for: take
 * them once and let go of them; matrices in blocks of 32 carry those as `packed`. `tokenizerFiles` hold tokenizer.json
 * and tokenizer_config.json as rebuilt from the metadata.
 */
export interface GgufCheckpoint extends HfCheckpoint {
  chat: ChatFiles;
}

/** What can be known before any weight is read. */
export interface GgufSummary {
  config: Record<string, unknown>;
  parameters: number;
  licence: string | null;
}

const byName = (header: GgufHeader): Map<string, GgufTensorInfo> =>
  new Map(header.tensors.map((info) => [info.name, info]));
const readTensor = (source: ByteSource, { begin, size }: GgufTensorInfo): Promise<Uint8Array> =>
  source.read(begin, begin + size);

async function readConfig(
  source: ByteSource,
  header: GgufHeader,
): Promise<{ architecture: DecoderArchitecture; config: Record<string, unknown> }> {
  const metadata = new GgufMetadata(header.metadata, source.name);
  const architecture = architectureOfGguf(metadata);
  if ((metadata.number('split.count') ?? 1) > 1)
    metadata.refuse('this is one part of several.', 'Join the parts first: llama-gguf-split --merge.');
  const tensors = byName(header);
  const divisors = tensors.get('rope_freqs.weight');
  const ropeDivisors = divisors ? dequantize(divisors.type, await readTensor(source, divisors)) : null;
  return {
    architecture,
    config: configOfGguf(architecture, { metadata, tensors, ropeDivisors, tied: await isTied(source, tensors) }),
  };
}

/** Whether the output layer is the embedding: there is none, or a copy, as some converters write. */
async function isTied(source: ByteSource, tensors: ReadonlyMap<string, GgufTensorInfo>): Promise<boolean> {
  const [embedding, output] = [tensors.get('token_embd.weight'), tensors.get('output.weight')];
  if (!output) return true;
  if (embedding?.type !== output.type || embedding.size !== output.size) return false;
  const [a, b] = [await readTensor(source, embedding), await readTensor(source, output)];
  return a.every((byte, i) => byte === b[i]);
}

/** Configuration and size from the file's header. Throws as `readGgufCheckpoint` does. */
export async function summarizeGguf(source: ByteSource): Promise<GgufSummary> {
  const header = await readGgufHeader(source);
  const { config } = await readConfig(source, header);
  const parameters = header.tensors.reduce(
    (sum, { shape }) => sum + shape.reduce((product, size) => product * size, 1),
    0,
  );
  return { config, parameters, licence: new GgufMetadata(header.metadata, source.name).text('general.license') };
}

/**
 * Reads a whole model. The weights stay packed in memory, views into the file where the source gives views. Throws
 * `bad-model` naming the place for damaged files and `unsupported` naming an architecture or quantization that is not
 * read.
 */
export async function readGgufCheckpoint(source: ByteSource, options: ReadOptions = {}): Promise<GgufCheckpoint> {
  const header = await readGgufHeader(source);
  const { architecture, config } = await readConfig(source, header);
  const heads: Partial<Record<Layout, number>> = {
    'query-rows': config['num_attention_heads'] as number,
    'key-rows': config['num_key_value_heads'] as number,
  };
  const total = header.tensors.reduce((sum, { size }) => sum + size, 0);
  let done = 0;
  const tensors = new Map<string, NamedTensor>();
  for (const info of header.tensors) {
    throwIfCancelled(options.signal);
    options.onProgress?.(done, total);
    done += info.size;
    if (isDerived(info.name)) continue;
    const target = hfName(architecture, info.name) ?? refuseUnknown(source.name, architecture, info.name);
    if (target.name === 'lm_head.weight' && config['tie_word_embeddings'] === true) continue;
    tensors.set(
      target.name,
      namedTensor(target, info, await readTensor(source, info), heads[target.layout] ?? 1, source.name),
    );
  }
  options.onProgress?.(total, total);
  const metadata = new GgufMetadata(header.metadata, source.name);
  const files = ggufTokenizerFiles(metadata);
  const chat = await readChatFiles([...files].map(([path, bytes]) => memoryFile(path, bytes)));
  files.delete('generation_config.json');
  return {
    config,
    tensors,
    tokenizerFiles: files,
    licence: metadata.text('general.license'),
    adapter: null,
    denseHead: null,
    chat,
  };
}

function refuseUnknown(file: string, architecture: string, tensor: string): never {
  throw new TabtuneError(
    'unsupported',
    `${file}: "${tensor}" belongs to no \`${architecture}\` model that is known here.`,
    { place: { file, tensor }, fix: 'Take the safetensors version of the model.' },
  );
}

function namedTensor(
  { name, layout }: { name: string; layout: Layout },
  { type, shape, name: stored }: GgufTensorInfo,
  bytes: Uint8Array,
  heads: number,
  file: string,
): NamedTensor {
  const rows = shape[0] ?? 0;
  const permuted = layout === 'query-rows' || layout === 'key-rows';
  if (permuted && rows % (2 * heads) !== 0)
    throw new TabtuneError('bad-model', `${file}: "${stored}" has ${rows} rows, which ${heads} heads cannot share.`, {
      place: { file, tensor: stored },
      fix: 'The file is damaged: download or convert it again.',
    });
  const ordered = permuted ? unpermutedRows(bytes, rows, heads) : bytes;
  const columns = shape[1] ?? 1;
  const packed =
    isBlockType(type) && shape.length === 2 ? { type, shape: [rows, columns] as const, bytes: ordered } : undefined;
  if (layout === 'transposed')
    return unpackedWhenAsked(name, [columns, rows], () => transposed(dequantize(type, ordered), rows, columns), packed);
  return isFloatType(type)
    ? { name, dtype: type, shape, bytes: ordered }
    : unpackedWhenAsked(name, shape, () => dequantize(type, ordered), packed);
}

const isBlockType = (type: GgufType): type is BlockType => type === 'Q8_0' || type === 'Q4_0' || type === 'Q4_1';

/** An F32 tensor whose bytes are made anew each time, so that a model never lies in memory both packed and unpacked. */
function unpackedWhenAsked(
  name: string,
  shape: readonly number[],
  values: () => Float32Array,
  packed: PackedBlocks | undefined,
): NamedTensor {
  return {
    name,
    dtype: 'F32',
    shape,
    ...(packed && { packed }),
    get bytes() {
      return fromFloat32(name, shape, values()).bytes;
    },
  };
}
