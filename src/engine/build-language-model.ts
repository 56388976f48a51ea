/** Builds a decoder from a Hugging Face configuration and checkpoint, with LoRA when asked for. */
import { TabtuneError } from '../base/errors';
import { packedBaseProblem, type WritingConfig } from '../domain/language-config';
import type { NamedTensor } from '../formats/tensor';
import { maxTensorBytes } from './backend/backends';
import { checkSizes } from './build-model';
import { CheckpointReader } from './checkpoint-reader';
import { LanguageModel } from './language-model';
import { decoderSpec } from './models';
import type { AdapterPlan } from './adapters/plan';
import { attachLora } from './nn/attach-lora';
import { adaptable, blocksOf, isTransposed, packedBits, slotBytes } from './nn/weight-packing';
import { ParameterStore } from './nn/parameters';
import type { HfConfig } from './types';

export interface LanguageBuildOptions {
  config: HfConfig;
  /** Checkpoint tensors by Hugging Face name. */
  tensors: ReadonlyMap<string, NamedTensor>;
  training: Pick<WritingConfig, 'method' | 'lora' | 'seed' | 'dropout'> &
    Partial<Pick<WritingConfig, 'base' | 'gradientCheckpointing'>>;
  /** An adapter in PEFT names to start from (LoRA only). */
  adapter?: ReadonlyMap<string, NamedTensor>;
  /** Its layers and saved parameters, where they are not those that the settings name. */
  plan?: AdapterPlan;
}

/** The configuration with every dropout rate set to `rate`. */
function withDropout(config: HfConfig, rate: number | null): HfConfig {
  if (rate === null) return config;
  return {
    ...config,
    ...Object.fromEntries(
      ['attention_dropout', 'resid_pdrop', 'embd_pdrop', 'attn_pdrop'].map((field) => [field, rate]),
    ),
  };
}

/**
 * Builds the model on the active backend.
 * @throws `unsupported`, `bad-config`, `bad-model` (naming the tensor), `device` (a parameter too large to bind)
 */
export function buildLanguageModel(options: LanguageBuildOptions): LanguageModel {
  const { config, tensors, training, adapter, plan } = options;
  const { method, lora, seed, base = 'f32', gradientCheckpointing = false } = training;
  const problem = packedBaseProblem({ method, base });
  if (problem) throw new TabtuneError('bad-config', problem);
  const spec = decoderSpec(withDropout(config, training.dropout));
  const reader = new CheckpointReader(tensors, spec.prefix);
  const sharding = { tables: [spec.embeddings, spec.output], most: maxTensorBytes() };
  checkSizes(spec.slots, sharding, (slot) => slotBytes(slot, spec, base));
  const store = new ParameterStore(sharding);
  try {
    for (const slot of spec.slots) {
      const isSaved = method === 'lora' && plan?.saved.has(slot.name) === true;
      const bits = isSaved ? null : packedBits(slot, spec, base);
      if (!bits) store.add(slot.name, slot.shape, reader.values(slot), method === 'full' || isSaved);
      else
        store.addPacked(
          slot.name,
          blocksOf(reader.tensor(slot), bits, isTransposed(slot, spec)),
          isTransposed(slot, spec),
        );
    }
    const scaling = method === 'lora' ? attachLora(store, adaptable(spec), { lora, seed, adapter, plan }) : null;
    return new LanguageModel({ spec, method, parameters: store, lora: scaling, recompute: gradientCheckpointing });
  } catch (error) {
    store.dispose();
    throw error;
  }
}
