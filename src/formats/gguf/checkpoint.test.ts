/** GGUF files as the Hugging Face checkpoints they stand for: names, layouts, config.json, and what is refused. */
import { must } from '../../base/assert';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesSource, sha256Hex } from '../../base/bytes';
import type { TabtuneError } from '../../base/errors';
import { fromFloat32, toFloat32 } from '../dtype';
import { readGgufCheckpoint, summarizeGguf } from './checkpoint';
import { dequantize } from './dequantize';
import { quantize } from './quantize';
import { llama3Divisors, llama3ScalingOf } from './models/llama3-scaling';
import { permutedRows, unpermutedRows } from './rows';
import { writeGguf } from './write';
import type { GgufEntry, GgufTensor } from './write';

const SMOL = 'public/models/SmolLM2-135M-Instruct/SmolLM2-135M-Instruct.Q4_1.gguf';

const text = (value: string): GgufEntry => ({ type: 'string', value });
const whole = (value: number): GgufEntry => ({ type: 'u32', value });
const real = (value: number): GgufEntry => ({ type: 'f32', value });

/** A tensor whose values count up from `first`. */
function counted(name: string, shape: number[], first = 0): GgufTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return {
    name,
    type: 'F32',
    shape,
    pack: () =>
      fromFloat32(
        name,
        shape,
        Float32Array.from({ length: count }, (_, i) => first + i),
      ).bytes,
  };
}

const LLAMA: Record<string, GgufEntry> = {
  'general.architecture': text('llama'),
  'general.license': text('mit'),
  'llama.block_count': whole(1),
  'llama.context_length': whole(64),
  'llama.embedding_length': whole(8),
  'llama.feed_forward_length': whole(12),
  'llama.attention.head_count': whole(2),
  'llama.attention.head_count_kv': whole(1),
  'llama.attention.layer_norm_rms_epsilon': real(2 ** -17),
  'tokenizer.ggml.model': text('llama'),
  'tokenizer.ggml.tokens': { type: 'strings', value: ['<unk>', '<s>', '</s>', 'a', '<0x0A>'] },
  'tokenizer.ggml.scores': { type: 'f32s', value: [0, 0, 0, -1, 0] },
  'tokenizer.ggml.token_type': { type: 'i32s', value: [2, 3, 3, 1, 6] },
  'tokenizer.ggml.bos_token_id': whole(1),
  'tokenizer.ggml.eos_token_id': whole(2),
};
const GPT2: Record<string, GgufEntry> = {
  'general.architecture': text('gpt2'),
  'gpt2.block_count': whole(1),
  'gpt2.context_length': whole(6),
  'gpt2.embedding_length': whole(4),
  'gpt2.feed_forward_length': whole(16),
  'gpt2.attention.head_count': whole(2),
  'gpt2.attention.layer_norm_epsilon': real(2 ** -17),
  'tokenizer.ggml.model': text('gpt2'),
  'tokenizer.ggml.pre': text('gpt-2'),
  'tokenizer.ggml.tokens': { type: 'strings', value: ['a', 'b', 'ab', 'Ġ', '<|endoftext|>'] },
  'tokenizer.ggml.merges': { type: 'strings', value: ['a b'] },
};
const LLAMA_TENSORS = [
  counted('token_embd.weight', [5, 8]),
  counted('blk.0.attn_q.weight', [8, 8]),
  counted('blk.0.attn_k.weight', [4, 8]),
  counted('blk.0.attn_v.weight', [4, 8]),
  counted('output_norm.weight', [8]),
];

const make = (entries: Record<string, GgufEntry>, tensors: GgufTensor[]): Uint8Array =>
  writeGguf(new Map(Object.entries(entries)), tensors);
const read = (entries: Record<string, GgufEntry>, tensors: GgufTensor[]) =>
  readGgufCheckpoint(bytesSource('m.gguf', make(entries, tensors)));
const failure = (entries: Record<string, GgufEntry>, tensors: GgufTensor[]): Promise<TabtuneError> =>
  read(entries, tensors).then(
    () => expect.fail('read'),
    (error: unknown) => error as TabtuneError,
  );
