/** Writes the GGUF metadata that a decoder's config.json amounts to: the way back of config.ts. */
import { isObject } from '../../base/json';
import type { Json } from '../../base/json';
import { TabtuneError } from '../../base/errors';
import { GGUF_ARCHITECTURES } from './names';
import type { GgufArchitecture } from './names';
import type { GgufEntry } from './write';

const FILE = 'config.json';
const text = (value: string): GgufEntry => ({ type: 'string', value });
const whole = (value: number): GgufEntry => ({ type: 'u32', value });
const real = (value: number): GgufEntry => ({ type: 'f32', value });

function refuse(message: string): never {
  throw new TabtuneError('unsupported', `A GGUF of this model cannot be written: ${message}`, {
    place: { file: FILE },
    fix: 'Export it as a Hugging Face folder instead.',
  });
}

/** The architecture as GGUF calls it; throws `unsupported` for one that is not written. */
export function ggufArchitectureOf(config: Json): GgufArchitecture {
  return (
    GGUF_ARCHITECTURES.find((name) => name === config['model_type']) ??
    refuse(`the architecture \`${String(config['model_type'])}\` is not known there.`)
  );
}

function size(config: Json, field: string): number {
  const value = config[field];
  return typeof value === 'number' && Number.isInteger(value) && value > 0
    ? value
    : refuse(`\`${field}\` is ${JSON.stringify(value)}.`);
}

function figure(value: unknown, field: string): number {
  return typeof value === 'number' && Number.isFinite(value)
    ? value
    : refuse(`\`${field}\` is ${JSON.stringify(value)}.`);
}

/**
 * Base and scaling of the rotary embedding, from the fields of transformers 4 (`rope_theta`, `rope_scaling`) or 5
 * (`rope_parameters`).
 */
export function ropeOf(config: Json): { theta: number; headSize: number; scaling: Json | null } {
  const parameters = isObject(config['rope_parameters']) ? config['rope_parameters'] : {};
  const theta = figure(parameters['rope_theta'] ?? config['rope_theta'] ?? 10_000, 'rope_theta');
  const headSize =
    typeof config['head_dim'] === 'number'
      ? config['head_dim']
      : size(config, 'hidden_size') / size(config, 'num_attention_heads');
  const scaling = isObject(config['rope_scaling']) ? config['rope_scaling'] : parameters;
  const type = scaling['rope_type'] ?? scaling['type'] ?? 'default';
  return { theta, headSize, scaling: type === 'default' ? null : { ...scaling, rope_type: type } };
}

/**
 * Entries of the architecture, in no prefix's debt: keys are whole. Throws `unsupported` for what llama.cpp would
 * compute otherwise.
 */
export function architectureEntries(config: Json): [string, GgufEntry][] {
  const architecture = ggufArchitectureOf(config);
  const entries = architecture === 'gpt2' ? gpt2(config) : llamaLike(architecture, config);
  return entries.map(([key, entry]) => [`${architecture}.${key}`, entry]);
}

function gpt2(config: Json): [string, GgufEntry][] {
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

function llamaLike(architecture: Exclude<GgufArchitecture, 'gpt2'>, config: Json): [string, GgufEntry][] {
  if ((config['hidden_act'] ?? 'silu') !== 'silu') refuse(`\`hidden_act\` is ${JSON.stringify(config['hidden_act'])}.`);
  const { theta, headSize, scaling } = ropeOf(config);
  const heads = size(config, 'num_attention_heads');
  const width = size(config, 'hidden_size');
  const ownHeadSize = architecture === 'qwen3' || headSize * heads !== width;
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
