/** The measured decoders: Llamas with random weights in two shapes, their adapters, their batch. */
import { must } from '../../src/base/assert';
import { SeededRandom } from '../../src/base/random';
import { LORA, type Weight } from './minilm';

/** Sizes as `config.json` names them. */
export interface DecoderShape {
  vocab_size: number;
  hidden_size: number;
  intermediate_size: number;
  num_hidden_layers: number;
  num_attention_heads: number;
  num_key_value_heads: number;
  rope_theta: number;
}

/** Blocks of SmolLM2-135M with a small vocabulary, so that the blocks are what is measured; and stories260K whole. */
export const DECODERS = {
  'smollm2-blocks': {
    vocab_size: 512,
    hidden_size: 576,
    intermediate_size: 1536,
    num_hidden_layers: 4,
    num_attention_heads: 9,
    num_key_value_heads: 3,
    rope_theta: 100_000,
  },
  stories260K: {
    vocab_size: 512,
    hidden_size: 64,
    intermediate_size: 172,
    num_hidden_layers: 5,
    num_attention_heads: 8,
    num_key_value_heads: 4,
    rope_theta: 10_000,
  },
} as const satisfies Record<string, DecoderShape>;
export type DecoderName = keyof typeof DECODERS;

export const EPSILON = 1e-5;
export const EMBEDDINGS = 'model.embed_tokens.weight';
export const headSizeOf = ({ hidden_size: hidden, num_attention_heads: heads }: DecoderShape): number => hidden / heads;

/** The whole `config.json`. The output layer is the embedding. */
export const configOf = (shape: DecoderShape): Record<string, unknown> => ({
  ...shape,
  model_type: 'llama',
  architectures: ['LlamaForCausalLM'],
  max_position_embeddings: 512,
  rms_norm_eps: EPSILON,
  hidden_act: 'silu',
  tie_word_embeddings: true,
  bos_token_id: 1,
  eos_token_id: 2,
});

/** Names of the linear layers of a block, with [out, in]. */
export function linearLayersOf(
  shape: DecoderShape,
  index: number,
): { name: string; shape: readonly [number, number] }[] {
  const { hidden_size: h, intermediate_size: f } = shape;
  const narrow = shape.num_key_value_heads * headSizeOf(shape);
  const block = `model.layers.${index}`;
  return [
    { name: `${block}.self_attn.q_proj`, shape: [h, h] },
    { name: `${block}.self_attn.k_proj`, shape: [narrow, h] },
    { name: `${block}.self_attn.v_proj`, shape: [narrow, h] },
    { name: `${block}.self_attn.o_proj`, shape: [h, h] },
    { name: `${block}.mlp.gate_proj`, shape: [f, h] },
    { name: `${block}.mlp.up_proj`, shape: [f, h] },
    { name: `${block}.mlp.down_proj`, shape: [h, f] },
  ];
}

const blocks = ({ num_hidden_layers: count }: DecoderShape): number[] => Array.from({ length: count }, (_, i) => i);
const allLinear = (shape: DecoderShape): ReturnType<typeof linearLayersOf> =>
  blocks(shape).flatMap((i) => linearLayersOf(shape, i));

function drawn(name: string, rows: number, columns: number, spread: number): Weight {
  const random = new SeededRandom(1, name);
  return {
    name,
    shape: [rows, columns],
    values: Float32Array.from({ length: rows * columns }, () => spread * (2 * random.next() - 1)),
  };
}

/** Every weight under its Hugging Face name; matrices of variance 1 / in, norms of ones. */
export function decoderWeights(shape: DecoderShape): Weight[] {
  const { vocab_size: vocabulary, hidden_size: h } = shape;
  const norm = (name: string): Weight => ({ name: `${name}.weight`, shape: [h], values: new Float32Array(h).fill(1) });
  return [
    drawn(EMBEDDINGS, vocabulary, h, 0.1),
    ...allLinear(shape).map(({ name, shape: [out, inputs] }) =>
      drawn(`${name}.weight`, out, inputs, Math.sqrt(3 / inputs)),
    ),
    ...blocks(shape).flatMap((i) => [
      norm(`model.layers.${i}.input_layernorm`),
      norm(`model.layers.${i}.post_attention_layernorm`),
    ]),
    norm('model.norm'),
  ];
}

/** Adapters of all linear layers: A drawn, B zero. */
export const decoderAdapters = (shape: DecoderShape): Weight[] =>
  allLinear(shape).flatMap(({ name, shape: [out, inputs] }) => [
    drawn(`${name}.lora_A.weight`, LORA.rank, inputs, 1 / Math.sqrt(inputs)),
    { name: `${name}.lora_B.weight`, shape: [out, LORA.rank], values: new Float32Array(out * LORA.rank) },
  ]);

/**
 * The same sequences for everyone: `batch` of `length` random tokens each; every token but the first of each is to be
 * predicted.
 */
export function decoderSequences(
  { vocab_size: vocabulary }: DecoderShape,
  batch: number,
  length: number,
): Int32Array<ArrayBuffer>[] {
  const random = new SeededRandom(1, 'decoder tokens');
  return Array.from({ length: batch }, () => Int32Array.from({ length }, () => random.below(vocabulary)));
}

/**
 * The token that each of the batch·length rows is to predict, one-hot; zeros behind the last of a sequence. Divide by
 * `predicted`.
 */
export function oneHotTargets(
  shape: DecoderShape,
  sequences: readonly Int32Array[],
): { values: Float32Array<ArrayBuffer>; predicted: number } {
  const length = sequences[0]?.length ?? 0;
  const values = new Float32Array(sequences.length * length * shape.vocab_size);
  sequences.forEach((ids, s) => {
    for (let i = 1; i < length; i++) values[(s * length + i - 1) * shape.vocab_size + must(ids[i])] = 1;
  });
  return { values, predicted: sequences.length * (length - 1) };
}

/** Cosines and sines of rotary embedding, [length, head size / 2] each. */
export function rotary(
  shape: DecoderShape,
  length: number,
): { cos: Float32Array<ArrayBuffer>; sin: Float32Array<ArrayBuffer> } {
  const half = headSizeOf(shape) / 2;
  const angle = (at: number): number => Math.floor(at / half) * shape.rope_theta ** (-(at % half) / half);
  return {
    cos: Float32Array.from({ length: length * half }, (_, at) => Math.cos(angle(at))),
    sin: Float32Array.from({ length: length * half }, (_, at) => Math.sin(angle(at))),
  };
}

/** Added to the scores, [length, length]: 0 for what a query may see. */
export const causalMask = (length: number): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: length * length }, (_, at) => (at % length <= Math.floor(at / length) ? 0 : -1e9));

/** What lib/work.ts counts with. */
export function decoderCounts(shape: DecoderShape): {
  linear: number;
  head: number;
  adapters: number;
  attentionWidth: number;
  keptPerToken: number;
} {
  const layers = allLinear(shape);
  const { num_hidden_layers: count, hidden_size: h, intermediate_size: f, vocab_size: vocabulary } = shape;
  return {
    linear: layers.reduce((sum, { shape: [out, inputs] }) => sum + out * inputs, 0),
    head: vocabulary * h,
    adapters: layers.reduce((sum, { shape: [out, inputs] }) => sum + LORA.rank * (out + inputs), 0),
    attentionWidth: count * h,
    // Of each block: input, both norms, q and context (as wide as the model), k and v, gate, up and their product.
    keptPerToken: count * (6 * h + 2 * shape.num_key_value_heads * headSizeOf(shape) + 3 * f),
  };
}
