/**
 * GGUF files, spoilt byte by byte or entry by entry, and configurations of decoders: what is taken makes sense as a
 * whole.
 */
import fc from 'fast-check';
import { bytesSource } from '../../src/base/bytes';
import { decoderSpec } from '../../src/engine/models/index';
import { describeConfig } from '../../src/formats/hf-config';
import { parseJsonObject } from '../../src/formats/json-file';
import { fromFloat32 } from '../../src/formats/dtype';
import { readGgufAdapter, writeGgufAdapter } from '../../src/formats/gguf/adapter';
import { readGgufCheckpoint, summarizeGguf } from '../../src/formats/gguf/checkpoint';
import { quantize } from '../../src/formats/gguf/quantize';
import { writeGguf } from '../../src/formats/gguf/write';
import type { GgufEntry, GgufTensor } from '../../src/formats/gguf/write';
import { byteLength } from '../../src/formats/tensor';
import { agree, fuzzTarget, holds, outcomeOf } from '../target';
import { spoiltBytes, spoiltJson, utf8 } from '../hostile';

const text = (value: string): GgufEntry => ({ type: 'string', value });
const whole = (value: number): GgufEntry => ({ type: 'u32', value });
const real = (value: number): GgufEntry => ({ type: 'f32', value });
const floats = (name: string, shape: number[]): GgufTensor => {
  const values = Float32Array.from({ length: shape.reduce((product, size) => product * size, 1) }, (_, i) => i / 8);
  return { name, type: 'F32', shape, pack: () => fromFloat32(name, shape, values).bytes };
};
const blocks = (name: string, shape: number[]): GgufTensor => ({
  ...floats(name, shape),
  type: 'Q8_0',
  pack: () => quantize('Q8_0', new Float32Array(shape.reduce((product, size) => product * size, 1)), name),
});

const TOKENIZERS: Record<string, GgufEntry>[] = [
  {
    'tokenizer.ggml.model': text('llama'),
    'tokenizer.ggml.tokens': { type: 'strings', value: ['<unk>', '<s>', '</s>', 'a', '<0x0A>'] },
    'tokenizer.ggml.scores': { type: 'f32s', value: [0, 0, 0, -1, 0] },
    'tokenizer.ggml.token_type': { type: 'i32s', value: [2, 3, 3, 1, 6] },
    'tokenizer.ggml.bos_token_id': whole(1),
    'tokenizer.ggml.eos_token_id': whole(2),
    'tokenizer.chat_template': text('{{ messages }}'),
  },
  {
    'tokenizer.ggml.model': text('gpt2'),
    'tokenizer.ggml.pre': text('gpt-2'),
    'tokenizer.ggml.tokens': { type: 'strings', value: ['a', 'b', 'ab', 'Ġ', '<|endoftext|>'] },
    'tokenizer.ggml.token_type': { type: 'i32s', value: [1, 1, 1, 1, 3] },
    'tokenizer.ggml.merges': { type: 'strings', value: ['a b'] },
  },
];
const llamaLike = (name: string): Record<string, GgufEntry> => ({
  'general.architecture': text(name),
  'general.alignment': whole(32),
  [`${name}.block_count`]: whole(1),
  [`${name}.context_length`]: whole(64),
  [`${name}.embedding_length`]: whole(32),
  [`${name}.feed_forward_length`]: whole(12),
  [`${name}.attention.head_count`]: whole(4),
  [`${name}.attention.head_count_kv`]: whole(2),
  [`${name}.attention.layer_norm_rms_epsilon`]: real(2 ** -17),
  [`${name}.rope.freq_base`]: real(10_000),
});
const GPT2: Record<string, GgufEntry> = {
  'general.architecture': text('gpt2'),
  'gpt2.block_count': whole(1),
  'gpt2.context_length': whole(6),
  'gpt2.embedding_length': whole(32),
  'gpt2.feed_forward_length': whole(16),
  'gpt2.attention.head_count': whole(2),
  'gpt2.attention.layer_norm_epsilon': real(2 ** -17),
};
const BODY = [blocks('token_embd.weight', [5, 32]), floats('output_norm.weight', [32])];
const MODELS: { entries: Record<string, GgufEntry>; tensors: GgufTensor[] }[] = [
  {
    entries: { ...llamaLike('llama'), ...TOKENIZERS[0] },
    tensors: [
      ...BODY,
      floats('blk.0.attn_q.weight', [32, 32]),
      blocks('blk.0.attn_k.weight', [16, 32]),
      floats('rope_freqs.weight', [4]),
    ],
  },
  {
    entries: { ...llamaLike('qwen2'), ...TOKENIZERS[1], 'tokenizer.ggml.pre': text('qwen2') },
    tensors: [...BODY, floats('blk.0.attn_q.bias', [32])],
  },
  {
    entries: { ...GPT2, ...TOKENIZERS[1] },
    tensors: [...BODY, floats('position_embd.weight', [6, 32]), floats('blk.0.attn_qkv.weight', [96, 32])],
  },
];

