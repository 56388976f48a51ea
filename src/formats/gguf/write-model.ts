/**
 * Writes a decoder as a GGUF file for llama.cpp and what is built on it: merged weights, tokenizer and chat template in
 * one file.
 */
import type { Json } from '../../base/json';
import { tiesEmbeddings, type DecoderArchitecture } from '../../domain/architectures';
import { TabtuneError } from '../../base/errors';
import { toFloat32 } from '../dtype';
import type { NamedTensor } from '../tensor';
import { ggufName } from './names';
import { GGUF_MODELS } from './models';
import type { Layout } from './models/model';
import { quantize } from './quantize';
import type { WrittenType } from './quantize';
import { permutedRows, transposed } from './rows';
import { GGUF_TYPES } from './types';
import { writeGguf } from './write';
import type { GgufEntry, GgufTensor } from './write';
import { architectureEntries, ggufArchitectureOf } from './write-config';
import { tokenizerEntries } from './write-tokenizer';

export interface GgufModelOptions {
  /** config.json. */
  config: Json;
  /** By Hugging Face name, LoRA merged. A tied `lm_head.weight` may be there or not; it is not written. */
  tensors: readonly NamedTensor[];
  /** tokenizer.json and tokenizer_config.json. */
  tokenizerFiles: ReadonlyMap<string, Uint8Array>;
  chatTemplate: string | null;
  type: WrittenType;
  name: string;
  licence: string | null;
}

/** `enum llama_ftype`. */
const FILE_TYPES: Record<WrittenType, number> = { F32: 0, F16: 1, Q4_0: 2, Q8_0: 7 };

/**
 * How a tensor is stored, as llama.cpp's own tools do: vectors and position embeddings in F32; matrices in the type
 * asked for, or in F16 where their rows are no whole blocks; the embedding and the output layer of a Q4_0 file in Q8_0,
 * which hurts least.
 */
function storedType(name: string, shape: readonly number[], type: WrittenType): WrittenType {
  if (shape.length < 2 || name === 'position_embd.weight') return 'F32';
  const wanted = type === 'Q4_0' && (name === 'token_embd.weight' || name === 'output.weight') ? 'Q8_0' : type;
  return (shape.at(-1) ?? 0) % GGUF_TYPES[wanted].blockValues === 0 ? wanted : 'F16';
}

/** The values in GGUF's layout; of Q and K the rows are moved, of GPT-2's matrices rows become columns. */
export function inGgufLayout(tensor: NamedTensor, layout: Layout, heads: { query: number; key: number }): Float32Array {
  const values = toFloat32(tensor);
  const [rows = 0, columns = 1] = tensor.shape;
  if (layout === 'same') return values;
  if (layout === 'transposed') return transposed(values, rows, columns);
  const count = layout === 'query-rows' ? heads.query : heads.key;
  if (rows % (2 * count) !== 0)
    throw new TabtuneError('internal', `"${tensor.name}" has ${rows} rows, which ${count} heads cannot share.`, {
      place: { tensor: tensor.name },
    });
  return new Float32Array(
    permutedRows(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), rows, count).buffer,
  );
}

/** Heads of Q and of K; GPT-2's are not needed. */
export function headsOf(config: Json): { query: number; key: number } {
  const query = typeof config['num_attention_heads'] === 'number' ? config['num_attention_heads'] : 1;
  return { query, key: typeof config['num_key_value_heads'] === 'number' ? config['num_key_value_heads'] : query };
}

function stored(
  architecture: DecoderArchitecture,
  tensor: NamedTensor,
  heads: { query: number; key: number },
  type: WrittenType,
): GgufTensor {
  const target = ggufName(architecture, tensor.name);
  if (!target)
    throw new TabtuneError(
      'unsupported',
      `A GGUF of this model cannot be written: it has no name for "${tensor.name}".`,
      { place: { tensor: tensor.name }, fix: 'Export it as a Hugging Face folder instead.' },
    );
  const shape = target.layout === 'transposed' ? tensor.shape.toReversed() : tensor.shape;
  const as = storedType(target.name, shape, type);
  return {
    name: target.name,
    type: as,
    shape,
    pack: () => quantize(as, inGgufLayout(tensor, target.layout, heads), tensor.name),
  };
}

/** Scaled rotary frequencies, which llama.cpp reads from a tensor. */
function ropeTensor(architecture: DecoderArchitecture, config: Json): GgufTensor[] {
  const divisors = GGUF_MODELS[architecture].ropeDivisors?.(config);
  if (!divisors) return [];
  const { buffer, byteOffset, byteLength, length } = divisors;
  const pack = (): Uint8Array => new Uint8Array(buffer, byteOffset, byteLength);
  return [{ name: 'rope_freqs.weight', type: 'F32', shape: [length], pack }];
}

/**
 * The file's bytes. Tensors are packed one after the other. Throws `unsupported` for architectures and tokenizers that
 * llama.cpp has no name for, `numbers` for weights that half precision cannot hold.
 */
export function writeGgufModel(options: GgufModelOptions): Uint8Array<ArrayBuffer> {
  const { config, type, name, licence } = options;
  const architecture = ggufArchitectureOf(config);
  const tied = tiesEmbeddings(config);
  const heads = headsOf(config);
  const written = options.tensors
    .filter((tensor) => !(tied && tensor.name === 'lm_head.weight'))
    .map((tensor) => stored(architecture, tensor, heads, type));
  const rows = written.find((tensor) => tensor.name === 'token_embd.weight')?.shape[0];
  if (rows === undefined) throw new TabtuneError('internal', 'The model has no token embedding to write.');
  const metadata = new Map<string, GgufEntry>([
    ['general.architecture', { type: 'string', value: architecture }],
    ['general.type', { type: 'string', value: 'model' }],
    ['general.name', { type: 'string', value: name }],
    ...(licence === null ? [] : ([['general.license', { type: 'string', value: licence }]] as [string, GgufEntry][])),
    ['general.file_type', { type: 'u32', value: FILE_TYPES[type] }],
    ['general.quantization_version', { type: 'u32', value: 2 }],
    ...architectureEntries(config),
    ...tokenizerEntries(options.tokenizerFiles, config, rows, options.chatTemplate),
  ]);
  return writeGguf(metadata, [...ropeTensor(architecture, config), ...written]);
}
