/**
 * Makes e2e/fixtures/tiny-llama: a Llama of two layers with drawn weights, a byte-level tokenizer of some hundred
 * tokens and a ChatML template. Small enough to be taught by every test, of no other use. Always writes the same bytes.
 *
 *   node scripts/make-tiny-decoder.mjs
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const FOLDER = join(import.meta.dirname, '..', 'e2e', 'fixtures', 'tiny-llama');
const HIDDEN = 48;
const HEADS = 4;
const KEY_VALUE_HEADS = 2;
const HEAD_SIZE = HIDDEN / HEADS;
const INNER = 96;
const LAYERS = 2;
const POSITIONS = 128;

/**
 * Printable ASCII as byte-level BPE writes it (the space as U+0120, the line end as U+010A), the frequent pairs, then
 * the special tokens.
 */
const ALPHABET = Array.from({ length: 94 }, (_, i) => String.fromCharCode(33 + i)).concat('\u0120', '\u010a');
const MERGES = ['t h', 'th e', 'i n', 'a n', 'o u', 'e r', '\u0120 the', '\u0120 a', '\u0120 b', '\u0120 s'];
const SPECIALS = ['<|endoftext|>', '<|im_start|>', '<|im_end|>'];
const TOKENS = [...ALPHABET, ...MERGES.map((merge) => merge.replace(' ', '')), ...SPECIALS];
const id = (/** @type {string} */ token) => TOKENS.indexOf(token);

const TEMPLATE =
  "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\\n' + message['content'] + " +
  "'<|im_end|>' + '\\n' }}{% endfor %}" +
  "{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' }}{% endif %}";

const config = {
  architectures: ['LlamaForCausalLM'],
  model_type: 'llama',
  vocab_size: TOKENS.length,
  hidden_size: HIDDEN,
  intermediate_size: INNER,
  num_hidden_layers: LAYERS,
  num_attention_heads: HEADS,
  num_key_value_heads: KEY_VALUE_HEADS,
  max_position_embeddings: POSITIONS,
  hidden_act: 'silu',
  rms_norm_eps: 1e-5,
  rope_theta: 10000,
  tie_word_embeddings: true,
  attention_bias: false,
  mlp_bias: false,
  bos_token_id: id('<|endoftext|>'),
  eos_token_id: id('<|im_end|>'),
  torch_dtype: 'float16',
};

const tokenizer = {
  version: '1.0',
  truncation: null,
  padding: null,
  added_tokens: SPECIALS.map((content) => ({
    id: id(content),
    content,
    single_word: false,
    lstrip: false,
    rstrip: false,
    normalized: false,
    special: true,
  })),
  normalizer: null,
  pre_tokenizer: { type: 'ByteLevel', add_prefix_space: false, trim_offsets: true, use_regex: true },
  post_processor: null,
  decoder: { type: 'ByteLevel', add_prefix_space: true, trim_offsets: true, use_regex: true },
  model: {
    type: 'BPE',
    dropout: null,
    unk_token: null,
    continuing_subword_prefix: null,
    end_of_word_suffix: null,
    fuse_unk: false,
    byte_fallback: false,
    vocab: Object.fromEntries(TOKENS.slice(0, -SPECIALS.length).map((token, at) => [token, at])),
    merges: MERGES,
  },
};

/** Uniform numbers in [0, 1), always the same ones (mulberry32). */
function generator(seed = 20) {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

const uniform = generator();
/** Sum of twelve uniform numbers: as good as normal here, and free of logarithms that engines may round differently. */
const normal = () => Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, -6);

/** Bits of the nearest float16 to a number of moderate size. @param {number} value */
function half(value) {
  const bits = new Uint32Array(new Float32Array([value]).buffer)[0] ?? 0;
  const exponent = ((bits >>> 23) & 255) - 112;
  const sign = (bits >>> 16) & 0x8000;
  if (exponent <= 0) return sign;
  const rounded = (bits & 0x7fffff) + 0xfff + ((bits >>> 13) & 1);
  return sign | ((exponent << 10) + (rounded >>> 13));
}

/** @type {[string, number[], () => number][]} */
const tensors = [['model.embed_tokens.weight', [TOKENS.length, HIDDEN], () => normal() * 0.4]];
const linear = (/** @type {string} */ name, /** @type {number} */ out, /** @type {number} */ inputs) =>
  tensors.push([`${name}.weight`, [out, inputs], () => normal() / Math.sqrt(inputs)]);
const norm = (/** @type {string} */ name) => tensors.push([`${name}.weight`, [HIDDEN], () => 1]);
for (let layer = 0; layer < LAYERS; layer++) {
  const at = `model.layers.${layer}`;
  norm(`${at}.input_layernorm`);
  linear(`${at}.self_attn.q_proj`, HIDDEN, HIDDEN);
  linear(`${at}.self_attn.k_proj`, KEY_VALUE_HEADS * HEAD_SIZE, HIDDEN);
  linear(`${at}.self_attn.v_proj`, KEY_VALUE_HEADS * HEAD_SIZE, HIDDEN);
  linear(`${at}.self_attn.o_proj`, HIDDEN, HIDDEN);
  norm(`${at}.post_attention_layernorm`);
  linear(`${at}.mlp.gate_proj`, INNER, HIDDEN);
  linear(`${at}.mlp.up_proj`, INNER, HIDDEN);
  linear(`${at}.mlp.down_proj`, HIDDEN, INNER);
}
norm('model.norm');

/** The tensors as safetensors, F16. */
function safetensors() {
  /** @type {Record<string, unknown>} */
  const header = { __metadata__: { format: 'pt' } };
  /** @type {Uint16Array[]} */
  const parts = [];
  let offset = 0;
  for (const [name, shape, value] of tensors) {
    const size = shape.reduce((product, length) => product * length, 1);
    parts.push(Uint16Array.from({ length: size }, () => half(value())));
    header[name] = { dtype: 'F16', shape, data_offsets: [offset, offset + size * 2] };
    offset += size * 2;
  }
  let text = JSON.stringify(header);
  text += ' '.repeat((8 - (text.length % 8)) % 8);
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, Buffer.from(text), ...parts.map((part) => Buffer.from(part.buffer))]);
}

const json = (/** @type {unknown} */ value) => `${JSON.stringify(value, null, 1)}\n`;
mkdirSync(FOLDER, { recursive: true });
for (const [name, content] of /** @type {[string, string | Buffer][]} */ ([
  ['config.json', json(config)],
  ['generation_config.json', json({ bos_token_id: config.bos_token_id, eos_token_id: config.eos_token_id })],
  ['tokenizer.json', json(tokenizer)],
  [
    'tokenizer_config.json',
    json({
      tokenizer_class: 'PreTrainedTokenizerFast',
      bos_token: '<|endoftext|>',
      eos_token: '<|im_end|>',
      model_max_length: POSITIONS,
      clean_up_tokenization_spaces: false,
      chat_template: TEMPLATE,
    }),
  ],
  ['model.safetensors', safetensors()],
  [
    'SOURCE.md',
    'A Llama of two layers, 48 wide, with drawn weights and a tokenizer of some hundred tokens: made for ' +
      'the tests of this project by\n`scripts/make-tiny-decoder.mjs`, of no other use.\n',
  ],
]))
  writeFileSync(join(FOLDER, name), content);
