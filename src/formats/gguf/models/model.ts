/** What GGUF files say of one architecture: names of tensors, and its metadata beside config.json. */
import type { GgufTensorInfo } from '../header';
import type { GgufMetadata } from '../metadata';
import type { GgufEntry } from '../write';

/**
 * How the rows of a tensor are laid out beside Hugging Face's: rows of Q and K in another order, or a matrix
 * transposed.
 */
export type Layout = 'same' | 'query-rows' | 'key-rows' | 'transposed';

/** Names of a module in GGUF and in Hugging Face's files, without layer and kind. */
export type Pair = [gguf: string, hf: string, layout?: Layout];

export type Json = Readonly<Record<string, unknown>>;

export interface ConfigSources {
  metadata: GgufMetadata;
  /** By GGUF name. */
  tensors: ReadonlyMap<string, GgufTensorInfo>;
  /** Values of `rope_freqs.weight`, or null. */
  ropeDivisors: Float32Array | null;
  /** Whether the output layer is the embedding. */
  tied: boolean;
}

export interface GgufModel {
  outer: readonly Pair[];
  inner: readonly Pair[];
  /** Module path of the blocks in Hugging Face's names. */
  layers: string;
  /**
   * config.json of the metadata, without what all have. Throws `bad-model` for figures that are missing or cannot be
   * true, `unsupported` for variants that compute something else.
   */
  config(architecture: string, sources: ConfigSources): Record<string, unknown>;
  /**
   * The way back; keys without the architecture's name. Throws `unsupported` for what llama.cpp would compute
   * otherwise.
   */
  entries(config: Json): [string, GgufEntry][];
  /** What each rotary frequency is divided by, where llama.cpp reads that from a tensor. */
  ropeDivisors?(config: Json): Float32Array | null;
}
