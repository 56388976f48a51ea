/** GPT-2 in GGUF: its matrices are stored the other way round. */
import type { GgufMetadata } from '../metadata';
import type { GgufEntry } from '../write';
import { figure, real, refuse, size, whole } from '../write-fields';
import type { GgufModel, Json, Pair } from './model';

const OUTER: Pair[] = [
  ['token_embd', 'transformer.wte'],
  ['position_embd', 'transformer.wpe'],
  ['output_norm', 'transformer.ln_f'],
  ['output', 'lm_head'],
];
const INNER: Pair[] = [
  ['attn_norm', 'ln_1'],
  ['attn_qkv', 'attn.c_attn', 'transposed'],
  ['attn_output', 'attn.c_proj', 'transposed'],
  ['ffn_norm', 'ln_2'],
  ['ffn_up', 'mlp.c_fc', 'transposed'],
  ['ffn_down', 'mlp.c_proj', 'transposed'],
];

function configOf(metadata: GgufMetadata): Record<string, unknown> {
  const width = metadata.size('gpt2.embedding_length');
  const heads = metadata.size('gpt2.attention.head_count');
  if (width % heads !== 0)
    metadata.fail(
      `\`gpt2.embedding_length\` (${width}) is not a multiple of \`gpt2.attention.head_count\` (${heads}).`,
    );
  return {
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

function entriesOf(config: Json): [string, GgufEntry][] {
  if (!['gelu_new', 'gelu_pytorch_tanh', undefined].includes(config['activation_function'] as string | undefined))
    refuse(`\`activation_function\` is ${JSON.stringify(config['activation_function'])}.`);
  const width = size(config, 'n_embd');
  return [
    ['block_count', whole(size(config, 'n_layer'))],
    ['context_length', whole(size(config, 'n_positions'))],
    ['embedding_length', whole(width)],
    [
      'feed_forward_length',
      whole(config['n_inner'] === null || config['n_inner'] === undefined ? 4 * width : size(config, 'n_inner')),
    ],
    ['attention.head_count', whole(size(config, 'n_head'))],
    ['attention.layer_norm_epsilon', real(figure(config['layer_norm_epsilon'] ?? 1e-5, 'layer_norm_epsilon'))],
  ];
}

export const gpt2: GgufModel = {
  outer: OUTER,
  inner: INNER,
  layers: 'transformer.h',
  config: (_, { metadata }) => configOf(metadata),
  entries: entriesOf,
};