/** An entry that breaks what expects another. */
const hostileEntry: fc.Arbitrary<GgufEntry> = fc.oneof(
  fc.constantFrom(
    text(''),
    text('gpt2'),
    text('llama'),
    text('{{'),
    text('yarn'),
    whole(0),
    whole(1),
    whole(3),
    whole(2 ** 31),
    whole(2 ** 32 - 1),
    real(NaN),
    real(-1),
    real(Infinity),
    real(0),
  ),
  fc.constantFrom<GgufEntry>(
    { type: 'bool', value: true },
    { type: 'strings', value: [] },
    { type: 'strings', value: ['a', 'a'] },
    { type: 'strings', value: ['a'] },
    { type: 'i32s', value: [] },
    { type: 'i32s', value: [-1, 9, 3] },
    { type: 'f32s', value: [NaN] },
  ),
);

const spoiltEntries = fc
  .tuple(
    fc.constantFrom(...MODELS),
    fc.array(fc.record({ at: fc.nat(), entry: fc.option(hostileEntry) }), { maxLength: 3 }),
    fc.option(fc.nat(), { freq: 4 }),
  )
  .map(([{ entries, tensors }, edits, lost]) => {
    const spoilt = new Map(Object.entries(entries));
    for (const { at, entry } of edits) {
      const key = [...spoilt.keys()][at % Math.max(1, spoilt.size)] ?? 'general.architecture';
      if (entry) spoilt.set(key, entry);
      else spoilt.delete(key);
    }
    return writeGguf(spoilt, lost === null ? tensors : tensors.filter((_, i) => i !== lost % tensors.length));
  });
const sound = MODELS.map(({ entries, tensors }) => writeGguf(new Map(Object.entries(entries)), tensors));

export const ggufFiles = fuzzTarget(
  'GGUF files',
  fc.oneof(spoiltBytes(fc.constantFrom(...sound)), spoiltEntries),
  async (bytes) => {
    const source = bytesSource('m.gguf', bytes);
    const read = await outcomeOf(() => readGgufCheckpoint(source));
    const summary = await outcomeOf(() => summarizeGguf(source));
    if (!read.ok) {
      holds(
        read.error.place?.file === 'm.gguf' && read.error.fix !== undefined,
        `the refusal does not name the file, or no way on: ${read.error.message}`,
      );
      return false;
    }
    holds(summary.ok, 'a file that can be read cannot be described');
    const { config, tensors, tokenizerFiles } = read.value;
    agree(summary.value.config, config, 'it is described otherwise than it is read');
    for (const tensor of tensors.values()) {
      holds(
        tensor.shape.every((size) => Number.isSafeInteger(size) && size >= 0),
        `"${tensor.name}" has a shape that makes no sense`,
      );
      holds(
        byteLength(tensor) === tensor.bytes.length && tensor.bytes.length <= 16 * bytes.length,
        `"${tensor.name}" has another size than its shape`,
      );
    }
    for (const [path, content] of tokenizerFiles) if (path.endsWith('.json')) parseJsonObject(content, path);
    const spec = await outcomeOf(() => decoderSpec(config));
    if (spec.ok) holds(spec.value.vocabularySize === config['vocab_size'], 'the vocabulary has another size');
    return true;
  },
);

