/** The parts of a model by their names, as its configuration gives them: for reading files before building. */
import { decoderNamed } from '../domain/architectures';
import type { Slot } from './models/architecture';
import { decoderSpec, encoderSpec } from './models';
import { adaptable } from './nn/weight-packing';
import type { HfConfig } from './types';

export interface Anatomy {
  /** Parameters that a checkpoint must hold. */
  slots: readonly Slot[];
  /** Parameters of heads, which it may hold. */
  heads: readonly Slot[];
  /** What a checkpoint of the bare model leaves out of its names. */
  prefix: string;
  /** Linear layers that LoRA can adapt here. */
  layers: ReadonlySet<string>;
  /** Whether the weights of linear layers are stored [in, out]. */
  fanInFanOut: boolean;
  /** The word embedding, and of a language model the output matrix: the same name where they are one. */
  embeddings: string;
  output: string | null;
}

export function anatomyOf(config: HfConfig): Anatomy {
  if (decoderNamed(config['model_type'])) {
    const spec = decoderSpec(config);
    const { slots, prefix, fanInFanOut, embeddings, output } = spec;
    const layers = new Set(adaptable(spec).map(({ name }) => name));
    return { slots, heads: [], prefix, layers, fanInFanOut, embeddings, output };
  }
  const spec = encoderSpec(config);
  const { slots, prefix, wordTable } = spec;
  const heads = spec.headSlots(1);
  const linear = [...slots, ...heads].filter(
    ({ name, shape }) => shape.length === 2 && name.endsWith('.weight') && !name.includes('embeddings.'),
  );
  const layers = new Set(linear.map(({ name }) => name.replace(/\.weight$/, '')));
  return { slots, heads, prefix, layers, fanInFanOut: false, embeddings: wordTable, output: null };
}
