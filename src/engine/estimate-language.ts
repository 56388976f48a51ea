/**
 * Bytes and steps of a run that teaches a decoder, from its configuration and sizes alone: before anything is allocated
 * or even downloaded.
 */
import type { WritingConfig } from '../domain/language-config';
import type { RunEstimate } from './estimate';
import type { NamedTensor } from '../formats/tensor';
import { CheckpointReader } from './checkpoint-reader';
import { CHUNK_VALUES } from './kernels/token-loss/op';
import { slotSize } from './models/architecture';
import { decoderSpec, type KnownDecoder } from './models';
import { targetLayers } from './nn/lora';
import { adaptable, slotBytes } from './nn/weight-packing';
import type { HfConfig } from './types';

type Tensors = ReadonlyMap<string, NamedTensor>;

/** What the bytes of a run depend on. */
export type SizedTraining = Pick<
  WritingConfig,
  'method' | 'lora' | 'base' | 'gradientCheckpointing' | 'batchSize' | 'gradientAccumulation'
>;

interface LanguageMemory {
  /** The weights as they were loaded, packed where they are. */
  base: number;
  /** Adapters, gradients, and AdamW's moments. */
  training: number;
  /** What the layers keep for the gradient, and the most that is computed at once, at the longest batch. */
  activations: number;
}

interface Floats {
  /** Kept of a block for its gradient, a token. */
  kept: number;
  /** Computed in a block, a token, those among them. */
  computed: number;
}

/** Counts the tensors of models/llama.ts and models/gpt2.ts, and what their operations keep. */
function blockFloats(spec: KnownDecoder, { method, lora }: SizedTraining): Floats {
  const { hiddenSize: hidden, intermediateSize: inner } = spec;
  const [queries, keys] = [spec.heads * spec.headSize, spec.keyValueHeads * spec.headSize];
  const layers = adaptable(spec).filter(({ name }) => name.startsWith(`${spec.layer(0)}.`));
  const targets = new Set(
    method === 'lora'
      ? targetLayers(
          layers.map(({ name }) => name),
          lora.targetModules,
        )
      : [],
  );
  const adapted = layers.filter(({ name }) => targets.has(name));
  const total = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0);
  const headNorms = spec.slots.some(({ name }) => name === `${spec.layer(0)}.self_attn.q_norm.weight`)
    ? queries + keys
    : 0;
  const narrow = lora.rank * adapted.length;
  // Layers side by side share their input; what dropout makes of it is not kept, but it is there while an adapter is
  // computed.
  const inputs = 2 * hidden + inner;
  const adapting = Math.max(0, ...adapted.map(({ inputs, out }) => (lora.dropout > 0 ? inputs : 0) + 2 * out));
  const wide = total(layers.filter(({ out }) => out === inner).map(({ out }) => out));
  return {
    kept: 2 * hidden + 2 * (queries + keys) + wide + headNorms + narrow + inputs,
    computed:
      4 * hidden + total(layers.map(({ out }) => out)) + 2 * queries + keys + inner + headNorms + narrow + adapting,
  };
}

/** Bytes of a run at its longest batch. */
function languageMemory(config: HfConfig, training: SizedTraining, longest: number, tensors: Tensors): LanguageMemory {
  const spec = decoderSpec(config);
  const reader = new CheckpointReader(tensors, spec.prefix);
  const { method, base, batchSize, gradientAccumulation, gradientCheckpointing } = training;
  const full = method === 'full';
  const adapters = full ? 0 : adapterSize(spec, training);
  const trained = full ? spec.slots.reduce((sum, slot) => sum + slotSize(slot), 0) : adapters;
  const table = spec.vocabularySize * spec.hiddenSize;
  const tokens = batchSize * longest;
  const { kept, computed } = blockFloats(spec, training);
  const states = tokens * spec.hiddenSize;
  // Logits and their gradient; training in full the gradient of the output matrix, summed over chunks.
  const logits = 2 * Math.min(CHUNK_VALUES, tokens * spec.vocabularySize) + (full ? 2 * table : 0);
  const layers = gradientCheckpointing ? states * spec.layers : tokens * kept * spec.layers;
  const working = tokens * (gradientCheckpointing ? computed : computed - kept);
  const earlier = gradientAccumulation > 1 ? trained : 0;
  const onTheWay = 4 * states + layers + Math.max(logits, working) + earlier;
  const atTheEnd = (gradientAccumulation > 1 ? 3 : 1) * trained + (full && spec.output === spec.embeddings ? table : 0);
  return {
    base: spec.slots.reduce((sum, slot) => sum + slotBytes(slot, spec, base, reader.find(slot.name)), 0),
    training: 4 * (adapters + 2 * trained),
    activations: 4 * Math.max(onTheWay, atTheEnd),
  };
}

function adapterSize(spec: KnownDecoder, { lora }: SizedTraining): number {
  const layers = adaptable(spec);
  const targets = new Set(
    targetLayers(
      layers.map(({ name }) => name),
      lora.targetModules,
    ),
  );
  return layers
    .filter(({ name }) => targets.has(name))
    .reduce((sum, { inputs, out }) => sum + lora.rank * (inputs + out), 0);
}

/**
 * @param longest of the rows, in tokens
 * @param tensors the checkpoint's, of which those that the file packs in fewer bits than asked for stay so; without
 * them none does
 */
export function estimateLanguageMemory(
  config: HfConfig,
  training: SizedTraining & Pick<WritingConfig, 'epochs'>,
  longest: number,
  rows: number,
  tensors: Tensors = new Map(),
): RunEstimate {
  const spec = decoderSpec(config);
  const { base, training: trained, activations } = languageMemory(config, training, longest, tensors);
  const size = spec.slots.reduce((sum, slot) => sum + slotSize(slot), 0);
  const adapters = training.method === 'lora' ? adapterSize(spec, training) : 0;
  const steps = Math.ceil(Math.ceil(rows / training.batchSize) / training.gradientAccumulation) * training.epochs;
  return {
    parameters: size + adapters,
    trainableParameters: adapters || size,
    bytes: base + trained + activations,
    steps,
  };
}