/** The first value of each row. */
const rowStarts = (values: Float32Array, columns: number): number[] =>
  Array.from(values).filter((_, i) => i % columns === 0);

it('hands over matrices in blocks as the file packs them, beside their values', async () => {
  const values = Float32Array.from({ length: 8 * 32 }, (_, i) => Math.sin(i + 1));
  const matrix = (name: string, type: 'Q8_0' | 'Q4_0'): GgufTensor => ({
    name,
    type,
    shape: [8, 32],
    pack: () => quantize(type, values, name),
  });
  const { tensors } = await read({ ...LLAMA, 'llama.embedding_length': whole(32) }, [
    counted('token_embd.weight', [5, 32]),
    matrix('blk.0.attn_q.weight', 'Q4_0'),
    matrix('blk.0.ffn_up.weight', 'Q8_0'),
  ]);
  for (const [name, type] of [
    ['self_attn.q_proj', 'Q4_0'],
    ['mlp.up_proj', 'Q8_0'],
  ] as const) {
    const tensor = tensors.get(`model.layers.0.${name}.weight`);
    expect(tensor?.packed).toMatchObject({ type, shape: [8, 32] });
    expect(dequantize(type, must(must(tensor).packed).bytes)).toEqual(toFloat32(must(tensor)));
  }
  // GPT-2's matrices lie transposed in Hugging Face's checkpoints, not so in blocks.
  const gpt2 = await read({ ...GPT2, 'gpt2.embedding_length': whole(32) }, [
    counted('token_embd.weight', [5, 32]),
    matrix('blk.0.ffn_up.weight', 'Q4_0'),
  ]);
  const transposed = gpt2.tensors.get('transformer.h.0.mlp.c_fc.weight');
  expect(transposed).toMatchObject({ shape: [32, 8], packed: { type: 'Q4_0', shape: [8, 32] } });
  expect(gpt2.tensors.get('transformer.wte.weight')?.packed).toBeUndefined();
});

