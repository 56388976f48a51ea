/**
 * Merged models and adapters as GGUF, read back by the reader: names, layouts, fields and tokenizer return as they
 * were.
 */
import { must } from '../../base/assert';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { bytesSource } from '../../base/bytes';
import { TabtuneError } from '../../base/errors';
import { fromFloat32, toFloat32 } from '../dtype';
import { readSafetensors } from '../safetensors';
import type { NamedTensor } from '../tensor';
import { readGgufAdapter, writeGgufAdapter } from './adapter';
import { readGgufCheckpoint } from './checkpoint';
import { readGgufHeader } from './header';
import { writeGgufModel } from './write-model';
import type { GgufModelOptions } from './write-model';

const PARITY = 'e2e/fixtures/parity';
const bytesOf = (path: string): Uint8Array => new Uint8Array(readFileSync(`${PARITY}/${path}`));
const jsonOf = (path: string): Record<string, unknown> =>
  JSON.parse(new TextDecoder().decode(bytesOf(path))) as Record<string, unknown>;
const encode = (value: unknown): Uint8Array => new TextEncoder().encode(JSON.stringify(value));

/** A byte-level tokenizer of five tokens, the last one special. */
const BYTE_LEVEL = {
  added_tokens: [{ id: 4, content: '<|end|>', special: true }],
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true },
  post_processor: null,
  model: { type: 'BPE', vocab: { a: 0, b: 1, ab: 2, Ġ: 3 }, merges: ['a b'] },
};
const TOKENIZER = new Map([
  ['tokenizer.json', encode(BYTE_LEVEL)],
  ['tokenizer_config.json', encode({ eos_token: '<|end|>' })],
]);

const options = (config: Record<string, unknown>, tensors: readonly NamedTensor[]): GgufModelOptions => ({
  config,
  tensors,
  tokenizerFiles: TOKENIZER,
  chatTemplate: '{{ messages }}',
  type: 'F32',
  name: 'tiny',
  licence: 'mit',
});

const CONFIG = {
  model_type: 'llama',
  hidden_size: 64,
  intermediate_size: 40,
  num_hidden_layers: 1,
  num_attention_heads: 4,
  num_key_value_heads: 2,
  vocab_size: 6,
  max_position_embeddings: 32,
  rms_norm_eps: 1e-5,
  tie_word_embeddings: true,
};
function waves(name: string, shape: [number, ...number[]]): NamedTensor {
  const count = shape.reduce((product, size) => product * size, 1);
  return fromFloat32(
    name,
    shape,
    Float32Array.from({ length: count }, (_, i) => Math.sin(i * 0.7 + name.length)),
  );
}
const LAYER = 'model.layers.0';
const TENSORS = [
  waves('model.embed_tokens.weight', [6, 64]),
  waves('model.norm.weight', [64]),
  waves(`${LAYER}.self_attn.q_proj.weight`, [64, 64]),
  waves(`${LAYER}.self_attn.k_proj.weight`, [32, 64]),
  waves(`${LAYER}.mlp.down_proj.weight`, [64, 40]),
];
const failure = (make: () => unknown): TabtuneError => {
  try {
    make();
  } catch (error) {
    if (error instanceof TabtuneError) return error;
  }
  return expect.fail('this should have been refused');
};

