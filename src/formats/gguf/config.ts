/** Writes the `config.json` that a decoder's GGUF metadata amounts to, with the field names of transformers. */
import type { GgufTensorInfo } from './header';
import type { GgufMetadata } from './metadata';
import { GGUF_ARCHITECTURES } from './names';
import type { GgufArchitecture } from './names';
import { llama3ScalingOf } from './rope';

export interface ConfigSources {
  metadata: GgufMetadata;
  /** By GGUF name. */
  tensors: ReadonlyMap<string, GgufTensorInfo>;
  /** Values of `rope_freqs.weight`, or null. */
  ropeDivisors: Float32Array | null;
  /** Whether the output layer is the embedding. */
  tied: boolean;
}

type Config = Record<string, unknown>;

/** The architecture; throws `unsupported` naming those that are read. */
export function architectureOfGguf(metadata: GgufMetadata): GgufArchitecture {
  const name = metadata.text('general.architecture') ?? metadata.fail('`general.architecture` is missing.');
  const kind = metadata.text('general.type');
  if (kind !== null && kind !== 'model')
    metadata.refuse(
      `this GGUF holds ${kind === 'adapter' ? 'a LoRA adapter' : `a “${kind}”`}, not a model.`,
      'Take the GGUF of the model itself.',
    );
  const known = GGUF_ARCHITECTURES.find((architecture) => architecture === name);
  return (
    known ??
    metadata.refuse(
      `the architecture \`${name}\` is not supported.`,
      `Supported in GGUF files are ${GGUF_ARCHITECTURES.join(', ')}.`,
    )
  );
}

/**
 * `config.json` of transformers 4, which 5 reads as well. Throws `bad-model` for figures that are missing or cannot be
 * true, `unsupported` for variants that compute something else.
 */
export function configOfGguf(architecture: GgufArchitecture, sources: ConfigSources): Config {
  const { metadata, tensors, tied } = sources;
  const embedding = tensors.get('token_embd.weight') ?? metadata.fail('there is no tensor "token_embd.weight".');
  const config = architecture === 'gpt2' ? gpt2(metadata) : llamaLike(architecture, sources);
  const ids = Object.fromEntries(
    (
      [
        ['bos_token_id', 'bos'],
        ['eos_token_id', 'eos'],
        ['pad_token_id', 'padding'],
      ] as const
    ).map(([field, key]) => [field, metadata.number(`tokenizer.ggml.${key}_token_id`)]),
  );
  return { ...config, vocab_size: embedding.shape[0] ?? 0, tie_word_embeddings: tied, ...ids };
}

function gpt2(metadata: GgufMetadata): Config {
  const width = metadata.size('gpt2.embedding_length');
  const heads = metadata.size('gpt2.attention.head_count');
  if (width % heads !== 0)
    metadata.fail(
      `\`gpt2.embedding_length\` (${width}) is not a multiple of \`gpt2.attention.head_count\` (${heads}).`,
    );
  return {
    architectures: ['GPT2LMHeadModel'],
    model_type: 'gpt2',
    n_embd: width,
    n_layer: metadata.size('gpt2.block_count'),
    n_head: heads,
    n_inner: metadata.size('gpt2.feed_forward_length'),
    n_positions: metadata.size('gpt2.context_length'),
    n_ctx: metadata.size('gpt2.context_length'),
    layer_norm_epsilon: metadata.number('gpt2.attention.layer_norm_epsilon') ?? 1e-5,
    activation_function: 'gelu_new',
  };
}

const CLASS = { llama: 'LlamaForCausalLM', qwen2: 'Qwen2ForCausalLM', qwen3: 'Qwen3ForCausalLM' };

function llamaLike(
  architecture: Exclude<GgufArchitecture, 'gpt2'>,
  { metadata, tensors, ropeDivisors }: ConfigSources,
): Config {
  const key = (name: string): string => `${architecture}.${name}`;
  if ((metadata.number(key('expert_count')) ?? 0) > 0)
    metadata.refuse('this is a mixture of experts.', 'Take a dense model.');
  const heads = metadata.size(key('attention.head_count'));
  const keyHeads = metadata.has(key('attention.head_count_kv')) ? metadata.size(key('attention.head_count_kv')) : heads;
  if (heads % keyHeads !== 0)
    metadata.fail(
      `\`${key('attention.head_count')}\` (${heads}) is not a multiple of ` +
        `\`${key('attention.head_count_kv')}\` (${keyHeads}).`,
    );
  const width = metadata.size(key('embedding_length'));
  const headSize = metadata.has(key('attention.key_length'))
    ? metadata.size(key('attention.key_length'))
    : width / heads;
  if (!Number.isInteger(headSize) || headSize % 2 !== 0)
    metadata.fail(
      `heads of ${headSize} values are not possible: \`${key('embedding_length')}\` ${width}, ` +
        `\`${key('attention.head_count')}\` ${heads}.`,
    );
  for (const other of ['attention.value_length', 'rope.dimension_count'])
    if ((metadata.number(key(other)) ?? headSize) !== headSize)
      metadata.refuse(
        `\`${key(other)}\` is another than the heads’ size of ${headSize}.`,
        'Take a model that turns and weighs whole heads.',
      );
  const theta = metadata.number(key('rope.freq_base')) ?? 10_000;
  const has = (name: string): boolean => tensors.has(`blk.0.${name}`);
  return {
    architectures: [CLASS[architecture]],
    model_type: architecture,
    hidden_size: width,
    intermediate_size: metadata.size(key('feed_forward_length')),
    num_hidden_layers: metadata.size(key('block_count')),
    num_attention_heads: heads,
    num_key_value_heads: keyHeads,
    head_dim: headSize,
    max_position_embeddings: metadata.size(key('context_length')),
    rms_norm_eps:
      metadata.number(key('attention.layer_norm_rms_epsilon')) ??
      metadata.fail(`\`${key('attention.layer_norm_rms_epsilon')}\` is missing.`),
    rope_theta: theta,
    rope_scaling: ropeScaling(architecture, metadata, ropeDivisors, headSize, theta),
    hidden_act: 'silu',
    // Qwen 2 always has biases at Q, K and V and knows no such field.
    ...(architecture === 'qwen2' ? { use_sliding_window: false } : { attention_bias: has('attn_q.bias') }),
    ...(architecture === 'llama' ? { mlp_bias: has('ffn_up.bias') } : {}),
  };
}

function ropeScaling(
  architecture: GgufArchitecture,
  metadata: GgufMetadata,
  divisors: Float32Array | null,
  headSize: number,
  theta: number,
): Config | null {
  if (divisors?.some((value) => Math.abs(value - 1) > 1e-6)) {
    const scaling = llama3ScalingOf(divisors, headSize, theta);
    if (!scaling)
      return metadata.refuse(
        'its rotary frequencies (`rope_freqs.weight`) are scaled in an unknown way.',
        'Take the safetensors version of the model.',
      );
    return {
      rope_type: 'llama3',
      factor: scaling.factor,
      low_freq_factor: scaling.low,
      high_freq_factor: scaling.high,
      original_max_position_embeddings: scaling.original,
    };
  }
  const type = metadata.text(`${architecture}.rope.scaling.type`) ?? 'none';
  const factor =
    metadata.number(`${architecture}.rope.scaling.factor`) ?? metadata.number(`${architecture}.rope.scale_linear`) ?? 1;
  if (type === 'none' || factor === 1) return null;
  const original = metadata.number(`${architecture}.rope.scaling.original_context_length`);
  return { rope_type: type, factor, ...(original === null ? {} : { original_max_position_embeddings: original }) };
}