describe('Llama', () => {
  it('has the names and fields of Hugging Face', async () => {
    const { config, tensors, licence } = await read(LLAMA, LLAMA_TENSORS);
    expect([...tensors.keys()]).toEqual([
      'model.embed_tokens.weight',
      ...['q', 'k', 'v'].map((part) => `model.layers.0.self_attn.${part}_proj.weight`),
      'model.norm.weight',
    ]);
    expect(licence).toBe('mit');
    expect(config).toEqual({
      architectures: ['LlamaForCausalLM'],
      model_type: 'llama',
      hidden_size: 8,
      intermediate_size: 12,
      num_hidden_layers: 1,
      num_attention_heads: 2,
      num_key_value_heads: 1,
      head_dim: 4,
      max_position_embeddings: 64,
      rms_norm_eps: 2 ** -17,
      rope_theta: 10000,
      rope_scaling: null,
      hidden_act: 'silu',
      attention_bias: false,
      mlp_bias: false,
      vocab_size: 5,
      tie_word_embeddings: true,
      bos_token_id: 1,
      eos_token_id: 2,
      pad_token_id: null,
    });
  });

  it('brings its tokenizer, and what it says about conversations', async () => {
    const { tokenizerFiles, chat } = await read(
      { ...LLAMA, 'tokenizer.chat_template': text('{{ messages }}') },
      LLAMA_TENSORS,
    );
    expect([...tokenizerFiles.keys()]).toEqual(['tokenizer.json', 'tokenizer_config.json']);
    expect(chat).toMatchObject({
      settings: { bos_token: '<s>', eos_token: '</s>', chat_template: '{{ messages }}', model_max_length: 64 },
      generationConfig: { bos_token_id: 1, eos_token_id: 2 },
      jinja: null,
    });
  });

  it('gets the two halves of each head of Q and K back in order', async () => {
    const { tensors } = await read(LLAMA, LLAMA_TENSORS);
    const rows = (part: string): number[] =>
      rowStarts(toFloat32(must(tensors.get(`model.layers.0.self_attn.${part}_proj.weight`))), 8).map(
        (start) => start / 8,
      );
    expect(rows('q')).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
    expect(rows('k')).toEqual([0, 2, 1, 3]);
    expect(rows('v')).toEqual([0, 1, 2, 3]);
  });

  it('moves rows there and back whatever their width', () => {
    const bytes = Uint8Array.from({ length: 3 * 12 }, (_, i) => i);
    expect(unpermutedRows(bytes, 12, 1)).toEqual(
      Uint8Array.from([0, 2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11].flatMap((row) => [3 * row, 3 * row + 1, 3 * row + 2])),
    );
    expect(permutedRows(unpermutedRows(bytes, 12, 3), 12, 3)).toEqual(bytes);
  });

  it('has an output layer of its own only where it is not the embedding', async () => {
    const own = await read(LLAMA, [...LLAMA_TENSORS, counted('output.weight', [5, 8], 1)]);
    expect([own.config['tie_word_embeddings'], own.tensors.has('lm_head.weight')]).toEqual([false, true]);
    const copy = await read(LLAMA, [...LLAMA_TENSORS, counted('output.weight', [5, 8])]);
    expect([copy.config['tie_word_embeddings'], copy.tensors.has('lm_head.weight')]).toEqual([true, false]);
  });

  it('has biases where the file has them', async () => {
    const { config, tensors } = await read(LLAMA, [
      ...LLAMA_TENSORS,
      counted('blk.0.attn_q.bias', [8]),
      counted('blk.0.ffn_up.bias', [12]),
    ]);
    expect(config).toMatchObject({ attention_bias: true, mlp_bias: true });
    expect([...toFloat32(must(tensors.get('model.layers.0.self_attn.q_proj.bias')))]).toEqual([0, 2, 1, 3, 4, 6, 5, 7]);
  });
});

describe('the scaling of rotary frequencies', () => {
  it.each([
    ['Llama 3.1', { factor: 8, low: 1, high: 4, original: 8192 }, 128, 500_000],
    ['Llama 3.2', { factor: 32, low: 1, high: 4, original: 8192 }, 64, 500_000],
    ['a tiny one', { factor: 8, low: 1, high: 4, original: 16 }, 8, 10_000],
    ['another slope', { factor: 4, low: 1, high: 8, original: 4096 }, 64, 10_000],
    ['no frequency in between', { factor: 8, low: 1, high: 4, original: 20 }, 4, 1_000_000],
  ])('is found in the divisors of %s', (_name, scaling, headSize, theta) => {
    const divisors = llama3Divisors(scaling, headSize, theta);
    const found = llama3ScalingOf(divisors, headSize, theta);
    expect(found).not.toBeNull();
    llama3Divisors(must(found), headSize, theta).forEach((value, i) => expect(value).toBeCloseTo(must(divisors[i]), 3));
    if (headSize > 4) expect(found).toMatchObject({ factor: scaling.factor, original: scaling.original });
  });

  it('becomes a field of config.json', async () => {
    const divisors = llama3Divisors({ factor: 8, low: 1, high: 4, original: 8192 }, 64, 500_000);
    const entries = { ...LLAMA, 'llama.embedding_length': whole(128), 'llama.rope.freq_base': real(500_000) };
    const frequencies: GgufTensor = {
      name: 'rope_freqs.weight',
      type: 'F32',
      shape: [32],
      pack: () => fromFloat32('', [32], divisors).bytes,
    };
    const { config, tensors } = await read(entries, [counted('token_embd.weight', [5, 128]), frequencies]);
    expect(config).toMatchObject({
      rope_theta: 500_000,
      rope_scaling: {
        rope_type: 'llama3',
        factor: 8,
        low_freq_factor: 1,
        high_freq_factor: 4,
        original_max_position_embeddings: 8192,
      },
    });
    expect([...tensors.keys()]).toEqual(['model.embed_tokens.weight']);
  });

  it('is refused where no figures give it', async () => {
    const error = await failure(LLAMA, [...LLAMA_TENSORS, counted('rope_freqs.weight', [2], 3)]);
    expect(error).toMatchObject({ code: 'unsupported' });
    expect(error.message).toContain('rope_freqs.weight');
  });

  it('may be linear', async () => {
    const { config } = await read(
      { ...LLAMA, 'llama.rope.scaling.type': text('linear'), 'llama.rope.scaling.factor': real(4) },
      LLAMA_TENSORS,
    );
    expect(config['rope_scaling']).toEqual({ rope_type: 'linear', factor: 4 });
  });
});

