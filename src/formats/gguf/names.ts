/** The names of tensors in GGUF beside those of Hugging Face, for the decoders that are read and written. */
import type { DecoderArchitecture } from '../../domain/architectures';
import { GGUF_MODELS } from './models';
import type { Layout } from './models/model';

export interface HfName {
  name: string;
  layout: Layout;
}

/** Only matrices are ever transposed. */
const layoutOf = (layout: Layout = 'same', kind: string): Layout =>
  layout === 'transposed' && kind !== 'weight' ? 'same' : layout;

/** Tensors that only repeat what the metadata says. */
export const isDerived = (name: string): boolean =>
  name === 'rope_freqs.weight' || /^blk\.\d+\.attn_rot_embd\.weight$/.test(name);

/** The Hugging Face name of a GGUF tensor, or null for one that the architecture does not have. */
export function hfName(architecture: DecoderArchitecture, name: string): HfName | null {
  const parts = /^(?:blk\.(\d+)\.)?([a-z_]+)\.(weight|bias)$/.exec(name);
  if (!parts) return null;
  const [, layer, stem, kind = ''] = parts;
  const { outer, inner, layers } = GGUF_MODELS[architecture];
  const pair = (layer === undefined ? outer : inner).find(([gguf]) => gguf === stem);
  if (!pair) return null;
  return {
    name: `${layer === undefined ? '' : `${layers}.${layer}.`}${pair[1]}.${kind}`,
    layout: layoutOf(pair[2], kind),
  };
}

/** The GGUF name of a Hugging Face tensor (or of a module's part, as `….q_proj.lora_a`), or null. */
export function ggufName(architecture: DecoderArchitecture, name: string): HfName | null {
  const { outer, inner, layers } = GGUF_MODELS[architecture];
  const dot = name.lastIndexOf('.');
  const [module, kind] = [name.slice(0, dot), name.slice(dot + 1)];
  const layer = new RegExp(`^${layers.replaceAll('.', '\\.')}\\.(\\d+)\\.(.+)$`).exec(module);
  const pair = layer ? inner.find(([, hf]) => hf === layer[2]) : outer.find(([, hf]) => hf === module);
  if (!pair) return null;
  return { name: `${layer ? `blk.${layer[1] ?? ''}.` : ''}${pair[0]}.${kind}`, layout: layoutOf(pair[2], kind) };
}