describe('a merged model', () => {
  it.each([
    'llama-sft-full',
    'llama-untied-sft-full',
    'llama3-rope-sft-full',
    'qwen2-sft-full',
    'qwen3-sft-full',
    'gpt2-sft-full',
  ])('comes back as it was: %s', async (name) => {
    const config = jsonOf(`${name}/config.json`);
    const { tensors } = readSafetensors(bytesOf(`${name}/model.safetensors`), name);
    const file = writeGgufModel(options(config, [...tensors.values()]));
    const back = await readGgufCheckpoint(bytesSource('m.gguf', file));
    expect([...back.tensors.keys()].sort()).toEqual(
      [...tensors.keys()]
        .filter((key) => back.config['tie_word_embeddings'] === false || key !== 'lm_head.weight')
        .sort(),
    );
    for (const [key, tensor] of back.tensors) {
      expect(tensor.shape, key).toEqual(tensors.get(key)?.shape);
      expect(toFloat32(tensor), key).toEqual(toFloat32(must(tensors.get(key))));
    }
    const rope = config['rope_parameters'] as Record<string, unknown> | undefined;
    const same = [
      'model_type',
      'hidden_size',
      'intermediate_size',
      'num_hidden_layers',
      'num_attention_heads',
      'num_key_value_heads',
      'max_position_embeddings',
      'vocab_size',
      'tie_word_embeddings',
      'n_embd',
      'n_layer',
      'n_head',
      'n_inner',
      'n_positions',
    ];
    for (const field of same) if (config[field] !== undefined) expect(back.config[field], field).toBe(config[field]);
    if (rope) expect(back.config['rope_theta']).toBe(rope['rope_theta']);
    if (name.startsWith('llama3'))
      expect(back.config['rope_scaling']).toEqual({
        rope_type: 'llama3',
        factor: 8,
        low_freq_factor: 1,
        high_freq_factor: 4,
        original_max_position_embeddings: 16,
      });
  });

  it('keeps vectors in F32 and rows that are no whole blocks in F16', async () => {
    const types = async (type: GgufModelOptions['type']): Promise<string[]> =>
      (await readGgufHeader(bytesSource('m.gguf', writeGgufModel({ ...options(CONFIG, TENSORS), type })))).tensors.map(
        (tensor) => tensor.type,
      );
    expect(await types('F16')).toEqual(['F16', 'F32', 'F16', 'F16', 'F16']);
    expect(await types('Q8_0')).toEqual(['Q8_0', 'F32', 'Q8_0', 'Q8_0', 'F16']);
    expect(await types('Q4_0')).toEqual(['Q8_0', 'F32', 'Q4_0', 'Q4_0', 'F16']);
  });

  it('carries its tokenizer, its template and its end', async () => {
    const { chat, tokenizerFiles, licence } = await readGgufCheckpoint(
      bytesSource('m.gguf', writeGgufModel(options(CONFIG, TENSORS))),
    );
    expect(licence).toBe('mit');
    expect(chat).toMatchObject({
      settings: { eos_token: '<|end|>', chat_template: '{{ messages }}' },
      generationConfig: { eos_token_id: 4 },
    });
    const json = JSON.parse(new TextDecoder().decode(tokenizerFiles.get('tokenizer.json'))) as typeof BYTE_LEVEL;
    // The embedding has a row more than there are tokens.
    expect(json.model).toMatchObject({
      vocab: { a: 0, b: 1, ab: 2, Ġ: 3, '<|end|>': 4, '[PAD5]': 5 },
      merges: [['a', 'b']],
    });
    expect(json.added_tokens).toMatchObject([{ id: 4, content: '<|end|>', special: true }]);
  });

  it('keeps the order of SentencePiece’s merges', async () => {
    const json = {
      added_tokens: [
        { id: 0, content: '<unk>', special: true },
        { id: 1, content: '<s>', special: true },
      ],
      normalizer: {
        type: 'Sequence',
        normalizers: [
          { type: 'Prepend', prepend: '▁' },
          { type: 'Replace', pattern: { String: ' ' }, content: '▁' },
        ],
      },
      pre_tokenizer: null,
      post_processor: {
        type: 'TemplateProcessing',
        single: [{ SpecialToken: { id: '<s>', type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
        pair: [],
        special_tokens: { '<s>': { ids: [1] } },
      },
      model: {
        type: 'BPE',
        byte_fallback: true,
        unk_token: '<unk>',
        vocab: { '<unk>': 0, '<s>': 1, '<0x0A>': 2, a: 3, b: 4, ab: 5 },
        merges: [['a', 'b']],
      },
    };
    const file = writeGgufModel({
      ...options(CONFIG, TENSORS),
      tokenizerFiles: new Map([['tokenizer.json', encode(json)]]),
    });
    const { metadata } = await readGgufHeader(bytesSource('m.gguf', file));
    expect(metadata.get('tokenizer.ggml.scores')).toEqual(Float32Array.of(0, 0, 0, -1, -1, -0));
    expect(metadata.get('tokenizer.ggml.token_type')).toEqual(Int32Array.of(2, 3, 6, 1, 1, 1));
    expect([
      metadata.get('tokenizer.ggml.model'),
      metadata.get('tokenizer.ggml.add_space_prefix'),
      metadata.get('tokenizer.ggml.add_bos_token'),
    ]).toEqual(['llama', true, true]);
  });
});

describe('what cannot be written is refused', () => {
  const withTokenizer = (change: Record<string, unknown>): GgufModelOptions => ({
    ...options(CONFIG, TENSORS),
    tokenizerFiles: new Map([['tokenizer.json', encode({ ...BYTE_LEVEL, ...change })]]),
  });
  it.each<[string, () => GgufModelOptions, string]>([
    ['another architecture', () => options({ ...CONFIG, model_type: 'bert' }, TENSORS), '`bert`'],
    ['an unknown tensor', () => options(CONFIG, [...TENSORS, waves('score.weight', [2, 64])]), '"score.weight"'],
    ['another activation', () => options({ ...CONFIG, hidden_act: 'relu' }, TENSORS), 'hidden_act'],
    [
      'another scaling',
      () => options({ ...CONFIG, rope_scaling: { rope_type: 'yarn', factor: 4 } }, TENSORS),
      '"yarn"',
    ],
    ['no tokenizer', () => ({ ...options(CONFIG, TENSORS), tokenizerFiles: new Map() }), 'tokenizer.json'],
    ['WordPiece', () => withTokenizer({ model: { type: 'WordPiece', vocab: {} } }), '"WordPiece"'],
    ['an unknown way to cut', () => withTokenizer({ pre_tokenizer: { type: 'Whitespace' } }), 'cuts texts'],
    [
      'more tokens than embeddings',
      () => withTokenizer({ model: { ...BYTE_LEVEL.model, vocab: { a: 9 } } }),
      '6 embeddings',
    ],
    ['a merge that is none', () => withTokenizer({ model: { ...BYTE_LEVEL.model, merges: [['a']] } }), 'no merge'],
  ])('%s', (_name, make, part) => {
    const error = failure(() => writeGgufModel(make()));
    expect(error.code).toBe('unsupported');
    expect(error.message).toContain(part);
  });
});

describe('an adapter', () => {
  const factor = (module: string, side: 'A' | 'B', shape: [number, number]): NamedTensor =>
    waves(`base_model.model.${LAYER}.${module}.lora_${side}.weight`, shape);
  const FACTORS = [
    factor('self_attn.q_proj', 'A', [2, 64]),
    factor('self_attn.q_proj', 'B', [64, 2]),
    factor('self_attn.k_proj', 'A', [2, 64]),
    factor('self_attn.k_proj', 'B', [32, 2]),
    factor('mlp.down_proj', 'A', [2, 40]),
    factor('mlp.down_proj', 'B', [64, 2]),
  ];
  const file = writeGgufAdapter({ config: CONFIG, tensors: FACTORS, alpha: 32, name: 'tiny' });

  it('has the names and fields that llama.cpp asks for', async () => {
    const { metadata, tensors } = await readGgufHeader(bytesSource('a.gguf', file));
    expect(Object.fromEntries(metadata)).toEqual({
      'general.architecture': 'llama',
      'general.type': 'adapter',
      'general.name': 'tiny',
      'adapter.type': 'lora',
      'adapter.lora.alpha': 32,
    });
    expect(tensors.map(({ name, shape }) => [name, shape])).toEqual([
      ['blk.0.attn_q.weight.lora_a', [2, 64]],
      ['blk.0.attn_q.weight.lora_b', [64, 2]],
      ['blk.0.attn_k.weight.lora_a', [2, 64]],
      ['blk.0.attn_k.weight.lora_b', [32, 2]],
      ['blk.0.ffn_down.weight.lora_a', [2, 40]],
      ['blk.0.ffn_down.weight.lora_b', [64, 2]],
    ]);
  });

  it('moves the rows of B with those of its weight', async () => {
    const { tensors } = await readGgufHeader(bytesSource('a.gguf', file));
    const b = must(tensors[1]);
    const written = toFloat32({
      name: 'b',
      dtype: 'F32',
      shape: b.shape,
      bytes: file.subarray(b.begin, b.begin + b.size),
    });
    const given = toFloat32(must(FACTORS[1]));
    // Heads of 16 rows: row 1 of the file is the first of the second half.
    expect([...written.subarray(2, 4)]).toEqual([...given.subarray(16, 18)]);
  });

  it('comes back as it was', async () => {
    const { alpha, tensors } = await readGgufAdapter(bytesSource('a.gguf', file), CONFIG);
    expect(alpha).toBe(32);
    expect([...tensors.keys()]).toEqual(FACTORS.map(({ name }) => name));
    for (const given of FACTORS) expect(toFloat32(must(tensors.get(given.name))), given.name).toEqual(toFloat32(given));
  });

  it('is refused where it cannot be applied', async () => {
    expect(
      failure(() =>
        writeGgufAdapter({
          config: CONFIG,
          tensors: [waves('base_model.model.lm_head.weight', [6, 64])],
          alpha: 1,
          name: 'x',
        }),
      ).message,
    ).toContain('lm_head');
    const wrong = (config: Record<string, unknown>, bytes: Uint8Array) =>
      expect(readGgufAdapter(bytesSource('a.gguf', bytes), config)).rejects;
    await wrong({ ...CONFIG, model_type: 'qwen2' }, file).toMatchObject({
      code: 'bad-model',
      message: 'a.gguf: this adapter is for `llama`, the model is `qwen2`.',
    });
    await wrong({ ...CONFIG, num_attention_heads: 5 }, file).toMatchObject({ code: 'bad-model' });
    await wrong(CONFIG, writeGgufModel(options(CONFIG, TENSORS))).toMatchObject({ code: 'bad-model' });
  });
});