describe('the other architectures', () => {
  const renamed = (name: string): Record<string, GgufEntry> =>
    Object.fromEntries([
      ...Object.entries(LLAMA).map(([key, entry]) => [key.replace(/^llama/, name), entry] as const),
      ['general.architecture', text(name)] as const,
    ]);

  it('Qwen 2 keeps its rows as they are', async () => {
    const { config, tensors } = await read(renamed('qwen2'), [...LLAMA_TENSORS, counted('blk.0.attn_q.bias', [8])]);
    expect(config).toMatchObject({ architectures: ['Qwen2ForCausalLM'], model_type: 'qwen2', head_dim: 4 });
    expect([...toFloat32(must(tensors.get('model.layers.0.self_attn.q_proj.bias')))]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(rowStarts(toFloat32(must(tensors.get('model.layers.0.self_attn.q_proj.weight'))), 8)).toEqual([
      0, 8, 16, 24, 32, 40, 48, 56,
    ]);
  });

  it('Qwen 3 has heads of their own size, and norms for them', async () => {
    const { config, tensors } = await read(
      { ...renamed('qwen3'), 'qwen3.attention.key_length': whole(16), 'qwen3.attention.value_length': whole(16) },
      [counted('token_embd.weight', [5, 8]), counted('blk.0.attn_q_norm.weight', [16])],
    );
    expect(config).toMatchObject({ architectures: ['Qwen3ForCausalLM'], head_dim: 16, attention_bias: false });
    expect([...tensors.keys()]).toEqual(['model.embed_tokens.weight', 'model.layers.0.self_attn.q_norm.weight']);
  });

  it('GPT-2 has its matrices transposed', async () => {
    const { config, tensors } = await read(GPT2, [
      counted('token_embd.weight', [5, 4]),
      counted('position_embd.weight', [6, 4]),
      counted('blk.0.attn_qkv.weight', [12, 4]),
      counted('blk.0.attn_qkv.bias', [12]),
      counted('blk.0.ffn_down.weight', [4, 16]),
    ]);
    expect(config).toMatchObject({
      model_type: 'gpt2',
      n_embd: 4,
      n_layer: 1,
      n_head: 2,
      n_inner: 16,
      n_positions: 6,
      vocab_size: 5,
      layer_norm_epsilon: 2 ** -17,
      tie_word_embeddings: true,
    });
    expect([...tensors].map(([name, { shape }]) => [name, shape])).toEqual([
      ['transformer.wte.weight', [5, 4]],
      ['transformer.wpe.weight', [6, 4]],
      ['transformer.h.0.attn.c_attn.weight', [4, 12]],
      ['transformer.h.0.attn.c_attn.bias', [12]],
      ['transformer.h.0.mlp.c_proj.weight', [16, 4]],
    ]);
    expect([...toFloat32(must(tensors.get('transformer.h.0.attn.c_attn.weight')))].slice(0, 4)).toEqual([0, 4, 8, 12]);
  });
});

describe('what is refused', () => {
  it.each<[string, string, Record<string, GgufEntry>, GgufTensor[], string]>([
    [
      'another architecture',
      'unsupported',
      { ...LLAMA, 'general.architecture': text('mamba') },
      LLAMA_TENSORS,
      'mamba',
    ],
    ['an adapter', 'unsupported', { ...LLAMA, 'general.type': text('adapter') }, LLAMA_TENSORS, 'LoRA adapter'],
    [
      'a mixture of experts',
      'unsupported',
      { ...LLAMA, 'llama.expert_count': whole(8) },
      LLAMA_TENSORS,
      'mixture of experts',
    ],
    ['an unknown tensor', 'unsupported', LLAMA, [...LLAMA_TENSORS, counted('blk.0.ssm_a', [4])], 'blk.0.ssm_a'],
    [
      'heads turned in part',
      'unsupported',
      { ...LLAMA, 'llama.rope.dimension_count': whole(2) },
      LLAMA_TENSORS,
      'rope.dimension_count',
    ],
    ['no architecture', 'bad-model', {}, LLAMA_TENSORS, 'general.architecture'],
    ['no embedding', 'bad-model', LLAMA, LLAMA_TENSORS.slice(1), 'token_embd.weight'],
    [
      'no width',
      'bad-model',
      { ...LLAMA, 'llama.embedding_length': text('8') },
      LLAMA_TENSORS,
      'llama.embedding_length',
    ],
    ['no layers', 'bad-model', { ...LLAMA, 'llama.block_count': whole(0) }, LLAMA_TENSORS, 'llama.block_count'],
    [
      'heads that do not share',
      'bad-model',
      { ...LLAMA, 'llama.attention.head_count_kv': whole(3) },
      LLAMA_TENSORS,
      'head_count_kv',
    ],
    ['odd heads', 'bad-model', { ...LLAMA, 'llama.attention.head_count': whole(8) }, LLAMA_TENSORS, 'heads of 1'],
    [
      'rows that heads cannot share',
      'bad-model',
      LLAMA,
      [counted('token_embd.weight', [5, 8]), counted('blk.0.attn_q.weight', [7, 8])],
      '7 rows',
    ],
  ])('%s', async (_name, code, entries, tensors, part) => {
    const error = await failure(entries, tensors);
    expect(error.code).toBe(code);
    expect(error.message).toContain(part);
    expect(error.place).toMatchObject({ file: 'm.gguf' });
  });
});

describe('SmolLM2-135M-Instruct', () => {
  it('is what transformers reads from the same file', async () => {
    const source = bytesSource('SmolLM2.gguf', new Uint8Array(readFileSync(SMOL)));
    const { config, tensors } = await readGgufCheckpoint(source);
    expect(config).toMatchObject({
      model_type: 'llama',
      hidden_size: 576,
      num_hidden_layers: 30,
      num_attention_heads: 9,
      num_key_value_heads: 3,
      head_dim: 64,
      rope_theta: 100_000,
      vocab_size: 49152,
      tie_word_embeddings: true,
    });
    expect(tensors.size).toBe(272);
    const { parameters, licence } = await summarizeGguf(source);
    expect([parameters, licence]).toEqual([134_515_008, 'apache-2.0']);
    // SHA-256 of the tensors that transformers 5.24 loads from this file in float32.
    for (const [name, hash] of HASHES)
      expect(await sha256Hex(must(tensors.get(name)).bytes as Uint8Array<ArrayBuffer>), name).toBe(hash);
  });
});

const HASHES: [string, string][] = [
  ['model.embed_tokens.weight', '3fd491c8066dd9dc1a2bf6796701526c82817d95c0ecabacdef3013c2b8bbbaa'],
  ['model.layers.0.self_attn.q_proj.weight', '54b377bbfa2deab945dfdba7fb59e0ca3eb74329358bd1b53b635b3ff37c1a56'],
  ['model.layers.29.self_attn.k_proj.weight', '8e99b2450d5f3d53731f52790cc82f80b04341e533306bcfee6669ffa3c79921'],
  ['model.layers.7.mlp.down_proj.weight', '9d3af8b67d13c727ae5ffe470464163b9cac42eb494525392bd3e79c8db73880'],
  ['model.norm.weight', '3b87f8e27335e67fc08f159cabfd2d18f205d6c5b225a6f978153552bf01d559'],
];