const ADAPTED = {
  model_type: 'llama',
  hidden_size: 32,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  num_hidden_layers: 1,
  intermediate_size: 12,
  vocab_size: 5,
  max_position_embeddings: 64,
  rms_norm_eps: 1e-5,
};
const factors = ['q_proj', 'k_proj'].flatMap((name, i) => [
  fromFloat32(`model.layers.0.self_attn.${name}.lora_A.weight`, [2, 32], new Float32Array(64)),
  fromFloat32(`model.layers.0.self_attn.${name}.lora_B.weight`, [32 >> i, 2], new Float32Array(64 >> i)),
]);
const adapterFile = writeGgufAdapter({ config: ADAPTED, tensors: factors, alpha: 16, name: 'tiny' });

export const ggufAdapters = fuzzTarget('GGUF adapters', spoiltBytes(fc.constant(adapterFile)), async (bytes) => {
  const read = await outcomeOf(() => readGgufAdapter(bytesSource('a.gguf', bytes), ADAPTED));
  if (!read.ok) return false;
  const { alpha, tensors } = read.value;
  holds(Number.isFinite(alpha), `alpha is ${alpha}`);
  for (const tensor of tensors.values())
    holds(byteLength(tensor) === tensor.bytes.length, `"${tensor.name}" has another size than its shape`);
  return true;
});

const usual = {
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 30,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-5,
  hidden_act: 'silu',
  tie_word_embeddings: true,
  rope_theta: 10_000,
  initializer_range: 0.02,
  attention_bias: false,
};
const llama3 = {
  rope_type: 'llama3',
  factor: 8,
  low_freq_factor: 1,
  high_freq_factor: 4,
  original_max_position_embeddings: 16,
};
const CONFIGS: Record<string, unknown>[] = [
  { model_type: 'llama', ...usual, mlp_bias: false, rope_scaling: llama3 },
  {
    model_type: 'llama',
    ...usual,
    head_dim: 4,
    rope_theta: undefined,
    rope_parameters: { rope_theta: 10_000, ...llama3 },
  },
  { model_type: 'qwen2', ...usual, use_sliding_window: false },
  { model_type: 'qwen3', ...usual, head_dim: 8, rope_scaling: { rope_type: 'linear', factor: 2 } },
  {
    model_type: 'gpt2',
    n_embd: 16,
    n_layer: 2,
    n_head: 4,
    n_inner: null,
    n_positions: 32,
    n_ctx: 32,
    vocab_size: 30,
    layer_norm_epsilon: 1e-5,
    activation_function: 'gelu_new',
    embd_pdrop: 0.1,
    attn_pdrop: 0.1,
    resid_pdrop: 0.1,
  },
];

export const decoderConfigs = fuzzTarget(
  'Configurations of decoders',
  spoiltJson(fc.constantFrom(...CONFIGS)),
  async (json) => {
    const read = await outcomeOf(() => {
      const config = parseJsonObject(utf8(json), 'config.json');
      describeConfig(config);
      return decoderSpec(config);
    });
    if (!read.ok) return false;
    const {
      hiddenSize,
      intermediateSize,
      layers,
      heads,
      keyValueHeads,
      headSize,
      vocabularySize,
      maxPositions,
      slots,
      linearModules,
    } = read.value;
    for (const size of [
      hiddenSize,
      intermediateSize,
      layers,
      heads,
      keyValueHeads,
      headSize,
      vocabularySize,
      maxPositions,
    ])
      holds(Number.isSafeInteger(size) && size > 0, `${size} is no size`);
    holds(heads % keyValueHeads === 0, 'the heads do not share keys evenly');
    holds(new Set(slots.map(({ name }) => name)).size === slots.length, 'parameters share a name');
    holds(
      slots.every(({ shape }) => shape.every((size) => Number.isSafeInteger(size) && size > 0)),
      'a shape makes no sense',
    );
    holds(linearModules.length > 0, 'there is nothing to adapt');
    const turned = read.value.angles(Int32Array.of(0, 1));
    if (turned) holds([...turned.cos, ...turned.sin].every(Number.isFinite), 'positions turn by no number');
    return true;
  },
);
