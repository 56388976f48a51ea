/** Llama and its kin in GGUF. */
import { TabtuneError } from '../../../base/errors';
import type { GgufMetadata } from '../metadata';
import type { GgufEntry } from '../write';
import { figure, real, refuse, ropeOf, size, text, whole } from '../write-fields';
import { llama3Divisors, llama3ScalingOf } from './llama3-scaling';
import type { ConfigSources, GgufModel, Json, Pair } from './model';

/** Where the kin differ. */
interface Kin {
  /** Whether the rows of Q and K lie in another order than in Hugging Face's files. */
  permuted: boolean;
  /** Whether the size of heads is written even where the width tells it. */
  headSize: boolean;
  /** Whether frequencies that are scaled as Llama 3's are a tensor (`rope_freqs`). */
  scaledTensor: boolean;
}

const OUTER: Pair[] = [
  ['token_embd', 'model.embed_tokens'],
  ['output_norm', 'model.norm'],
  ['output', 'lm_head'],
];
const INNER: Pair[] = [
  ['attn_norm', 'input_layernorm'],
  ['attn_q', 'self_attn.q_proj', 'query-rows'],
  ['attn_k', 'self_attn.k_proj', 'key-rows'],
  ['attn_v', 'self_attn.v_proj'],
  ['attn_output', 'self_attn.o_proj'],
  ['attn_q_norm', 'self_attn.q_norm'],
  ['attn_k_norm', 'self_attn.k_norm'],
  ['ffn_norm', 'post_attention_layernorm'],
  ['ffn_gate', 'mlp.gate_proj'],
  ['ffn_up', 'mlp.up_proj'],
  ['ffn_down', 'mlp.down_proj'],
];

function configOf(architecture: string, { metadata, tensors, ropeDivisors }: ConfigSources): Record<string, unknown> {
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
  architecture: string,
  metadata: GgufMetadata,
  divisors: Float32Array | null,
  headSize: number,
  theta: number,
): Record<string, unknown> | null {
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

function entriesOf(kin: Kin, config: Json): [string, GgufEntry][] {
  if ((config['hidden_act'] ?? 'silu') !== 'silu') refuse(`\`hidden_act\` is ${JSON.stringify(config['hidden_act'])}.`);
  const { theta, headSize, scaling } = ropeOf(config);
  const heads = size(config, 'num_attention_heads');
  const width = size(config, 'hidden_size');
  const ownHeadSize = kin.headSize || headSize * heads !== width;
  return [
    ['block_count', whole(size(config, 'num_hidden_layers'))],
    ['context_length', whole(size(config, 'max_position_embeddings'))],
    ['embedding_length', whole(width)],
    ['feed_forward_length', whole(size(config, 'intermediate_size'))],
    ['attention.head_count', whole(heads)],
    [
      'attention.head_count_kv',
      whole(config['num_key_value_heads'] === undefined ? heads : size(config, 'num_key_value_heads')),
    ],
    ['attention.layer_norm_rms_epsilon', real(figure(config['rms_norm_eps'], 'rms_norm_eps'))],
    ...(ownHeadSize
      ? ([
          ['attention.key_length', whole(headSize)],
          ['attention.value_length', whole(headSize)],
        ] as [string, GgufEntry][])
      : []),
    ['rope.freq_base', real(theta)],
    ['rope.dimension_count', whole(headSize)],
    ['vocab_size', whole(size(config, 'vocab_size'))],
    ...scalingEntries(scaling),
  ];
}

/** Llama 3's scaling is a tensor instead (`rope_freqs`). */
function scalingEntries(scaling: Json | null): [string, GgufEntry][] {
  if (scaling === null) return [];
  switch (scaling['rope_type']) {
    case 'llama3':
      return [];
    case 'linear':
      return [
        ['rope.scaling.type', text('linear')],
        ['rope.scaling.factor', real(figure(scaling['factor'], 'factor'))],
      ];
    default:
      return refuse(`its rotary frequencies are scaled by ${JSON.stringify(scaling['rope_type'])}.`);
  }
}

function divisorsOf(config: Json): Float32Array | null {
  const { theta, headSize, scaling } = ropeOf(config);
  if (scaling?.['rope_type'] !== 'llama3') return null;
  const given = (field: string): number => (typeof scaling[field] === 'number' ? scaling[field] : NaN);
  const figures = {
    factor: given('factor'),
    low: given('low_freq_factor'),
    high: given('high_freq_factor'),
    original: given('original_max_position_embeddings'),
  };
  const divisors = llama3Divisors(figures, headSize, theta);
  if (divisors.every((value) => Number.isFinite(value))) return divisors;
  throw new TabtuneError('bad-model', 'config.json: the scaling of the rotary frequencies is not whole.', {
    place: { file: 'config.json' },
  });
}

export const rotary = (kin: Kin): GgufModel => ({
  outer: OUTER,
  inner: kin.permuted ? INNER : INNER.map(([gguf, hf]): Pair => [gguf, hf]),
  layers: 'model.layers',
  config: configOf,
  entries: (config) => entriesOf(kin, config),
  ...(kin.scaledTensor ? { ropeDivisors: divisorsOf } : {}),
});
