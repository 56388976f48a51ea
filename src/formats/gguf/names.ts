/** The names of tensors in GGUF beside those of Hugging Face, for the decoders that are read and written. */

export const GGUF_ARCHITECTURES = ['llama', 'qwen2', 'qwen3', 'gpt2'] as const;
export type GgufArchitecture = (typeof GGUF_ARCHITECTURES)[number];

/**
 * How the rows of a tensor are laid out beside Hugging Face's: Q and K of Llama in another order, GPT-2's matrices
 * transposed.
 */
export type Layout = 'same' | 'query-rows' | 'key-rows' | 'transposed';

export interface HfName {
  name: string;
  layout: Layout;
}

type Pair = [gguf: string, hf: string, layout?: Layout];

const LLAMA_OUTER: Pair[] = [
  ['token_embd', 'model.embed_tokens'],
  ['output_norm', 'model.norm'],
  ['output', 'lm_head'],
];
const LLAMA_INNER: Pair[] = [
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
const GPT2_OUTER: Pair[] = [
  ['token_embd', 'transformer.wte'],
  ['position_embd', 'transformer.wpe'],
  ['output_norm', 'transformer.ln_f'],
  ['output', 'lm_head'],
];
const GPT2_INNER: Pair[] = [
  ['attn_norm', 'ln_1'],
  ['attn_qkv', 'attn.c_attn', 'transposed'],
  ['attn_output', 'attn.c_proj', 'transposed'],
  ['ffn_norm', 'ln_2'],
  ['ffn_up', 'mlp.c_fc', 'transposed'],
  ['ffn_down', 'mlp.c_proj', 'transposed'],
];

const NAMES: Record<'llama' | 'gpt2', { outer: Pair[]; inner: Pair[]; layers: string }> = {
  llama: { outer: LLAMA_OUTER, inner: LLAMA_INNER, layers: 'model.layers' },
  gpt2: { outer: GPT2_OUTER, inner: GPT2_INNER, layers: 'transformer.h' },
};
const tableOf = (architecture: GgufArchitecture): (typeof NAMES)['llama'] =>
  NAMES[architecture === 'gpt2' ? 'gpt2' : 'llama'];

/** Only Llama's own files have Q and K permuted, and only matrices are ever transposed. */
function layoutOf(architecture: GgufArchitecture, layout: Layout | undefined, kind: string): Layout {
  if (layout === 'transposed') return kind === 'weight' ? layout : 'same';
  return architecture === 'llama' ? (layout ?? 'same') : 'same';
}

/** Tensors that only repeat what the metadata says. */
export const isDerived = (name: string): boolean =>
  name === 'rope_freqs.weight' || /^blk\.\d+\.attn_rot_embd\.weight$/.test(name);

/** The Hugging Face name of a GGUF tensor, or null for one that the architecture does not have. */
export function hfName(architecture: GgufArchitecture, name: string): HfName | null {
  const parts = /^(?:blk\.(\d+)\.)?([a-z_]+)\.(weight|bias)$/.exec(name);
  if (!parts) return null;
  const [, layer, stem, kind = ''] = parts;
  const { outer, inner, layers } = tableOf(architecture);
  const pair = (layer === undefined ? outer : inner).find(([gguf]) => gguf === stem);
  if (!pair) return null;
  return {
    name: `${layer === undefined ? '' : `${layers}.${layer}.`}${pair[1]}.${kind}`,
    layout: layoutOf(architecture, pair[2], kind),
  };
}

/** The GGUF name of a Hugging Face tensor (or of a module's part, as `….q_proj.lora_a`), or null. */
export function ggufName(architecture: GgufArchitecture, name: string): HfName | null {
  const { outer, inner, layers } = tableOf(architecture);
  const dot = name.lastIndexOf('.');
  const [module, kind] = [name.slice(0, dot), name.slice(dot + 1)];
  const layer = new RegExp(`^${layers.replaceAll('.', '\\.')}\\.(\\d+)\\.(.+)$`).exec(module);
  const pair = layer ? inner.find(([, hf]) => hf === layer[2]) : outer.find(([, hf]) => hf === module);
  if (!pair) return null;
  return {
    name: `${layer ? `blk.${layer[1] ?? ''}.` : ''}${pair[0]}.${kind}`,
    layout: layoutOf(architecture, pair[2], kind),
  };
}
